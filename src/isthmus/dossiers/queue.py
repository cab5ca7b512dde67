"""What waits for an editor: entries in the order of their texts, which are next, how many are done, what is alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from isthmus.dossiers import merging, standing
from isthmus.dossiers.actions.rulings import DECIDES, happenings_of
from isthmus.dossiers.models import Mention, Occurrence, OccurrenceSubject, Relation, Ruling, Subject

Entry: TypeAlias = Occurrence | Relation
About, What = Ruling.About, Ruling.What

UNATTENDED = sorted(standing.UNATTENDED)
GRADES = {
    "": "Waiting for an editor",
    "text": "Worked out from another date",
    "approximate": "Approximate",
    "publication": "Worked out from the day of publication",
    "stated": "Stated in full",
    "all": "All entries",
}
ANYBODY = "*"
"""No subject's address, since it holds a sign that none has."""
# Entries that are compared with the one that is looked at.
_MAX_COMPARED = 80


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an editor chose to look at. subject: slug, or `ANYBODY`, empty for open dossiers; grade: of GRADES."""

    about: str = str(About.OCCURRENCE)
    subject: str = ""
    grade: str = ""

    @property
    def query(self) -> str:
        """As the address has it, without a question mark; empty for everything that waits."""
        chosen = {"about": self.about if self.about != About.OCCURRENCE else "", "subject": self.subject}
        return urlencode({name: value for name, value in {**chosen, "grade": self.grade}.items() if value})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the queue is."""

    n_decided: int
    n_all: int

    @property
    def n_waiting(self) -> int:
        """How many are left."""
        return self.n_all - self.n_decided


def wanted(asked: Any) -> Wanted:
    """What the fields of an address say; what is unknown is as if it were not there."""
    about, grade = asked.get("about", ""), asked.get("grade", "")
    return Wanted(
        about if about in About.values else str(About.OCCURRENCE),
        asked.get("subject", "")[:200].replace("\x00", ""),
        grade if grade in GRADES else "",
    )


def entry(about: str, key: str) -> Entry | None:
    """The entry of that key, if it still stands on a sentence."""
    return _model(about).objects.select_related("text__publication").filter(key=key).first()


def newest(about: str, key: str) -> Ruling | None:
    """The newest ruling about it, merging too."""
    return Ruling.objects.filter(about=about, key=key).select_related("by").first()


def progress(asked: Wanted) -> Progress:
    """How many of these are decided, of how many."""
    n_all = _rows(asked).count()
    return Progress(n_all - _waiting(asked).count() if n_all else 0, n_all)


def first(asked: Wanted) -> Entry | None:
    """The first that waits."""
    return _waiting(asked).order_by(*_order(asked)).first()


def following(asked: Wanted, here: Entry, *, only_waiting: bool = False) -> Entry | None:
    """The one after this in the order of the queue; the first that waits again where none comes after."""
    rows = (_waiting(asked) if only_waiting else _rows(asked)).filter(_beyond(asked, here, "gt"))
    found: Entry | None = rows.order_by(*_order(asked)).first()
    return found or (_waiting(asked).exclude(pk=here.pk).order_by(*_order(asked)).first() if only_waiting else None)


def before(asked: Wanted, here: Entry) -> Entry | None:
    """The one before this, decided or not."""
    backwards = [f"-{name}" for name in _order(asked)]
    found: Entry | None = _rows(asked).filter(_beyond(asked, here, "lt")).order_by(*backwards).first()
    return found


def alike(here: Occurrence, subjects: frozenset[int]) -> list[Occurrence]:
    """Entries that may tell of the same happening, the likeliest first, without those it is told with already."""
    overlap = Q(first_on__lt=here.before_on, before_on__gt=here.first_on, subjects__in=subjects)
    rows = Occurrence.objects.filter(overlap).exclude(key=here.key).order_by("pk").distinct()
    near = {row.key: row for row in rows.select_related("text__publication")[:_MAX_COMPARED]}
    held = standing.standings(Ruling.objects.filter(about=About.OCCURRENCE, key__in=list(near)))
    own = happenings_of([here.key]).get(here.key)
    there = [
        row
        for key, row in near.items()
        if (ruled := held.get(key, standing.NOTHING_DECIDED)).what != What.REFUSED
        and not (own and ruled.happening == own)
    ]
    told = {row.key: _told(row, numbers) for row, numbers in _with_subjects(there)}
    return [near[key] for key in merging.proposed(_told(here, subjects), told.values())]


