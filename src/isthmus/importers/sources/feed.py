"""Feeds: RSS 0.9 to 2.0, Atom and JSON Feed. Of several copies of one feed the newest copy of each item counts.

feedparser reads the XML, well-formed or not; its own sanitizing is off, since ours comes after.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from isthmus.importers import dates, opening, roots
from isthmus.importers.source_item import (
    Skipped,
    SourceAuthor,
    SourceItem,
    SourceMedia,
    SourceProfile,
    SourceSite,
)
from isthmus.kit import html

_MAX_BYTES = 40 * 1024 * 1024
_ROOTS = re.compile(rb"<(?:rss|(?:\w+:)?feed|rdf:RDF)[\s>]", re.IGNORECASE)
_JSON = re.compile(rb'"version"\s*:\s*"https?:(?:\\?/){2}jsonfeed\.org(?:\\?/)version')
# What WordPress adds to every item of a feed.
_APPEARED = re.compile(
    r"\s*<p>\s*The post <a [^>]*>.{0,500}?</a> (?:first appeared|appeared first) on <a .{0,500}?</p>\s*\Z",
    re.DOTALL,
)
_CUT_OFF = re.compile(r"\s*(?:\[(?:…|\.\.\.|&#8230;|&hellip;)\]|\[&#8230;\])\s*\Z")
_SUMMARY_SHARE = 0.6
_SUMMARY_MAX_CHARS = 2000
# By the beginning of the archive and the item: the newest copy, as (when its feed was made, the file).
_NEWEST: dict[tuple[Path, str], tuple[str, str]] = {}


@dataclass(slots=True)
class _Feed:
    """One file, read. entries: of feedparser, or in its shape."""

    about: Mapping[str, Any] = field(default_factory=dict)
    entries: list[Mapping[str, Any]] = field(default_factory=list)
    trouble: str = ""

    @property
    def made_at(self) -> str:
        """When the feed was made, as text that sorts; empty where it does not say."""
        for name in ("updated", "published"):
            printed = dates.read_date(str(self.about.get(name) or ""), zone="UTC")
            if printed:
                return printed.at.isoformat()
        return ""


def recognises(path: Path, head: bytes) -> bool:
    """By the root element, or by the version that every JSON Feed names."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return bool(_JSON.search(start))
    found = _ROOTS.search(start) if start.startswith(b"<") else None
    # WordPress's own export is RSS too, and says much more than a feed.
    is_export = b"wordpress.org/export" in head or b"<wp:" in head
    return found is not None and b"<html" not in start[: found.start()].lower() and not is_export


def survey(path: Path) -> Iterator[SourceProfile | SourceMedia | SourceSite]:
    """The site, and which copy of each item is the newest. Raises: OSError."""
    feed = _feed_of(path)
    address = _text(feed.about.get("link"))
    yield SourceSite(
        "feed",
        (address,) if address.startswith("http") else (),
        title=_text(feed.about.get("title")),
        language=_text(feed.about.get("language")),
    )
    root, stamp = roots.root_of(path), (feed.made_at, str(path))
    for entry in feed.entries:
        key = (root, _identity(entry, feed))
        _NEWEST[key] = max(_NEWEST.get(key, stamp), stamp)


def read(path: Path) -> Iterator[SourceItem | Skipped]:
    """Every item of a feed, or why there is none. Raises: OSError."""
    feed, root = _feed_of(path), roots.root_of(path)
    name = path.relative_to(root).as_posix()
    if not feed.entries:
        yield Skipped("", name, feed.trouble or "a feed without an item")
        return
    seen: set[str] = set()
    for number, entry in enumerate(feed.entries, start=1):
        where, identity = f"{name}:item {number}", _identity(entry, feed)
        newest = _NEWEST.get((root, identity), ("", str(path)))[1]
        if not identity:
            yield Skipped("", where, "no guid, no link and no title, so a second run could not know it again")
        elif newest != str(path) or identity in seen:
            kept = Path(newest).name if newest != str(path) else name
            yield Skipped(identity, where, f"another copy of an item that is taken from {kept}")
        else:
            seen.add(identity)
            yield _item(entry, feed, identity, where)


