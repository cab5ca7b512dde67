"""Durations and sets: how long and how often. They have no place on a calendar; a few name one in passing."""

import re

from isthmus.dossiers.extract.expression import Grade, Kind
from isthmus.dossiers.extract.moments import Unit, containing, moved
from isthmus.dossiers.extract.reading import Head, Place, Reading, Rule, unresolved
from isthmus.dossiers.extract.words import PARTS, SEASONS, amount, month_of, pattern, unit_of, weekday_of

_AHEAD = {"D": Unit.DAY, "W": Unit.WEEK, "M": Unit.MONTH, "Y": Unit.YEAR}
_YEARS_LONG = {"E": 10, "C": 100, "L": 1000}
# What halves of a unit are told in, and how many of those make one.
_SMALLER = {"Y": (12, "M"), "TH": (60, "M"), "TM": (60, "S")}


def length_value(number: float | None, letter: str) -> str:
    """TIMEX3's `P3D`, `PT2H`, `P20Y` for two decades, `PXW` for an unknown number of weeks."""
    if letter in ("F", "K"):
        number, letter = (number * 2 if number is not None and letter == "F" else number), "W" if letter == "F" else "D"
        number = 2 if letter == "D" else number
    if letter in _YEARS_LONG and number is not None:
        number, letter = number * _YEARS_LONG[letter], "Y"
    letter = "Y" if letter == "E" else letter
    if letter in ("Q", "S", "H") and (letter != "Q" or number is not None):
        number, letter = (number * (6 if letter == "H" else 3) if number is not None else None), "M"
    letter = "D" if letter == "N" else letter
    mark = "PT" if letter.startswith("T") else "P"
    name = letter.removeprefix("T")
    if number is None:
        return f"{mark}X{name}"
    if number != int(number) and letter in _SMALLER:
        n_smaller, smaller = _SMALLER[letter]
        whole, rest = int(number), round((number - int(number)) * n_smaller)
        return mark + (f"{whole}{name}" if whole else "") + f"{rest}{smaller}"
    return f"{mark}{number:g}{name}"


_AGE_AFTER = re.compile(r"(?i)[\s-](?:old|of age|his junior|her senior|younger|older)\b")
_RATE_BEFORE = re.compile(
    r"(?i)(?:(?:[$£€¥]\s?[\d.,]+|\d|percent|%|cents|dollars|million|billion|thousand|times|once|twice|"
    r"barrels|hours|days|tons|people|visitors|units|vehicles|cars|passengers|pounds|bushels|rate of)\s{1,2})$"
)


def _is_title(unit: str, place: Place) -> bool:
    """Whether a name is made of the length, "the Seven Years' War", "60 Minutes", and not a headline in capitals."""
    words = place.text[place.found.start : place.found.end]
    return unit[0].isupper() and not words.isupper() and len(words.split()) > 1


# "She hoped that he would one day return": a verb to come, and no preposition that measures.
_SOME_DAY = re.compile(
    r"(?i)\b(?:will|would|could|might|may|can|shall|hopes?|hoped|hoping|dreams?|dreamed|dreamt)\b(?:(?![.,;]).){0,28}"
    r"(?<!\bby)(?<!\bfor)(?<!\bin)(?<!\bonly)(?<!\bjust)(?<!\blast)(?<!\btake)(?<!\bof)(?<!\bthan)(?<!\bleast)\s$",
    re.DOTALL,
)


def _is_fraction(parts: dict[str, str], place: Place) -> bool:
    """`three quarters of the town`, but not `several quarters of losses`."""
    words = parts.get("number", "")
    is_counted = amount(words) is not None or words.lower() in ("a", "an", "the", "one")
    return is_counted and bool(re.match(r"\s(?:of|century)\b", place.trail(10)))


def _is_one_day(parts: dict[str, str]) -> bool:
    return parts.get("number", "").lower() == "one" and parts["unit"].lower() == "day"


def _length(parts: dict[str, str], place: Place) -> Reading | None:
    if _AGE_AFTER.match(place.trail(12)) or "age " in place.lead(8):
        return None
    if _is_one_day(parts) and _SOME_DAY.search(place.lead(40)):
        return unresolved(Kind.DATE, "FUTURE_REF")
    if parts["unit"].lower().startswith("quarter") and _is_fraction(parts, place):
        return None
    if _is_title(parts["unit"], place):
        return None
    words = parts.get("most") or parts.get("number", "")
    letter = unit_of(parts["unit"])
    if re.fullmatch(r"(?i)an?|one|the", words):
        number: float | None = 1
        if words.lower() in ("a", "an") and _RATE_BEFORE.search(place.lead(24)):
            return unresolved(Kind.SET, length_value(1, letter))
        if words.lower() == "a" and letter == "TS":
            return None
    else:
        number = amount(words)
    if "half" in parts:
        number = (number or 1) + 0.5
    return _to_come(number, letter, place) or unresolved(Kind.DURATION, length_value(number, letter))