def told_with(here: Occurrence) -> list[Occurrence]:
    """The others that are told as one with it, in the order of days."""
    happening = happenings_of([here.key]).get(here.key)
    if not happening:
        return []
    once = Ruling.objects.filter(about=About.OCCURRENCE, happening=happening).values_list("key", flat=True)
    keys = [key for key, name in happenings_of(set(once)).items() if name == happening and key != here.key]
    return list(Occurrence.objects.filter(key__in=keys).select_related("text__publication"))


def named_in(here: Entry) -> list[tuple[Subject, bool, bool]]:
    """Subjects the text names: each with whether this sentence names it, and whether surely; the sentence's first."""
    found: dict[int, tuple[Subject, bool, bool]] = {}
    for mention in Mention.objects.filter(text=here.text_id).select_related("subject").order_by("start"):
        is_here = mention.sentence_start == here.sentence_start
        _, was_here, was_sure = found.get(mention.subject_id, (None, False, False))
        found[mention.subject_id] = (
            mention.subject, is_here or was_here, (mention.is_sure and is_here) or was_sure
        )  # fmt: skip
    return sorted(found.values(), key=lambda one: not one[1])


def n_waiting() -> int:
    """How many occurrences of open dossiers wait for an editor."""
    return _waiting(Wanted()).count()


def _model(about: str) -> Any:
    return Relation if about == About.RELATION else Occurrence


def _order(asked: Wanted) -> Sequence[str]:
    return ("text_id", "sentence_start", "pk")


def _beyond(asked: Wanted, here: Entry, side: str) -> Q:
    at = Q(text_id=here.text_id)
    return (
        Q(**{f"text_id__{side}": here.text_id})
        | at & Q(**{f"sentence_start__{side}": here.sentence_start})
        | at & Q(sentence_start=here.sentence_start, **{f"pk__{side}": here.pk})
    )


def _rows(asked: Wanted) -> QuerySet[Any]:
    """Everything that fits, decided or not: entries in which somebody of the vocabulary is named."""
    return _related(asked) if asked.about == About.RELATION else _occurred(asked)


def _occurred(asked: Wanted) -> QuerySet[Any]:
    """Entries whose sentence names somebody, surely or not.

    Both are read from the side of who is named: asking each of 100,000 entries took seconds.
    """
    sure = OccurrenceSubject.objects.filter(subject__in=_about(asked)).order_by()
    unsure = Mention.objects.filter(subject__in=_about(asked), is_sure=False).order_by()
    here = unsure.filter(text=OuterRef("text"), sentence_start=OuterRef("sentence_start"))
    is_unsure = Q(text__in=unsure.values("text")) & Q(Exists(here))
    rows = Occurrence.objects.filter(Q(pk__in=sure.values("occurrence")) | is_unsure).order_by()
    if asked.grade == "":
        return rows.filter(~Q(grade__in=UNATTENDED) | Q(is_carried=True) | is_unsure)
    return rows if asked.grade == "all" else rows.filter(grade=asked.grade)


def _about(asked: Wanted) -> QuerySet[Subject]:
    subjects = Subject.objects.order_by()
    if asked.subject == ANYBODY:
        return subjects
    return subjects.filter(slug=asked.subject) if asked.subject else subjects.filter(is_open=True)


def _related(asked: Wanted) -> QuerySet[Any]:
    subjects = _about(asked)
    rows = Relation.objects.order_by().filter(Q(actor__in=subjects) | Q(towards__in=subjects))
    if asked.grade == "":
        return rows.exclude(grade="").exclude(grade__in=UNATTENDED)
    return rows if asked.grade == "all" else rows.filter(grade=asked.grade)


def _waiting(asked: Wanted) -> QuerySet[Any]:
    """Those nobody decided about, or whose decision was taken back."""
    decided = Ruling.objects.filter(about=asked.about, key=OuterRef("key"), what__in=DECIDES).order_by("-id")
    rows = _rows(asked).annotate(decided=Subquery(decided.values("what")[:1]))
    return rows.filter(Q(decided__isnull=True) | Q(decided=What.WITHDRAWN))


def _with_subjects(rows: Sequence[Occurrence]) -> list[tuple[Occurrence, frozenset[int]]]:
    links = Occurrence.subjects.through.objects.filter(occurrence__in=[row.pk for row in rows])
    found: dict[int, set[int]] = {}
    for occurrence, subject in links.values_list("occurrence_id", F("subject_id")):
        found.setdefault(occurrence, set()).add(subject)
    return [(row, frozenset(found.get(row.pk, ()))) for row in rows]


def _told(row: Occurrence, subjects: frozenset[int]) -> merging.Told:
    place = (row.text_id, row.sentence_start)
    return merging.Told(row.key, row.first_on, row.before_on, subjects, row.sentence, place)