def _feed_of(path: Path) -> _Feed:
    with opening.opened(path) as file:
        raw = file.read(_MAX_BYTES + 1)
    if len(raw) > _MAX_BYTES:
        return _Feed(trouble=f"larger than {_MAX_BYTES // 1024**2} MB, so no feed")
    if raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return _json_feed(raw)
    # Loaded where it is needed, and few archives need it.
    import feedparser

    # From memory, since a text could also be an address or a path, which feedparser would open.
    parsed = feedparser.parse(io.BytesIO(raw), sanitize_html=False, resolve_relative_uris=True)
    trouble = str(parsed.get("bozo_exception", "")) if parsed.get("bozo") else ""
    about = dict(parsed.feed)
    if not str(parsed.get("version", "")).startswith("atom"):
        # Atom says that an entry without authors has those of its feed; RSS names there who runs the channel.
        about = {name: value for name, value in about.items() if not name.startswith("author")}
    return _Feed(about, [dict(entry) for entry in parsed.entries], trouble)


def _json_feed(raw: bytes) -> _Feed:
    """A JSON Feed in feedparser's shape. Source: jsonfeed.org, versions 1 and 1.1."""
    try:
        feed = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return _Feed(trouble=f"not JSON we read: {error}")
    items = feed.get("items") if isinstance(feed, dict) else None
    rows: list[Mapping[str, Any]] = []
    if isinstance(items, list):
        rows = [_json_entry(row if isinstance(row, dict) else {}) for row in items]
    about = (
        {
            "link": feed.get("home_page_url"),
            "title": feed.get("title"),
            "language": feed.get("language"),
            "authors": _people_in(feed),
        }
        if rows
        else {}
    )
    return _Feed(about, rows, "" if rows else "a feed without an item")


def _json_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    body, plain = _text(row.get("content_html")), _text(row.get("content_text"))
    files = row.get("attachments")
    picture = _text(row.get("image")) or _text(row.get("banner_image"))
    return {
        "id": _text(row.get("id")),
        "link": _text(row.get("url")),
        "external_url": _text(row.get("external_url")),
        "title": _text(row.get("title")),
        "content": [{"type": "text/html", "value": body} if body else {"type": "text/plain", "value": plain}],
        "summary": _text(row.get("summary")),
        "published": _text(row.get("date_published")),
        "updated": _text(row.get("date_modified")),
        "authors": _people_in(row),
        "tags": [{"term": tag} for tag in row.get("tags") or () if isinstance(tag, str)],
        "language": _text(row.get("language")),
        "enclosures": [
            {"href": _text(file.get("url")), "type": _text(file.get("mime_type")), "title": _text(file.get("title"))}
            for file in (files if isinstance(files, list) else ())
            if isinstance(file, dict)
        ],
        "media_thumbnail": [{"url": picture}] if picture else [],
    }  # fmt: skip


