"""Which open dossiers new pieces stand in, for those who follow them by mail.

A piece is read here and now: an alert is written within a second of the release, and the keeper may be busy with a
whole archive. What is read is what the keeper will keep.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from isthmus.dossiers import queries, standing, vocabulary
from isthmus.dossiers.keys import piece_of
from isthmus.dossiers.mining import DatedSentence, Reader, Text
from isthmus.dossiers.models import Ruling, Subject
from isthmus.dossiers.standing import Standing
from isthmus.dossiers.vocabulary import Vocabulary
from isthmus.publications import documents
from isthmus.publications.documents import Document
from isthmus.publications.models import Publication


def dossiers_of(publication_ids: Collection[int]) -> dict[int, list[int]]:
    """By visible publication the open subjects it has a public entry of, in the order of names; some 10 ms a piece.

    Publications without one are left out.
    """
    opened = queries.open_subjects()
    if not opened or not publication_ids:
        return {}
    words, pieces = vocabulary.current(), _pieces(publication_ids)
    found = {
        document.id: _subjects(_read(document, pieces[document.id], words), opened)
        for document in documents.documents(publication_ids)
    }
    return {number: [pk for pk in opened if pk in about] for number, about in found.items() if about}


def _pieces(publication_ids: Collection[int]) -> dict[int, str]:
    rows = Publication.objects.filter(pk__in=publication_ids).order_by().values_list("pk", "identity")
    return {number: piece_of(number, identity) for number, identity in rows}


def _read(document: Document, piece: str, words: Vocabulary) -> list[tuple[DatedSentence, frozenset[int]]]:
    """Every dated sentence with those it surely names."""
    reader = Reader(Text(piece, document.title, document.body_text, document.published_on, document.language))
    dated = reader.dates(words.named_dates).occurrences
    named: dict[int, set[int]] = {}
    for one in reader.names(words.matcher, words.tones, dated).subjects:
        if one.is_sure:
            named.setdefault(one.sentence_start, set()).add(one.subject)
    return [(one, frozenset(named.get(one.sentence_start, ()))) for one in dated]


def _subjects(entries: list[tuple[DatedSentence, frozenset[int]]], opened: Mapping[int, Subject]) -> set[int]:
    """Those of which an entry may be shown; a piece that was out before may have been ruled on."""
    keys = [one.key for one, _ in entries]
    held = standing.standings(Ruling.objects.filter(about=Ruling.About.OCCURRENCE, key__in=keys))
    about: set[int] = set()
    for one, named in entries:
        ruled = held.get(one.key, standing.NOTHING_DECIDED)
        if ruled.may_be_shown(one.grade, is_carried=one.is_carried):
            about |= _given(ruled, named, opened)
    return about


def _given(ruled: Standing, named: frozenset[int], opened: Mapping[int, Subject]) -> set[int]:
    if "subjects" not in ruled.values:
        return {number for number in named if number in opened}
    return {number for number, subject in opened.items() if subject.slug in ruled.values["subjects"]}
