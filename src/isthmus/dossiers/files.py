"""Entries for other programs: CSV, JSON, iCalendar (RFC 5545), Atom (RFC 4287); what the page has, all its pages."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.utils import feedgenerator

from isthmus.dossiers.shown_entries import Happening, Shown
from isthmus.kit import text as kit_text
from isthmus.publications import context

COLUMNS = (
    "key", "happening", "date", "first_day", "last_day", "edtf", "words_in_text", "grade", "modality", "sentence",
    "subjects", "title", "published_on", "url",
)  # fmt: skip
# The name space of entries' ids in calendars and feeds. To change it would show every reader every entry anew.
_ENTRIES = UUID("c2b55c2e-0d62-49d4-8f0a-6f0c3c9a7d15")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAX_LINE_BYTES = 75
_MAX_TITLE_CHARS = 120
_NO_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


def as_csv(happenings: Iterable[Happening]) -> str:
    """One row a sentence; no cell is run as a formula by a spreadsheet."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for row in _rows(happenings):
        rows.writerow([kit_text.cell("; ".join(value) if isinstance(value, list) else value) for value in row.values()])
    return written.getvalue()


def as_json(happenings: Iterable[Happening], *, title: str, url: str) -> str:
    """The entries as objects with the columns as names; subjects is a list."""
    found = {"title": title, "url": settings.PUBLIC_URL + url, "entries": list(_rows(happenings))}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _rows(happenings: Iterable[Happening]) -> Iterator[dict[str, Any]]:
    for happening in happenings:
        for one in happening.entries:
            values = (
                one.key, happening.first.key, one.words, one.first_on.isoformat(), _last_day(one), one.edtf, one.quote,
                one.grade, one.modality, one.sentence, [subject["name"] for subject in one.subjects], one.source.title,
                one.source.published_on.isoformat() if one.source.published_on else "",
                settings.PUBLIC_URL + one.source.url,
            )  # fmt: skip
            yield dict(zip(COLUMNS, values, strict=True))


def _last_day(one: Shown) -> str:
    return type(one.before_on).fromordinal(one.before_on.toordinal() - 1).isoformat()


def as_calendar(happenings: Iterable[Happening], *, title: str) -> str:
    """One all-day event a happening; its number stays the same through rebuilds and moves of the site."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Isthmus//Dossiers//EN", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{_escaped(title)}")
    for happening in happenings:
        lines += _event(happening)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(happening: Happening) -> list[str]:
    first = happening.first
    label = f" ({first.label})" if first.label else ""
    about = [f"{one.sentence}\n{_where_and_why(one)}" for one in happening.entries]
    stamp = (first.source.released_at or _NO_INSTANT).astimezone(UTC)
    return [
        "BEGIN:VEVENT",
        f"UID:{uuid5(_ENTRIES, first.key)}",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{_day(first.first_on)}",
        f"DTEND;VALUE=DATE:{_day(first.before_on)}",
        f"SUMMARY:{_escaped(f'{happening.words}{label}: {kit_text.shorten(first.sentence, _MAX_TITLE_CHARS)}')}",
        f"DESCRIPTION:{_escaped(chr(10).join(part for part in [happening.disagreement, *about] if part))}",
        f"URL:{settings.PUBLIC_URL}{first.source.url}",
        f"STATUS:{'TENTATIVE' if first.modality == 'expected' else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _where_and_why(one: Shown) -> str:
    return ", ".join(part for part in (one.source.title, one.why) if part)


def _day(on: Any) -> str:
    return f"{on.year:04}{on.month:02}{on.day:02}"


def _escaped(value: str) -> str:
    """A TEXT value. Source: RFC 5545, 3.3.11."""
    value = _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    for sign in ("\\", ";", ","):
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\n", "\\n")


def _folded(line: str) -> str:
    """The line in pieces of at most 75 bytes, none cut inside a character. Source: RFC 5545, 3.1."""
    pieces, n_bytes = [""], 0
    for sign in line:
        size = len(sign.encode("utf-8", "surrogatepass"))
        if n_bytes + size > _MAX_LINE_BYTES:
            # The blank that says "goes on" counts too.
            pieces.append("")
            n_bytes = 1
        pieces[-1] += sign
        n_bytes += size
    return "\r\n ".join(pieces)


def as_atom(happenings: Sequence[Happening], *, title: str, url: str, feed_url: str) -> str:
    """What was told newest, by the release of the text it stands in; url, feed_url: root-relative, percent-encoded."""
    site = context.current_site()
    feed = feedgenerator.Atom1Feed(
        title=_xml_text(f"{title} · {site.name}"),
        link=settings.PUBLIC_URL + url,
        description=_xml_text(f"Dated sentences from the archive: {title}"),
        language=site.language,
        feed_url=settings.PUBLIC_URL + feed_url,
        author_name=_xml_text(site.name),
        feed_guid=uuid5(_ENTRIES, feed_url).urn,
    )
    told = [one for happening in happenings for one in happening.entries]
    told.sort(key=lambda one: (one.source.released_at or _NO_INSTANT, one.first_on, one.key), reverse=True)
    for one in told[: settings.ISTHMUS.feed_items]:
        _add(feed, one)
    return str(feed.writeString("utf-8"))


def _add(feed: Any, one: Shown) -> None:
    label = f" ({one.label})" if one.label else ""
    told_at = one.source.released_at or _NO_INSTANT
    feed.add_item(
        title=_xml_text(f"{one.words}{label}: {kit_text.shorten(one.sentence, _MAX_TITLE_CHARS)}"),
        link=settings.PUBLIC_URL + one.source.url,
        description=_xml_text(f"{one.sentence} — {_where_and_why(one)}"),
        unique_id=uuid5(_ENTRIES, one.key).urn,
        pubdate=told_at,
        updateddate=told_at,
        categories=[_xml_text(subject["name"]) for subject in one.subjects],
    )


def _xml_text(value: str) -> str:
    return _NOT_IN_XML.sub("", value)
