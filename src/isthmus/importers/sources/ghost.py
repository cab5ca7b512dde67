"""Ghost exports, from 0.x to 6: one JSON file with its tables, bare or below "db", beside its content folder or alone.

Of the bodies an export may hold, the HTML that Ghost itself made is taken where it is there: it is what readers saw.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from isthmus.importers import opening
from isthmus.importers.bodies.ghost_cards import plain_cards
from isthmus.importers.source_item import (
    Skipped,
    SourceAuthor,
    SourceItem,
    SourceMedia,
    SourceProfile,
    SourceSite,
    Status,
)
from isthmus.importers.sources import ghost_redirects

_MAX_BYTES = 100 * 1024 * 1024
_BEGINS = re.compile(rb'\s*\{\s*"(?:db"\s*:\s*\[|(?:meta|data)"\s*:\s*\{)')
_KNOWN_WORDS = (b'"exported_on"', b'"posts"', b'"posts_tags"', b'"roles_users"', b'"custom_theme_settings"')
_STATUSES: dict[str, Status] = {"published": "release", "scheduled": "scheduled", "draft": "draft"}
# A database that lost a date wrote year 0, month 0, day 0, which its export counts back to this day.
_LOST_DATE = "2000-11-30T00:00:00"
_HERE = re.compile(r"(?:__GHOST_URL__|\{\{site\.url\}\})")
_TOKEN = re.compile(r":([a-z_]+)")
# What Ghost takes out of a page before a stranger gets it; without an end, all that follows.
_GATED = re.compile(
    r"<!--\s*kg-gated-block:begin(?P<said>(?:(?!-->).){0,500})-->.*?(?:<!--\s*kg-gated-block:end\s*-->|\Z)", re.DOTALL
)

Row = Mapping[str, Any]


def recognises(path: Path, head: bytes) -> bool:
    """An export by its first tables; also the redirects file that Ghost keeps beside it."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    if ghost_redirects.recognises(path, start):
        return True
    return bool(_BEGINS.match(start)) and any(word in start for word in _KNOWN_WORDS)


def survey(path: Path) -> Iterator[SourceProfile | SourceMedia | SourceSite]:
    """The people of an export, and its name and language. Raises: OSError."""
    for tables in _exports(path):
        if isinstance(tables, Skipped):
            continue
        yield SourceSite(
            "ghost",
            tuple(filter(None, [tables.setting("url")])),
            title=tables.setting("title"),
            language=tables.language.replace("_", "-"),
            zone=tables.setting("timezone", "active_timezone", "activeTimezone"),
        )
        yield from (_profile(user) for user in tables.rows("users") if _text(user.get("name")))


def read(path: Path) -> Iterator[SourceItem | Skipped]:
    """Every post and page, or why there is none. Raises: OSError."""
    if path.stem.lower() == "redirects":
        yield from ghost_redirects.losses(path)
        return
    redirects = ghost_redirects.beside(path)
    for tables in _exports(path):
        if isinstance(tables, Skipped):
            yield tables
            continue
        for number, post in enumerate(tables.rows("posts"), start=1):
            yield _item(post, tables, redirects, where=f"{path.name}:post {number}")


@dataclass(slots=True)
class _Tables:
    """An export's tables by name, and what belongs to each post."""

    data: Row
    people: dict[str, Row] = field(default_factory=dict)
    authors: dict[str, list[Row]] = field(default_factory=dict)
    tags: dict[str, list[Row]] = field(default_factory=dict)
    about: dict[str, Row] = field(default_factory=dict)

    def rows(self, name: str) -> list[Row]:
        """The rows of a table; none for one that is not there."""
        table = self.data.get(name)
        return [row for row in table if isinstance(row, Mapping)] if isinstance(table, list) else []

    @property
    def language(self) -> str:
        """Of the site; empty where it says none."""
        return self.setting("locale", "lang", "default_locale", "defaultLang")

    def setting(self, *names: str) -> str:
        """The first of these settings that says something."""
        values = {_text(row.get("key")): _text(row.get("value")) for row in self.rows("settings")}
        return next((values[name] for name in names if values.get(name)), "")


