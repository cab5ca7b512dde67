"""What every source yields: one old publication as its export says it, or the reason why there is none.

Nothing is judged here. A source copies what it finds, as printed; `bodies` turns a dialect into HTML and `judgement`
decides what it means. What items share (people, pictures, the site itself) comes from the source's `survey`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any, Literal, get_args

Role = Literal["author", "editor", "translator", "interviewee", "speaker"]
# What the old site shows to whom. Only `release` and, at its minute, `scheduled` may ever become public by an import.
Status = Literal["release", "draft", "private", "password", "scheduled", "pending", "trash"]
ItemType = Literal["piece", "page"]
BodyFormat = Literal["html", "wordpress", "markdown", "mobiledoc", "lexical", "text"]


@dataclass(frozen=True, slots=True)
class SourceAuthor:
    """One name of a source item.

    name: as the source lists the person. printed: as the name stands on this piece, where it differs.
    affiliation: what the source prints beside the name, such as "Secretary of State".
    key: the login, slug or number of a SourceProfile of the same source, whose name holds where `name` is empty.
    fallback: the name where neither is known.
    """

    name: str
    role: Role = "author"
    printed: str = ""
    affiliation: str = ""
    key: str = ""
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class SourceMedia:
    """A picture or file that an item shows or offers, or, from a survey, that the archive holds.

    address: where it stood, absolute, root-relative, or relative to the item's own file or address.
    id: the number it has in the source, by which bodies may name it ([gallery ids="7"]); source: whose number it is.
    local: the file itself where the source knows it, as a path below the folder imported; empty else.
    parent: the id of the item it belongs to, where only the survey says so.
    """

    address: str
    id: str = ""
    source: str = ""
    title: str = ""
    alt: str = ""
    caption: str = ""
    description: str = ""
    credit: str = ""
    type: str = ""
    local: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """A person as the source's profile file or table of authors has them; only those that pieces name come in.

    key: as in SourceAuthor. bio: HTML. email: kept out of the public's sight. addresses: their pages on the old site.
    """

    key: str
    source: str
    name: str
    bio: str = ""
    title: str = ""
    affiliation: str = ""
    email: str = ""
    photo: SourceMedia | None = None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceSite:
    """The old site itself: links to its addresses are internal. zone: an IANA name, for dates that say none."""

    source: str
    addresses: tuple[str, ...] = ()
    title: str = ""
    language: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """A part that bodies show by its number, such as a reusable block of WordPress; body: in the source's dialect."""

    source: str
    id: str
    body: str


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One old publication, field by field, as its source has it; what is not there stays empty.

    id: unique within `source` and the same in every export. where: file and line, for messages.
    published, modified: the date as printed, in any spelling. Of the bodies, named as in BodyFormat, at most one is
    filled; `markdown` and `wordpress` may hold the dialect's own tags, which the modules of `bodies` know.
    slug: the last part of the address as the source has it. aliases: old addresses of every generation, absolute or
    root-relative; `source_url` and `guid` are the present ones. type: a piece, or one of our Pages (About, Contact).
    status: `scheduled` needs a date; whatever but `release` stays out of the public's sight.
    featured: the picture above the piece. attachments: files offered and pictures that belong to it.
    labels: terms of the source's other taxonomies, as (taxonomy, label).
    parent: the id of the page it stands below. shelves: old listings of its labels, as (categories or tags, label,
    address); like `where` they are no part of the item itself.
    media_id: the number by which the survey's SourceMedia is the featured picture, where the item names it only so.
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
    status: Status = "release"
    extra: dict[str, Any] = field(default_factory=dict)
    type: ItemType = "piece"
    slug: str = ""
    modified: str = ""
    wordpress: str = ""
    mobiledoc: str = ""
    lexical: str = ""
    featured: SourceMedia | None = None
    media_id: str = ""
    attachments: tuple[SourceMedia, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    parent: str = ""
    shelves: tuple[tuple[str, str, str], ...] = ()
    # Losses the source itself saw while reading, as (kind, words); they go into the report with the item.
    doubts: tuple[tuple[str, str], ...] = ()

    @property
    def body_format(self) -> BodyFormat | None:
        """Which body is filled; None for a piece without one, such as a link elsewhere."""
        return next((name for name in BODY_FORMATS if getattr(self, name)), None)


BODY_FORMATS: tuple[BodyFormat, ...] = get_args(BodyFormat)


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
        # A field that came later counts where it says something, so that what an older version imported is known.
        if name in _LATER and value == _LATER[name]:
            continue
        said = value if isinstance(value, str) else _said(value)
        # The length goes first, so that no two fields can share their words differently.
        digest.update(f"{name} {len(said)} ".encode())
        digest.update(said.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def _said(value: Any) -> str:
    if not value:
        return ""
    value = [_plain(part) for part in value] if isinstance(value, tuple) else _plain(value)
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)


def _plain(part: Any) -> Any:
    if isinstance(part, SourceAuthor):
        # Not by `asdict`, which copies every value: authors were half of the time of hashing an item.
        said = {name: getattr(part, name) for name in _OF_AUTHORS}
        return {name: value for name, value in said.items() if value or name not in ("key", "fallback")}
    return asdict(part) if is_dataclass(part) and not isinstance(part, type) else part


_OF_AUTHORS = tuple(spec.name for spec in fields(SourceAuthor))
_HASHED = tuple(spec.name for spec in fields(SourceItem) if spec.name not in ("where", "doubts", "shelves"))
_LATER: dict[str, Any] = {
    "type": "piece", "slug": "", "modified": "", "wordpress": "", "mobiledoc": "", "lexical": "", "featured": None,
    "media_id": "", "attachments": (), "labels": (), "parent": "",
}  # fmt: skip