_IN = re.compile(r"(?i)\b(?:in\s.{7}|within\s?)$", re.DOTALL)
_AT_MOST = re.compile(r"(?i)(?:less|fewer|no more|not more) than|within|under|at most|up to")
_SENTENCE_END = re.compile(r"[.!?]\s")
_WILL = re.compile(r"(?i)\b(?:will|shall|is to|are to|is due|are due|is scheduled|is expected)\b")


def _to_come(number: float | None, letter: str, place: Place) -> Reading | None:
    """`in less than ten months the country will vote`: a length to the scorers, to readers also a last day."""
    published, unit = place.anchors.published, _AHEAD.get(letter)
    if number is None or unit is None or published is None or number != int(number) or number > 200:
        return None
    around = _SENTENCE_END.split(place.lead(40))[-1] + _SENTENCE_END.split(place.trail(40))[0]
    head = place.lead(8) + place.text[place.found.start : place.found.start + 7]
    if place.anchors.tale or not _IN.search(head) or not _WILL.search(around):
        return None
    value, last = length_value(number, letter), moved(published, unit, int(number))
    if _AT_MOST.match(place.text, place.found.start, place.found.end):
        return Reading(Kind.DURATION, value, None, Grade.FROM_PUBLICATION, "BEFORE", (published, last), names=False)
    within = containing(unit, last)
    return Reading(Kind.DURATION, value, None, Grade.APPROXIMATE, spread=(within.first, within.last), names=False)


def _quarter_century(parts: dict[str, str], place: Place) -> Reading | None:
    return unresolved(Kind.DURATION, "P25Y")


def _attributive(parts: dict[str, str], place: Place) -> Reading | None:
    """`a two-week trip`, `the 30-year bond`; not an age and not `first-quarter`."""
    if _AGE_AFTER.match(place.trail(12)):
        return None
    number = 1 if parts["number"].lower() in ("a", "an") else amount(parts["number"])
    return unresolved(Kind.DURATION, length_value(number, unit_of(parts["unit"])))


def _rate(parts: dict[str, str], place: Place) -> Reading | None:
    return unresolved(Kind.SET, length_value(1, unit_of(parts["unit"])))


_BARE_BEFORE = re.compile(
    r"(?i)\b(?:for|in|over|within|after|of|during|through|lasted|take|takes|took|the|recent|these|those|many"
    r"|spent|spend|spending|past|coming|two|next|last|next few|or)\s$"
)


# "In the years 1941 and 1942": the years tell the time.
_DATED = re.compile(r"\s\d{4}\b")


def _bare(parts: dict[str, str], place: Place) -> Reading | None:
    """`for weeks`, `in recent years`: a length without a number."""
    if (
        _DATED.match(place.trail(6))
        or _AGE_AFTER.match(place.trail(12))
        or not ("lead" in parts or _BARE_BEFORE.search(place.lead(12)))
    ):
        return None
    return unresolved(Kind.DURATION, length_value(None, unit_of(parts["unit"])))


def _every(parts: dict[str, str], place: Place) -> Reading | None:
    if "weekday" in parts:
        part = f"T{PARTS[parts['part'].lower()]}" if parts.get("part", "").lower() in PARTS else ""
        return unresolved(Kind.SET, f"XXXX-WXX-{weekday_of(parts['weekday'])}{part}")
    if "month" in parts:
        return unresolved(Kind.SET, f"XXXX-{month_of(parts['month']):02}")
    if "season" in parts:
        return unresolved(Kind.SET, f"XXXX-{SEASONS[parts['season'].lower()]}")
    if "day" in parts:
        return unresolved(Kind.SET, f"XXXX-XX-XXT{PARTS[parts['day'].lower()]}")
    number = 2 if "other" in parts else amount(parts.get("number", "")) or 1
    letter = unit_of(parts["unit"])
    return unresolved(Kind.SET, "P1Q" if letter == "Q" and number == 1 else length_value(number, letter))


