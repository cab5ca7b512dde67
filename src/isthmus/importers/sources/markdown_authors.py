"""Authors in front matter and their profiles: names, slugs, tables of data, pages of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from isthmus.importers import front_matter
from isthmus.importers.source_item import Role, SourceAuthor, SourceMedia, SourceProfile
from isthmus.importers.sources.markdown_site import PEOPLE, text_at

_KEYS: tuple[tuple[str, Role], ...] = (
    ("authors", "author"), ("author", "author"), ("byline", "author"), ("writers", "author"),
    ("editors", "editor"), ("editor", "editor"), ("translators", "translator"), ("translator", "translator"),
    ("interviewees", "interviewee"), ("interviewee", "interviewee"), ("speakers", "speaker"), ("speaker", "speaker"),
)  # fmt: skip
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_BETWEEN = re.compile(r"\s+(?:and|&)\s+|\s*;\s*")
_NAMES = ("display_name", "name", "title", "full_name")


def authors_of(
    meta: Mapping[str, Any], known: Mapping[str, str], doubts: list[tuple[str, str]]
) -> tuple[SourceAuthor, ...]:
    """The people a page names, in order. known: names by slug; of a slug nobody knows a name is made, with a doubt."""
    found: dict[tuple[str, str], SourceAuthor] = {}
    for key, role in _KEYS:
        for value in _listed(meta.get(key), is_plural=key.endswith("s")):
            author = _author(value, role, known, doubts)
            if author.name:
                found.setdefault((author.name, role), author)
    return tuple(found.values())


def _listed(value: Any, *, is_plural: bool) -> list[Any]:
    if isinstance(value, list):
        return value
    if not isinstance(value, str):
        return [value] if isinstance(value, Mapping) else []
    # A comma after one name opens an affiliation; several whole names between commas are several people.
    parts = _BETWEEN.split(value)
    if is_plural or len(parts) > 1:
        commas = [part.strip() for one in parts for part in one.split(",")]
        if all(" " in part or _SLUG.fullmatch(part) for part in commas if part):
            return commas
    return parts if all(len(part.split()) > 1 for part in parts) else [value]


def _author(value: Any, role: Role, known: Mapping[str, str], doubts: list[tuple[str, str]]) -> SourceAuthor:
    if isinstance(value, Mapping):
        key = text_at(value, "slug", "id", "key", "username")
        name = text_at(value, *_NAMES) or known.get(key, "")
        said = text_at(value, "role", "affiliation", "organization", "organisation", "job_title")
        return SourceAuthor(name or _from_slug(key, doubts), role, affiliation=said, key=key if key in known else "")
    written = value.strip() if isinstance(value, str) else ""
    if written in known:
        return SourceAuthor(known[written], role, key=written)
    return SourceAuthor(_from_slug(written, doubts) if _SLUG.fullmatch(written) else written, role)


def _from_slug(slug: str, doubts: list[tuple[str, str]]) -> str:
    """ "boone-jones" as Boone Jones: the one thing that is known of the person."""
    if not slug:
        return ""
    name = " ".join(part[:1].upper() + part[1:] for part in re.split(r"[-_.]", slug))
    doubts.append(("author from slug", f"“{slug}” has no profile; taken as {name}"))
    return name


def profiles_in(path: Path, words: str) -> Iterator[SourceProfile]:
    """The people of a data file: a map by slug, a list, or one person alone."""
    try:
        table = front_matter.load(words, path.suffix.lower())
    except (ValueError, RecursionError):
        return
    if isinstance(table, Mapping) and text_at(table, *_NAMES):
        table = {path.stem: table}
    rows = table.items() if isinstance(table, Mapping) else ((None, row) for row in table or ())
    for key, row in rows:
        if isinstance(row, str):
            row = {"name": row}
        if isinstance(row, Mapping) and text_at(row, *_NAMES):
            yield _profile(str(key) if key is not None else text_at(row, "slug", "id", "username", *_NAMES), row)


def profile_of(path: Path, page: front_matter.Page) -> SourceProfile | None:
    """The person of a profile page; None where it names nobody, as the list of all authors does."""
    folder = path.parent.name if path.stem in ("_index", "index") else path.stem
    key = text_at(page.meta, "slug") or folder
    has_name = text_at(page.meta, "display_name", "name", "full_name", "first_name")
    is_list = folder.lower().removeprefix("_") in PEOPLE or not text_at(page.meta, "title")
    if not has_name and path.stem == "_index" and is_list:
        return None
    profile = _profile(key, {**page.meta, "biography": text_at(page.meta, "bio", "biography") or page.body.strip()})
    return profile if profile.name else None


def _profile(key: str, row: Mapping[str, Any]) -> SourceProfile:
    parts = " ".join(filter(None, [text_at(row, "first_name"), text_at(row, "last_name")]))
    photo = text_at(row, "photo", "image", "avatar", "picture", "profile_photo")
    return SourceProfile(
        key=key,
        source="markdown",
        name=text_at(row, "display_name", "name", "full_name") or parts or text_at(row, "title"),
        bio=text_at(row, "biography", "bio", "description", "about"),
        affiliation=text_at(row, "agency_full_name", "affiliation", "organization", "organisation", "agency"),
        email=text_at(row, "email"),
        photo=SourceMedia(photo) if "." in photo or "/" in photo else None,
    )