def _exports(path: Path) -> Iterator[_Tables | Skipped]:
    if path.stem.lower() == "redirects":
        return
    with opening.opened(path) as file:
        raw = file.read(_MAX_BYTES + 1)
    if len(raw) > _MAX_BYTES:
        yield Skipped("", path.name, f"larger than {_MAX_BYTES // 1024**2} MB; Ghost can export fewer tables")
        return
    try:
        export = json.loads(raw.decode("utf-8-sig"), object_hook=_without_copies)
    except (ValueError, RecursionError) as error:
        yield Skipped("", path.name, f"not JSON we read: {error}; export it again")
        return
    parts = export.get("db", [export]) if isinstance(export, dict) else []
    found = [part["data"] for part in parts if isinstance(part, dict) and isinstance(part.get("data"), dict)]
    if not found:
        yield Skipped("", path.name, "no export of Ghost: it has no tables")
    yield from map(_tables, found)


def _without_copies(row: dict[str, Any]) -> dict[str, Any]:
    # The words of each post once more, and what only its editor needs: half of a large export.
    for name in ("plaintext", "codeinjection_head", "codeinjection_foot", "accessibility", "password"):
        row.pop(name, None)
    return row


def _tables(data: Row) -> _Tables:
    tables = _Tables(data)
    tables.people = {_text(row.get("id")): row for row in tables.rows("users")}
    tags = {_text(row.get("id")): row for row in tables.rows("tags")}
    tables.authors = _joined(tables.rows("posts_authors"), "author_id", tables.people)
    tables.tags = _joined(tables.rows("posts_tags"), "tag_id", tags)
    tables.about = {_text(row.get("post_id")): row for row in tables.rows("posts_meta")}
    return tables


def _joined(links: list[Row], key: str, rows: Mapping[str, Row]) -> dict[str, list[Row]]:
    """By post, the rows that the links name, in the links' own order."""
    by_post: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for link in links:
        row = rows.get(_text(link.get(key)))
        if row is not None:
            order = link.get("sort_order")
            by_post[_text(link.get("post_id"))].append((order if isinstance(order, int) else 0, row))
    return {post: [row for _, row in sorted(pairs, key=lambda pair: pair[0])] for post, pairs in by_post.items()}


def _profile(user: Row) -> SourceProfile:
    photo = _here(_text(user.get("profile_image")) or _text(user.get("image")))
    slug = _text(user.get("slug"))
    return SourceProfile(
        key=_key(user),
        source="ghost",
        name=_text(user.get("name")),
        bio=_text(user.get("bio")),
        email=_text(user.get("email")),
        photo=SourceMedia(photo) if photo and "gravatar.com" not in photo else None,
        addresses=(f"/author/{slug}/",) if slug else (),
    )


def _key(user: Row) -> str:
    # Two exports may both have a user 1.
    return f"{_text(user.get('id'))}-{_text(user.get('slug'))}"


def _item(post: Row, tables: _Tables, redirects: Mapping[str, list[str]], *, where: str) -> SourceItem | Skipped:
    number, slug = _text(post.get("id")), _text(post.get("slug"))
    identity = _text(post.get("uuid")) or number or slug
    if not identity:
        return Skipped("", where, "neither uuid nor id, so a second run could not know it again")
    about = tables.about.get(number, {})
    addresses = _addresses(post, slug, tables)
    published, doubts = _published(post)
    body, n_gated = _body(post)
    if n_gated:
        doubts = (*doubts, ("not public", f"{n_gated} parts that the old site showed to members only are left out"))
    tags = _tags(post, tables, number)
    return SourceItem(
        id=identity,
        source="ghost",
        where=where,
        type="page" if _text(post.get("page")) in ("1", "true") or post.get("type") == "page" else "piece",
        title=_text(post.get("title")),
        slug=slug,
        published=published,
        modified=_moment(post.get("updated_at")),
        authors=_authors(post, tables, number),
        tags=tuple(tag for tag in tags if not tag.startswith("#")),
        language=(_text(post.get("locale")) or _text(post.get("language")) or tables.language).replace("_", "-"),
        shelves=tuple(_shelves(post, tables, number)),
        summary=_text(post.get("custom_excerpt")),
        featured=_featured(post, about),
        source_url=addresses[0] if addresses else "",
        aliases=tuple(addresses[1:]) + tuple(old for address in addresses for old in redirects.get(address, ())),
        status=_status(post, about),
        extra={"internal_tags": hidden} if (hidden := [tag for tag in tags if tag.startswith("#")]) else {},
        doubts=doubts,
        **body,
    )


def _status(post: Row, about: Row) -> Status:
    """What only members or mail saw stays out of sight, as does whatever we do not know."""
    status = _STATUSES.get(_text(post.get("status")) or "published", "private")
    is_open = (_text(post.get("visibility")) or "public") == "public"
    was_on_site = is_open and _text(about.get("email_only")) not in ("1", "true")
    return status if status == "draft" or was_on_site else "private"


