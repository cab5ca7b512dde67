"""What a careful editor would still ask about a piece: said on the edit page, never in the way of saving."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from isthmus.publications import body
from isthmus.publications.models import Byline, Image, Publication

_CODE = re.compile(r"<(pre|code)\b.*?(?:</\1>|\Z)", re.DOTALL)
_REFERENCE = re.compile(r"\[\^([^\]\s<>]{1,40})\]")


def missing(piece: Publication) -> list[str]:
    """One sentence for each thing that is missing, in the order in which an editor meets it; two queries at most."""
    return [*_missing_words(piece), *_missing_in_footnotes(piece.body.raw_data), *_missing_in_pictures(piece)]


def _missing_words(piece: Publication) -> Iterator[str]:
    if not any(line.role == Byline.Role.AUTHOR for line in piece.bylines.all()):
        yield "No author is named."
    if not piece.summary:
        yield "There is no summary; listings and search engines will show the beginning of the text."
    if not piece.body.raw_data and not piece.external_url and not piece.attachments.all():
        yield "There is no text, no file and no address elsewhere."


def _missing_in_footnotes(blocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    notes: list[str] = []
    referred: list[str] = []
    for block in blocks:
        if block["type"] == "footnotes":
            notes += [str((item.get("value") or item).get("label", "")) for item in block["value"]]
        else:
            referred += [label for text in body.texts_of(block["value"]) for label in _references(text)]
    for label in dict.fromkeys(referred):
        if label not in notes:
            yield f"The text refers to footnote [^{label}], but there is no such note."
    for label in dict.fromkeys(notes):
        if label not in referred:
            yield f"Footnote “{label}” is not referred to in the text; write [^{label}] where it belongs."
    for label in sorted({label for label in notes if notes.count(label) > 1}):
        yield f"Two footnotes are called “{label}”; give one of them another label."


def _references(text: str) -> list[str]:
    return _REFERENCE.findall(_CODE.sub("", text))


def _missing_in_pictures(piece: Publication) -> Iterator[str]:
    uses = dict(_pictures_in(piece.body.raw_data))
    if piece.lead_image_id:
        uses.setdefault(piece.lead_image_id, "")
    for image in Image.objects.filter(pk__in=uses).order_by("title"):
        parts = image.missing_credit_parts
        if parts:
            yield f"The credit of the picture “{image.title}” does not say {_in_words(parts)}."
        if not image.alt_text and not uses[image.pk]:
            yield f"The picture “{image.title}” has no text for people who do not see it."


def _pictures_in(blocks: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    for block in blocks:
        if block["type"] == "image" and block["value"].get("image"):
            yield int(block["value"]["image"]), block["value"].get("alt") or ""


def _in_words(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
