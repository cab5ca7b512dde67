"""Reads across rows for the public pages. Every one starts from the gate, from open dossiers and from what was ruled.

An entry is read in two steps: what decides and orders, for all there are; sentence and source, for those shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nlargest
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from isthmus.dossiers import standing
from isthmus.dossiers.asked import Asked
from isthmus.dossiers.models import Mention, MinedText, Occurrence, OccurrenceSubject, Relation, Ruling, Subject
from isthmus.kit import collecting
from isthmus.publications import listed, visibility
from isthmus.publications.models import Publication

_LIGHT = (
    "pk", "key", "text_id", "sentence_start", "start", "first_on", "before_on", "precision", "edtf", "grade",
    "modality", "is_carried",
)  # fmt: skip
_OF_PIECE = (
    "text_id", "text__publication__title", "text__publication__slug", "text__publication__series__slug",
    "text__publication__language", "text__publication__released_at", "text__published_on",
)  # fmt: skip
MAX_PIECES = 12
MAX_NAMED = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """A public occurrence as it holds now, corrections put in. subjects: open ones, by number.

    sentence, start: where its sentence and its words begin. before_on: the day after the last. happening: the entries
    it is told with, empty for none.
    """

    pk: int
    key: str
    text: int
    sentence: int
    start: int
    first_on: date
    before_on: date
    precision: str
    edtf: str
    grade: str
    modality: str
    subjects: frozenset[int]
    happening: str
    decided: str

    @property
    def order(self) -> tuple[Any, ...]:
        """Where it stands among others: by its stretch, ties by the order of the text."""
        return self.first_on, self.before_on, self.text, self.start, self.key


@dataclass(frozen=True, slots=True)
class Act:
    """A public relation as it holds now: one subject's act or word towards the other. is_dated: by its own date."""

    pk: int
    key: str
    text: int
    actor: int
    towards: int
    first_on: date
    before_on: date
    edtf: str
    tone: str
    is_dated: bool
    decided: str

    @property
    def order(self) -> tuple[Any, ...]:
        """In time, ties by text and key."""
        return self.first_on, self.before_on, self.text, self.key


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """The texts a page was made from. n_foreign: in other languages than English."""

    n_texts: int
    first_on: date | None
    last_on: date | None
    n_unresolved: int
    n_foreign: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A subject with its public entries: how many, and when the first and the last begin."""

    subject: Subject
    n: int
    first_on: date | None
    last_on: date | None


def open_subjects() -> dict[int, Subject]:
    """Subjects whose dossier is public, by number, in the order of names."""
    return {row.pk: row for row in Subject.objects.filter(is_open=True).order_by("name", "pk")}


def has_open() -> bool:
    """Whether there is any public dossier."""
    return Subject.objects.filter(is_open=True).exists()


def now_at(slug: str) -> str | None:
    """The slug of the open subject that once had this one; None for none."""
    rows = Subject.objects.filter(old_addresses__slug=slug, is_open=True)
    return rows.values_list("slug", flat=True).first()


def entries(asked: Asked, opened: Mapping[int, Subject]) -> list[Entry]:
    """Every public entry that fits what was asked, in order; four queries, five with a category.

    opened: what `open_subjects` gave. A slug of no open subject finds nothing.
    """
    wanted = _numbers(asked.subjects, opened)
    if wanted is None or not opened:
        return []
    corrected = _subjects_ruled(opened)
    rows = _candidates(asked, wanted, corrected)
    about = _subjects_of(rows)
    held = standing.standings(_rulings(rows, Ruling.About.OCCURRENCE))
    found = [
        entry
        for row in rows.values_list(*_LIGHT)
        if (entry := _entry(row, held, about, corrected)) and wanted <= entry.subjects and _in_years(entry, asked)
    ]
    return _told_once(sorted(found, key=lambda entry: entry.order))


def _told_once(found: Iterable[Entry]) -> list[Entry]:
    """Without entries that nobody looked at and that say the same by the same sentence, which names a year twice."""
    kept: dict[object, Entry] = {}
    for one in found:
        said = (one.text, one.sentence, one.first_on, one.before_on)
        kept.setdefault(one.key if one.decided or one.happening else said, one)
    return list(kept.values())


def _numbers(slugs: Iterable[str], opened: Mapping[int, Subject]) -> set[int] | None:
    by_slug = {subject.slug: number for number, subject in opened.items()}
    numbers = {by_slug.get(slug) for slug in slugs}
    return None if None in numbers else {number for number in numbers if number}


def _subjects_ruled(opened: Mapping[int, Subject]) -> dict[str, frozenset[int]]:
    """For each occurrence of which a correction names the subjects: the open ones among them."""
    by_slug = {subject.slug: number for number, subject in opened.items()}
    rows = Ruling.objects.filter(
        about=Ruling.About.OCCURRENCE, what=Ruling.What.CORRECTED, values__has_key="subjects"
    ).order_by("pk")
    return {
        key: frozenset(by_slug[slug] for slug in values["subjects"] if slug in by_slug)
        for key, values in rows.values_list("key", "values")
    }


def _candidates(asked: Asked, wanted: Collection[int], corrected: Mapping[str, frozenset[int]]) -> QuerySet[Occurrence]:
    rows = Occurrence.objects.filter(text__in=_texts(asked)).order_by()
    for number in wanted or ():
        ruled = [key for key, subjects in corrected.items() if number in subjects]
        named = OccurrenceSubject.objects.filter(subject=number).values("occurrence")
        rows = rows.filter(Q(pk__in=named) | Q(key__in=ruled))
    if not wanted:
        named = OccurrenceSubject.objects.filter(subject__is_open=True).values("occurrence")
        rows = rows.filter(Q(pk__in=named) | Q(key__in=[key for key, subjects in corrected.items() if subjects]))
    return rows


def _texts(asked: Asked) -> QuerySet[MinedText]:
    """The visible texts that may be read for this; an undated one was known on no day."""
    texts = MinedText.objects.filter(publication__in=_pieces(asked.category).order_by().values("pk")).order_by()
    return texts.filter(published_on__lte=asked.as_of) if asked.as_of else texts


def _pieces(category: str) -> QuerySet[Publication]:
    if not category:
        return visibility.publications()
    axis, _, slug = category.partition("/")
    row = visibility.categories().filter(axis__slug=axis, slug=slug).first()
    return listed.rows_of(row.subject) if row else Publication.objects.none()


def _subjects_of(rows: QuerySet[Occurrence]) -> dict[int, set[int]]:
    links = OccurrenceSubject.objects.filter(occurrence__in=rows.values("pk"), subject__is_open=True)
    about: dict[int, set[int]] = {}
    for occurrence, subject in links.values_list("occurrence_id", "subject_id"):
        about.setdefault(occurrence, set()).add(subject)
    return about


def _rulings(rows: QuerySet[Any], about: Ruling.About) -> QuerySet[Ruling]:
    return Ruling.objects.filter(about=about, key__in=rows.values("key"))


def _entry(
    row: tuple[Any, ...],
    held: Mapping[str, standing.Standing],
    about: Mapping[int, set[int]],
    corrected: Mapping[str, frozenset[int]],
) -> Entry | None:
    pk, key, text, sentence, start, first_on, before_on, precision, edtf, grade, modality, is_carried = row
    ruled = held.get(key, standing.NOTHING_DECIDED)
    if not ruled.may_be_shown(grade, is_carried=is_carried):
        return None
    says = ruled.values
    first_on, before_on = _stretch(says, first_on, before_on)
    named = corrected.get(key, frozenset()) if "subjects" in says else frozenset(about.get(pk, ()))
    if not named:
        # An editor gave it to others, whose dossiers are closed.
        return None
    return Entry(
        pk, key, text, sentence, start, first_on, before_on, str(says.get("precision", precision)),
        str(says.get("edtf", edtf)), grade, str(says.get("modality", modality)), named, ruled.happening, ruled.what,
    )  # fmt: skip


def _stretch(says: Mapping[str, Any], first_on: date, before_on: date) -> tuple[date, date]:
    if says.get("first_on") and says.get("before_on"):
        return date.fromisoformat(says["first_on"]), date.fromisoformat(says["before_on"])
    return first_on, before_on


def _in_years(entry: Entry | Act, asked: Asked) -> bool:
    """Whether any day of the stretch lies in the years that were asked for."""
    if asked.first_year and entry.before_on <= date(asked.first_year, 1, 1):
        return False
    return not asked.last_year or entry.first_on.year <= asked.last_year


def acts(one: Subject, other: Subject, asked: Asked) -> list[Act]:
    """What each of two open subjects did or said towards the other, both ways, in order; four queries."""
    between = Q(actor=one.pk, towards=other.pk) | Q(actor=other.pk, towards=one.pk)
    rows = Relation.objects.filter(between, text__in=_texts(asked)).order_by()
    held = standing.standings(_rulings(rows, Ruling.About.RELATION))
    columns = (
        "pk", "key", "text_id", "actor_id", "towards_id", "first_on", "before_on", "edtf", "grade", "tone",
        "text__published_on",
    )  # fmt: skip
    wrong = _days_refused(rows)
    found = [
        act
        for row in rows.values_list("sentence_start", *columns)
        if (act := _act(row[1:], held)) and _in_years(act, asked) and (act.text, row[0], act.first_on) not in wrong
    ]
    return sorted(found, key=lambda act: act.order)


def _days_refused(rows: QuerySet[Relation]) -> set[tuple[int, int, date]]:
    """Text, sentence and first day of refused occurrences: what a sentence does not tell of that day, no act does."""
    texts = Occurrence.objects.filter(text__in=rows.values("text")).order_by()
    refused = Ruling.objects.filter(about=Ruling.About.OCCURRENCE, what=Ruling.What.REFUSED).values("key")
    ruled = texts.filter(key__in=refused)
    held = standing.standings(Ruling.objects.filter(about=Ruling.About.OCCURRENCE, key__in=ruled.values("key")))
    found = ruled.values_list("key", "text_id", "sentence_start", "first_on")
    return {(text, at, day) for key, text, at, day in found if held[key].what == Ruling.What.REFUSED}


def _act(row: tuple[Any, ...], held: Mapping[str, standing.Standing]) -> Act | None:
    pk, key, text, actor, towards, first_on, before_on, edtf, grade, tone, published_on = row
    ruled = held.get(key, standing.NOTHING_DECIDED)
    is_dated = first_on is not None or "first_on" in ruled.values
    if not is_dated:
        # It stands by the day of publication, which is as sure as a date that is worked out from it.
        grade = "publication"
        first_on = published_on
    if first_on is None or not ruled.may_be_shown(grade):
        return None
    before_on = before_on or date.fromordinal(first_on.toordinal() + 1)
    first_on, before_on = _stretch(ruled.values, first_on, before_on)
    says = ruled.values
    return Act(
        pk, key, text, actor, towards, first_on, before_on, str(says.get("edtf", edtf)), str(says.get("tone", tone)),
        is_dated, ruled.what,
    )  # fmt: skip


def occurrence_rows(numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Sentence, words and source of these occurrences; one query."""
    columns = ("pk", "sentence", "sentence_start", "start", "quote", "anchor", "rule", "is_carried", *_OF_PIECE)
    return _noted(Occurrence.objects.filter(pk__in=list(numbers)).order_by().values(*columns))