def _people_in(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The authors of an item or of a whole JSON Feed; version 1 has but one."""
    authors = row.get("authors") or [row.get("author")]
    return [author for author in authors if isinstance(author, dict)] if isinstance(authors, list) else []


def _identity(entry: Mapping[str, Any], feed: _Feed) -> str:
    """The guid, with the site before it where it is only a number; else the address, else a hash of title and date."""
    given = _text(entry.get("id")) or _text(entry.get("link"))
    if given:
        return given if "://" in given or given.startswith(("tag:", "urn:")) else f"{_host(feed)}{given}"
    title = _text(entry.get("title"))
    said = f"{title}\n{_text(entry.get('published'))}"
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:24] if title else ""


def _host(feed: _Feed) -> str:
    try:
        host = urlsplit(_text(feed.about.get("link"))).hostname
    except ValueError:
        host = None
    return f"{host} " if host else ""


def _item(entry: Mapping[str, Any], feed: _Feed, identity: str, where: str) -> SourceItem:
    body, summary, is_html = _body(entry)
    address = _text(entry.get("feedburner_origlink")) or _text(entry.get("link"))
    spoken = next((_text(part.get("language")) for part in entry.get("content") or () if part.get("language")), "")
    language = _text(entry.get("language")) or spoken or _text(feed.about.get("language"))
    guid = _text(entry.get("id"))
    return SourceItem(
        id=identity,
        source="feed",
        where=where,
        title=_text(entry.get("title")),
        published=_text(entry.get("published")) or _text(entry.get("updated")) or _text(entry.get("created")),
        modified=_text(entry.get("updated")),
        authors=_authors(entry) or _authors(feed.about),
        categories=_labels(entry),
        language=language.replace("_", "-"),
        summary=summary,
        html=body if is_html else "",
        text="" if is_html else body,
        featured=_featured(entry),
        attachments=_attachments(entry),
        source_url=address if address.startswith(("http://", "https://")) else "",
        guid=guid if guid != address else "",
        external_url=_text(entry.get("external_url")),
        doubts=(("broken XML", feed.trouble[:200]),) if feed.trouble and entry is feed.entries[0] else (),
    )


def _body(entry: Mapping[str, Any]) -> tuple[str, str, bool]:
    """Body, summary, and whether the body is HTML; a summary that is most of the body is none."""
    # What is neither words nor markup, such as a picture in base 64, is no body.
    contents = [part for part in entry.get("content") or () if _text(part.get("value")) and _is_words(part)]
    best = max(contents, key=lambda part: "html" in _text(part.get("type")), default=None)
    summary = _text(entry.get("summary"))
    if best is None:
        kind = _text((entry.get("summary_detail") or {}).get("type"))
        return _APPEARED.sub("", summary), "", kind != "text/plain" or "<" in summary
    body = _APPEARED.sub("", _text(best.get("value")))
    words = _CUT_OFF.sub("…", " ".join(html.text_of(_APPEARED.sub("", summary)).split()))
    is_short = len(words) < min(_SUMMARY_MAX_CHARS, _SUMMARY_SHARE * len(html.text_of(body)))
    return body, words if is_short else "", "html" in _text(best.get("type")) or "<" in body


def _is_words(part: Mapping[str, Any]) -> bool:
    kind = _text(part.get("type")).lower()
    return not kind or kind.startswith("text") or "html" in kind or "xml" in kind


def _authors(entry: Mapping[str, Any]) -> tuple[SourceAuthor, ...]:
    rows = entry.get("authors") or [entry.get("author_detail") or {}]
    names = [name for row in rows if isinstance(row, Mapping) and (name := _name_in(row))]
    # A bare mail address is no name.
    return tuple(SourceAuthor(name) for name in dict.fromkeys(names) if "@" not in name)


def _name_in(row: Mapping[str, Any]) -> str:
    """The name of a feed's person; feedparser may leave it the end of a long address: "ple (Alice Moore"."""
    name = _text(row.get("name"))
    is_cut = "(" in name and ")" not in name
    return name.rpartition("(")[2].strip() if is_cut else name


def _labels(entry: Mapping[str, Any]) -> tuple[str, ...]:
    terms = [_text(tag.get("label")) or _text(tag.get("term")) for tag in entry.get("tags") or ()]
    return tuple(dict.fromkeys(term for term in terms if term))


def _featured(entry: Mapping[str, Any]) -> SourceMedia | None:
    shown = [*(entry.get("media_content") or ()), *(entry.get("media_thumbnail") or ())]
    for row in shown:
        address, kind = _text(row.get("url")), _text(row.get("type")) or _text(row.get("medium")) or "image"
        if address and kind.startswith("image"):
            credit = next((_text(one.get("content")) for one in entry.get("media_credit") or ()), "")
            return SourceMedia(address, alt=_text(row.get("title")), credit=credit)
    return None


def _attachments(entry: Mapping[str, Any]) -> tuple[SourceMedia, ...]:
    return tuple(
        SourceMedia(address, title=_text(row.get("title")), type=_text(row.get("type")))
        for row in entry.get("enclosures") or ()
        if (address := _text(row.get("href")))
    )


def _text(value: Any) -> str:
    """The value as text without what no database stores; empty for what is none."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()