def _published(post: Row) -> tuple[str, tuple[tuple[str, str], ...]]:
    printed = _moment(post.get("published_at"))
    if printed.startswith(_LOST_DATE) and _text(post.get("status")) != "published":
        return "", (("no date", f"“{printed}” stands for a date that was lost; the piece stays without one"),)
    return printed, ()


def _moment(value: Any) -> str:
    """As printed; milliseconds of old exports spelt out, and the UTC said that Ghost always means."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / 1000, UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            return str(value)
    printed = _text(value)
    return printed + "Z" if re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?", printed) else printed


def _authors(post: Row, tables: _Tables, number: str) -> tuple[SourceAuthor, ...]:
    people = tables.authors.get(number) or _rows_in(post, "authors")
    if not people:
        one = tables.people.get(_text(post.get("author_id"))) or post.get("author") or post.get("primary_author")
        people = [one] if isinstance(one, Mapping) else []
    return tuple(SourceAuthor(_text(row.get("name")), key=_key(row)) for row in people if _text(row.get("name")))


def _tags(post: Row, tables: _Tables, number: str) -> list[str]:
    rows = tables.tags.get(number) or _rows_in(post, "tags")
    return [
        name if _text(row.get("visibility")) != "internal" or name.startswith("#") else f"#{name}"
        for row in rows
        if (name := _text(row.get("name")))
    ]


def _shelves(post: Row, tables: _Tables, number: str) -> Iterator[tuple[str, str, str]]:
    """The old listings of its tags."""
    for row in tables.tags.get(number) or _rows_in(post, "tags"):
        name, slug = _text(row.get("name")), _text(row.get("slug"))
        if name and slug and not name.startswith("#"):
            yield "tags", name, f"/tag/{slug}/"


def _rows_in(post: Row, name: str) -> list[Row]:
    """Rows that stand in the post itself, as Ghost's interface gives them."""
    rows = post.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _featured(post: Row, about: Row) -> SourceMedia | None:
    address = _here(_text(post.get("feature_image")) or _text(post.get("image")))
    if not address:
        return None
    either = {**about, **{name: value for name, value in post.items() if value}}
    return SourceMedia(
        address,
        alt=_text(either.get("feature_image_alt")),
        caption=_here(_text(either.get("feature_image_caption"))),
    )


def _addresses(post: Row, slug: str, tables: _Tables) -> list[str]:
    """The address it has and the one it would have by other rules of the same site, root-relative."""
    given = _text(post.get("url"))
    if not slug:
        return [given] if given else []
    by_rule = _by_permalink(tables.setting("permalinks"), post, slug, tables)
    is_page = _text(post.get("page")) in ("1", "true") or post.get("type") == "page"
    return list(dict.fromkeys(filter(None, [given, "" if is_page else by_rule, f"/{slug}/"])))


def _by_permalink(rule: str, post: Row, slug: str, tables: _Tables) -> str:
    """The address by the rule of an older Ghost, such as /:year/:month/:slug/; empty where a part of it is unknown."""
    try:
        at = datetime.fromisoformat(_moment(post.get("published_at")).replace(" ", "T"))
        local = at.astimezone(ZoneInfo(tables.setting("timezone", "active_timezone", "activeTimezone") or "UTC"))
    except (ValueError, ZoneInfoNotFoundError, OverflowError):
        return ""
    values = {
        "year": f"{local:%Y}", "month": f"{local:%m}", "day": f"{local:%d}", "slug": slug, "id": _text(post.get("id")),
    }  # fmt: skip
    path = _TOKEN.sub(lambda found: values.get(found[1], ":"), rule)
    return path if path.startswith("/") and ":" not in path else ""


def _body(post: Row) -> tuple[dict[str, Any], int]:
    """The body, and how many parts of it strangers never saw; those of a document its dialect leaves out."""
    rendered = _here(_text(post.get("html")))
    if rendered:
        hidden = [found for found in _GATED.finditer(rendered) if not _is_for_all(found["said"])]
        shown = _GATED.sub(lambda found: found[0] if _is_for_all(found["said"]) else "", rendered)
        return {"html": plain_cards(shown)}, len(hidden)
    for name in ("lexical", "mobiledoc", "markdown"):
        if body := _here(_text(post.get(name))):
            return {name: body}, 0
    return {}, 0


def _is_for_all(said: str) -> bool:
    return re.search(r"\bnonMember\s*:\s*true\b", said) is not None


def _here(words: str) -> str:
    """Addresses of the site itself as root-relative ones."""
    return _HERE.sub("", words)


def _text(value: Any) -> str:
    """The value as text without what no database stores; empty for none and for lists."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()
