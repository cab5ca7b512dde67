"""Puts what was mined from a text into its rows, all of it or nothing; only the keeper calls this."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from isthmus.dossiers.extract import Grade, Modality
from isthmus.dossiers.mining import Act, DatedSentence, Dates, NamedSubject
from isthmus.dossiers.models import Mention, MinedText, Occurrence, OccurrenceSubject, Relation
from isthmus.kit.bulk import insert_many


@dataclass(frozen=True, slots=True)
class Mined:
    """One text as it was read. dates: None if only its names were read again and its dates stay."""

    publication_id: int
    revision: str
    made_with: str
    published_on: date | None
    language: str
    dates: Dates | None
    subjects: tuple[NamedSubject, ...]
    acts: tuple[Act, ...]


def replace(mined: Sequence[Mined]) -> None:
    """Write these in place of what stood there. Raises: TransactionManagementError outside a transaction."""
    ids = [one.publication_id for one in mined]
    _remove_names(ids)
    Occurrence.objects.filter(text__in=[one.publication_id for one in mined if one.dates is not None]).delete()
    for one in mined:
        if one.dates is not None:
            _write_text(one, one.dates)
    insert_many([_mention(one.publication_id, named) for one in mined for named in one.subjects])
    insert_many([_relation(one.publication_id, act) for one in mined for act in one.acts])
    insert_many(_links(ids, mined))


def remove(publication_ids: Iterable[int]) -> int:
    """Take out these texts with all that was mined from them; returns how many there were."""
    ids = list(publication_ids)
    _remove_names(ids)
    Occurrence.objects.filter(text__in=ids).delete()
    return MinedText.objects.filter(pk__in=ids).delete()[0]


def occurrences_of(publication_ids: Iterable[int]) -> dict[int, list[DatedSentence]]:
    """What was mined of the dates of these texts, in the order of each text."""
    found: dict[int, list[DatedSentence]] = {}
    columns = list(DatedSentence.__slots__)
    rows = Occurrence.objects.filter(text__in=list(publication_ids)).order_by("text", "pk")
    for number, *values in rows.values_list("text_id", *columns):
        given = dict(zip(columns, values, strict=True))
        given |= {"grade": Grade(given["grade"]), "modality": Modality(given["modality"])}
        found.setdefault(number, []).append(DatedSentence(**given))
    return found


def _remove_names(ids: Sequence[int]) -> None:
    OccurrenceSubject.objects.filter(occurrence__text__in=ids).delete()
    Mention.objects.filter(text__in=ids).delete()
    Relation.objects.filter(text__in=ids).delete()


def _write_text(one: Mined, dates: Dates) -> None:
    MinedText.objects.update_or_create(
        pk=one.publication_id,
        defaults={
            "revision": one.revision, "made_with": one.made_with, "published_on": one.published_on,
            "language": one.language, "n_unresolved": dates.n_unresolved,
        },
    )  # fmt: skip
    insert_many([_occurrence(one.publication_id, dated) for dated in dates.occurrences])


def _occurrence(text_id: int, dated: DatedSentence) -> Occurrence:
    return Occurrence(text_id=text_id, **{name: getattr(dated, name) for name in DatedSentence.__slots__})


def _mention(text_id: int, named: NamedSubject) -> Mention:
    return Mention(
        text_id=text_id, subject_id=named.subject, start=named.start, end=named.end, quote=named.quote,
        sentence_start=named.sentence_start, is_sure=named.is_sure,
    )  # fmt: skip


def _relation(text_id: int, act: Act) -> Relation:
    values = {name: getattr(act, name) for name in Act.__slots__ if name not in ("actor", "towards")}
    return Relation(text_id=text_id, actor_id=act.actor, towards_id=act.towards, **values)


def _links(ids: Sequence[int], mined: Sequence[Mined]) -> list[OccurrenceSubject]:
    """Each occurrence with those its sentence surely names."""
    named: dict[tuple[int, int], list[int]] = {}
    for one in mined:
        for subject in one.subjects:
            if subject.is_sure:
                named.setdefault((one.publication_id, subject.sentence_start), []).append(subject.subject)
    rows = Occurrence.objects.filter(text__in=ids).order_by("pk").values_list("pk", "text_id", "sentence_start")
    return [
        OccurrenceSubject(occurrence_id=pk, subject_id=subject)
        for pk, text, sentence in rows
        for subject in dict.fromkeys(named.get((text, sentence), ()))
    ]
