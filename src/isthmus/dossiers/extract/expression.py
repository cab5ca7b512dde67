"""What the tagger hands out: an expression of time, where it stands, what it means, and how sure that is."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from isthmus.dossiers.extract.moments import Unit


class Kind(StrEnum):
    """TIMEX3's four types. Only DATE and TIME stand on a calendar; a DURATION or a SET never makes an entry."""

    DATE = "DATE"
    TIME = "TIME"
    DURATION = "DURATION"
    SET = "SET"


class Grade(StrEnum):
    """How the date was found. The first two may be shown unattended, the others wait for an editor."""

    STATED = "stated"  # the words name the year themselves
    FROM_PUBLICATION = "publication"  # worked out from the day of publication
    FROM_TEXT = "text"  # worked out from another date in the text
    APPROXIMATE = "approximate"  # the words do not say exactly: "a few weeks later"


class Modality(StrEnum):
    """What the sentence says of the happening the date belongs to."""

    HAPPENED = "happened"
    SAID = "said"
    ANNOUNCED = "announced"
    THREATENED = "threatened"
    DENIED = "denied"
    EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression of time.

    start, end: offsets in characters of the text, end exclusive; `quote` is what stands there.
    interval: the first day and the day after the last; None where the words name no stretch of the calendar, or none
        between the years 1 and 9998.
    precision: how long the stretch is, a month, a day; None without an interval.
    edtf: ISO 8601-2, with ~ where approximate and .. for an open end; empty without a calendar meaning.
    grade: None where there is no interval.
    value, mod: TIMEX3's attributes.
    anchor: the date it was worked out from, as EDTF; empty if the words suffice.
    rule: which rule read it, for the table of reasons.
    """

    start: int
    end: int
    quote: str
    kind: Kind
    value: str
    interval: tuple[date, date] | None
    precision: Unit | None
    edtf: str
    grade: Grade | None
    modality: Modality
    mod: str = ""
    anchor: str = ""
    rule: str = ""