OFTEN = {
    "hourly": "PT1H", "daily": "P1D", "nightly": "P1D", "weekly": "P1W", "biweekly": "P2W", "monthly": "P1M",
    "yearly": "P1Y", "annually": "P1Y", "semiannually": "P6M", "biennially": "P2Y",
}  # fmt: skip


def _often(parts: dict[str, str], place: Place) -> Reading | None:
    return unresolved(Kind.SET, OFTEN[parts["often"].lower()])


def _weekdays(parts: dict[str, str], place: Place) -> Reading | None:
    part = f"T{PARTS[parts['part'].lower()]}" if "part" in parts else ""
    return unresolved(Kind.SET, f"XXXX-WXX-{weekday_of(parts['weekday'])}{part}")


_REACH = (
    "(?:last|past|next|coming|first|final|following|previous|preceding|ensuing|recent|these|those|initial"
    "|intervening|closing|opening)"
)
RULES = (
    Rule(
        "length",
        Head.UNIT,
        pattern(
            rf"(?:the )?(?:{_REACH} )?(?:{{ABOUT}} )?(?P<number>{{NUMBER}}|{{VAGUE}})(?: additional| more| or "
            rf"(?:two|three|four|more)| to (?P<most>{{NUMBER}})| straight)?"
            r" (?P<unit>{UNITS})(?P<half> and a half)?(?: or so)?(?!-|{APOSTROPHE}s)"
        ),
        _length,
    ),
    Rule(
        "quarter-century",
        Head.UNIT,
        pattern(rf"(?:the |a )?(?:{_REACH} )?quarter(?: |-)(?:of a )?century"),
        _quarter_century,
    ),
    Rule(
        "reach",
        Head.UNIT,
        pattern(rf"(?:the )?{_REACH} (?P<number>{{NUMBER}}|{{VAGUE}}) (?P<unit>{{UNITS}})"),
        _length,
    ),
    Rule(
        "attributive",
        Head.UNIT,
        pattern(
            r"(?P<number>{NUMBER}|several|multi)(?: |-)(?P<unit>second|minute|hour|day|week|month|year|decade"
            r"|century|quarter)(?:-long)?(?!s)"
        ),
        _attributive,
    ),
    Rule(
        "long",
        Head.UNIT,
        pattern(r"(?P<unit>(?:hour|day|week|month|year|decade)s?|century|centuries)(?: |-)long"),
        lambda parts, place: unresolved(
            Kind.DURATION, length_value(None if parts["unit"].endswith("s") else 1, unit_of(parts["unit"]))
        ),
    ),
    Rule(
        "bare-length",
        Head.UNIT,
        pattern(
            r"(?:(?P<lead>recent|(?:the )?(?:coming|following|ensuing|next|last|past|previous|preceding|final"
            r"|closing|early|first|intervening|subsequent)|these past|many|several) )?(?P<unit>minutes|hours"
            r"|days|weeks|months|years|quarters|decades|centuries)(?: (?:and|or) (?:minutes|hours|days|weeks"
            r"|months|years|decades|centuries))?"
        ),
        _bare,
    ),
    Rule(
        "every",
        Head.UNIT | Head.WEEKDAY | Head.MONTH | Head.SEASON | Head.PART,
        pattern(
            r"(?:every|each)(?: (?P<other>other))?(?: (?P<number>{NUMBER}))? (?:(?P<weekday>{LONGDAY})"
            r"(?: (?P<part>{PART}))?|(?P<month>{MONTH})"
            r"|(?P<season>{SEASON})|(?P<day>morning|afternoon|evening|night)|(?P<unit>{UNITS}))(?! of the "
            r"(?:past|last|next))"
        ),
        _every,
    ),
    Rule("often", Head.OFTEN, pattern(f"(?P<often>{'|'.join(OFTEN)})"), _often),
    Rule(
        "weekdays",
        Head.WEEKDAY,
        pattern(r"(?P<weekday>{LONGDAY})s|(?P<weekday2>{LONGDAY}) (?P<part>morning|afternoon|evening|night)s"),
        lambda parts, place: _weekdays({name.rstrip("2"): words for name, words in parts.items()}, place),
    ),
    Rule(
        "rate",
        Head.UNIT,
        pattern(r"(?:per|a) (?P<unit>hour|day|week|month|year)"),
        lambda parts, place: _rate(parts, place) if _RATE_BEFORE.search(place.lead(24)) else None,
    ),
)