def relation_rows(numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Sentence, verb and source of these relations; one query."""
    columns = ("pk", "sentence", "verb", "is_negated", "is_quoted", "modality", *_OF_PIECE)
    return _noted(Relation.objects.filter(pk__in=list(numbers)).order_by().values(*columns))


def _noted(rows: Iterable[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """By number. What a page shows of pieces in this way are no rows of the ORM, and noted by hand."""
    found = {row["pk"]: row for row in rows}
    collecting.note(*(f"pub:{row['text_id']}" for row in found.values()))
    return found


def newest(found: Iterable[Entry], asked: Asked, *, n: int) -> set[int]:
    """The numbers of the `n` entries whose texts were released last, of equals those dated last; one query."""
    released = dict(_texts(asked).values_list("pk", "publication__released_at"))
    dated = [
        (at.timestamp() if (at := released.get(one.text)) else 0.0, one.first_on, one.key, one.pk) for one in found
    ]
    return {pk for *_, pk in nlargest(n, dated)}


def made_from(asked: Asked, subjects: Sequence[Subject]) -> MadeFrom:
    """The texts that name all these subjects, or all there are; one query."""
    texts = _texts(asked)
    for subject in subjects:
        texts = texts.filter(pk__in=Mention.objects.filter(subject=subject, is_sure=True).order_by().values("text"))
    found = texts.aggregate(
        n=Count("pk"),
        first=Min("published_on"),
        last=Max("published_on"),
        unresolved=Sum("n_unresolved"),
        foreign=Count("pk", filter=~Q(language__istartswith="en")),
    )
    return MadeFrom(found["n"], found["first"], found["last"], found["unresolved"] or 0, found["foreign"])


def counted(opened: Mapping[int, Subject]) -> list[Counted]:
    """Every open subject with its entries, in the order of names."""
    found: dict[int, list[Entry]] = {number: [] for number in opened}
    for entry in entries(Asked(), opened):
        for number in entry.subjects:
            found[number].append(entry)
    return [
        Counted(
            opened[number],
            len(of),
            min((entry.first_on for entry in of), default=None),
            max((entry.first_on for entry in of), default=None),
        )
        for number, of in found.items()
    ]


def together(found: Iterable[Entry], subject: Subject) -> list[tuple[int, int]]:
    """The other subjects of these entries, by number, each with how many it shares; most first."""
    counts = Counter(number for entry in found for number in entry.subjects if number != subject.pk)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def pieces(subject: Subject, asked: Asked) -> list[Publication]:
    """The newest visible pieces that surely name the subject; one query."""
    texts = Mention.objects.filter(subject=subject, is_sure=True, text__in=_texts(asked)).order_by().values("text")
    rows = visibility.publications().filter(pk__in=texts).select_related("series").defer("body")
    return list(rows[:MAX_PIECES])


def named_in(piece_id: int) -> list[Subject]:
    """The open dossiers a piece stands in, those it names most first; one query."""
    sure = Q(mentions__text=piece_id, mentions__is_sure=True)
    rows = Subject.objects.filter(sure, is_open=True).annotate(n=Count("mentions", filter=sure))
    return list(rows.order_by("-n", "name")[:MAX_NAMED])


def of_person(person_id: int) -> Subject | None:
    """The open dossier about somebody who has a page of their own as one of the institute's people."""
    return Subject.objects.filter(person=person_id, is_open=True).order_by("pk").first()


def public_sentence(about: str, key: str) -> dict[str, Any] | None:
    """Sentence and source of a public entry by its key, for reporting an error in it; None where there is none."""
    opened = open_subjects()
    model: Any = Occurrence if about == Ruling.About.OCCURRENCE else Relation
    row = model.objects.filter(key=key, text__in=_texts(Asked())).values("sentence", *_OF_PIECE).first()
    if row is None:
        return None
    return row if _is_public(about, key, opened) else None


def _is_public(about: str, key: str, opened: Mapping[int, Subject]) -> bool:
    held = standing.standings(Ruling.objects.filter(about=about, key=key))
    if about == Ruling.About.OCCURRENCE:
        rows = Occurrence.objects.filter(key=key)
        entry = next(
            (_entry(row, held, _subjects_of(rows), _subjects_ruled(opened)) for row in rows.values_list(*_LIGHT)), None
        )
        return entry is not None
    relation = Relation.objects.filter(key=key, actor__in=opened, towards__in=opened).first()
    return relation is not None and held.get(key, standing.NOTHING_DECIDED).may_be_shown(
        relation.grade or "publication"
    )
