"""What every source yields: one old publication as its export says it, or the reason why there is none.

Nothing is judged here. A source copies what it finds, as printed; `judgement` decides what it means.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

Role = Literal["author", "editor", "translator", "interviewee", "speaker"]


@dataclass(frozen=True, slots=True)
class SourceAuthor:
    """One name of a source item.

    name: as the source lists the person. printed: as the name stands on this piece, where it differs.
    affiliation: what the source prints beside the name, such as "Secretary of State".
    """

    name: str
    role: Role = "author"
    printed: str = ""
    affiliation: str = ""


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One old publication, field by field, as its source has it; what is not there stays empty.

    id: unique within `source` and the same in every export. where: file and line, for messages.
    published: the date as printed, in any spelling. Of html, markdown and text at most one is filled.
    aliases: old addresses, absolute or root-relative; `source_url` and `guid` are the present ones.
    status: release, or draft for what its own site does not show.
    extra: whatever else the source had that a reader may want to keep; goes into the content hash only.
    """

    id: str
    source: str
    where: str
    title: str = ""
    published: str = ""
    authors: tuple[SourceAuthor, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    series: str = ""
    kind: str = ""
    language: str = ""
    summary: str = ""
    html: str = ""
    markdown: str = ""
    text: str = ""
    author_note: str = ""
    disclaimer: str = ""
    photo_credit: str = ""
    aliases: tuple[str, ...] = ()
    source_url: str = ""
    guid: str = ""
    external_url: str = ""
    status: Literal["release", "draft"] = "release"
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the source that cannot become a publication, and why, in a sentence a person can act on."""

    id: str
    where: str
    reason: str


def content_hash(item: SourceItem, *, placing: str = "") -> str:
    """A hash (SHA-256, 32 hex digits) of all the source says of the item; where it stood does not count.

    placing: what the run was told about where items go; another series or map makes a known item one to look at again.
    """
    digest = hashlib.sha256(f"placing {placing} ".encode() if placing else b"")
    for name in _HASHED:
        value = getattr(item, name)
        said = value if isinstance(value, str) else _said(value)
        # The length goes first, so that no two fields can share their words differently.
        digest.update(f"{name} {len(said)} ".encode())
        digest.update(said.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        value = [asdict(part) if isinstance(part, SourceAuthor) else part for part in value]
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True) if value else ""


_HASHED = tuple(spec.name for spec in fields(SourceItem) if spec.name != "where")
