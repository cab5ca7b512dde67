"""A small invented archive and its vocabulary, for tests of everything that is mined."""

from __future__ import annotations

from datetime import date
from typing import Any

from isthmus.dossiers.models import Alias, Mention, MinedText, Occurrence, OccurrenceSubject, Relation, Subject
from isthmus.publications import documents
from isthmus.publications.models import Publication
from tests import makers

MEETING = "Orla Verin met Han Sol-bi in Korin on 4 March 2019."
QUARREL = "In May 2019, Orla Verin denounced Han Sol-bi."


def subject(name: str, *aliases: str, kind: str = "person", is_open: bool = True, **fields: Any) -> Subject:
    """A subject whose dossier is open, with its aliases."""
    made = Subject.objects.create(kind=kind, name=name, slug=name.lower().replace(" ", "-"), is_open=is_open, **fields)
    for alias in aliases:
        Alias.objects.create(subject=made, text=alias)
    return made


def two() -> tuple[Subject, Subject]:
    """Orla Verin and Han Sol-bi."""
    return subject("Orla Verin"), subject("Han Sol-bi")


def piece(*paragraphs: str, title: str = "A Relationship", on: date = date(2020, 1, 20), **fields: Any) -> Publication:
    """A released publication with these paragraphs."""
    return makers.released(title, body=_body(*paragraphs), published_on=on, **fields)


def rewritten(publication: Publication, *paragraphs: str) -> Publication:
    """The publication released again with other paragraphs."""
    from isthmus.publications import actions

    edited = makers.edited(publication, body=_body(*paragraphs))
    actions.release(edited)
    return Publication.objects.get(pk=publication.pk)


def rows() -> list[tuple[Any, ...]]:
    """Everything that is mined, in an order that hangs on what it says and not on numbers of rows."""
    occurrences = Occurrence.objects.values_list(
        "text", "key", "sentence_start", "sentence_end", "sentence", "start", "end", "quote", "first_on", "before_on",
        "precision", "edtf", "grade", "modality", "anchor", "rule", "is_carried",
    )  # fmt: skip
    texts = MinedText.objects.values_list("pk", "revision", "made_with", "published_on", "language", "n_unresolved")
    mentions = Mention.objects.values_list("text", "subject", "start", "end", "quote", "sentence_start", "is_sure")
    links = OccurrenceSubject.objects.values_list("occurrence__key", "subject")
    relations = Relation.objects.values_list(
        "text", "key", "actor", "towards", "sentence_start", "sentence_end", "sentence", "verb", "tone", "is_negated",
        "is_quoted", "modality", "first_on", "before_on", "edtf", "grade",
    )  # fmt: skip
    named = _named(occurrences, texts, mentions, links, relations)
    return sorted(((name, *row) for name, found in named for row in found), key=repr)


def _named(*found: Any) -> Any:
    return zip(("occurrence", "text", "mention", "link", "relation"), (one.order_by() for one in found), strict=True)


def without_evidence() -> list[str]:
    """What does not stand in the live text where it says it stands."""
    texts = {document.id: document.body_text for document in documents.documents(documents.visible_ids())}
    wrong = [f"text {pk}" for pk in MinedText.objects.values_list("pk", flat=True) if pk not in texts]
    for one in Occurrence.objects.all():
        body = texts.get(one.text_id, "")
        if body[one.sentence_start : one.sentence_end] != one.sentence or body[one.start : one.end] != one.quote:
            wrong.append(str(one))
    for mention in Mention.objects.all():
        if texts.get(mention.text_id, "")[mention.start : mention.end] != mention.quote:
            wrong.append(str(mention))
    for act in Relation.objects.all():
        if texts.get(act.text_id, "")[act.sentence_start : act.sentence_end] != act.sentence:
            wrong.append(str(act))
    return wrong


def _body(*paragraphs: str) -> list[tuple[str, str]]:
    return [("text", "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))]
