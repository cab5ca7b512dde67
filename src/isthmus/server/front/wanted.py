"""What a request for something kept wants of it: the form, a condition, a part; RFC 9110, sections 12 to 14."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TypeAlias

IDENTITY, GZIP, BROTLI = "", "gzip", "br"
# Ours first: what is smaller wins where the client is indifferent.
_FORMS = (BROTLI, GZIP)
_CODING = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*;\s*[qQ]\s*=\s*([01](?:\.\d{0,3})?))?")
_TAG = re.compile(rb'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_RANGE = re.compile(r"(\d{0,18})-(\d{0,18})")
# A reader of PDFs asks for some pieces of the table of contents at once; hundreds were an attack once.
_MOST_PARTS = 8


@lru_cache(maxsize=512)
def form_for(accepted: bytes) -> str:
    """The coding to send for an Accept-Encoding, `IDENTITY` where the client says nothing we have.

    Nobody gets 406: a client that refuses everything is sent the plain bytes.
    """
    weights: dict[str, float] = {}
    for item in accepted.decode("latin-1").split(","):
        if found := _CODING.fullmatch(item.strip()):
            weights[found[1].lower().removeprefix("x-")] = float(found[2] or 1)
    other = weights.get("*", 0.0)
    best, weight = IDENTITY, weights.get("identity", 0.0)
    for form in reversed(_FORMS):
        if (own := weights.get(form, other)) and own >= weight:
            best, weight = form, own
    return best


def matches(said: bytes, etag: bytes) -> bool:
    """Whether an If-None-Match names this tag (without its quotes), compared weakly; `*` names all."""
    return said == b"*" or etag in _TAG.findall(said)


@lru_cache(maxsize=512)
def seconds(date: bytes) -> float | None:
    """An HTTP date as seconds since 1970, None for what is none."""
    try:
        return parsedate_to_datetime(date.decode("latin-1")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def is_unchanged(etag: bytes, modified_at: int, *, if_none_match: bytes, if_modified_since: bytes) -> bool:
    """Whether 304 is the answer; the date counts only where no tag is named."""
    if if_none_match:
        return matches(if_none_match, etag)
    since = seconds(if_modified_since) if if_modified_since else None
    return since is not None and modified_at <= since


class Unsatisfiable(Exception):
    """No byte of the file lies in a range that is asked for."""


Part: TypeAlias = tuple[int, int]
"""First and last byte."""


def parts_of(said: bytes, size_bytes: int) -> list[Part]:
    """The parts that a Range asks for, none of them twice; empty where the whole is to be sent.

    Parts that overlap or touch become one, and then come in the order of the file; others come as they were asked for.
    A request for more parts than a reader of ours ever sends is answered with the whole (RFC 9110, 14.2 and 17.15).
    Raises: Unsatisfiable.
    """
    unit, _, text = said.decode("latin-1").partition("=")
    asked = [part.strip() for part in text.split(",", _MOST_PARTS)]
    if unit.strip().lower() != "bytes" or len(asked) > _MOST_PARTS:
        return []
    parts: list[Part] = []
    for one in filter(None, asked):
        found = _RANGE.fullmatch(one)
        if found is None or not (part := _part(found[1], found[2], size_bytes)):
            return []
        if part[0] <= part[1]:
            parts.append(part)
    if not parts and any(asked):
        raise Unsatisfiable
    return _joined(parts)


def _part(first: str, last: str, size_bytes: int) -> Part | None:
    """One part as far as the file has it, with its end before its beginning if it has nothing; None if it is none."""
    if not first and not last:
        return None
    if not first:
        return (max(0, size_bytes - int(last)), size_bytes - 1)
    if last and int(last) < int(first):
        return None
    return (int(first), min(int(last), size_bytes - 1) if last else size_bytes - 1)


def _joined(parts: list[Part]) -> list[Part]:
    joined: list[Part] = []
    for first, last in sorted(parts):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return parts if len(joined) == len(parts) else joined


def still_holds(if_range: bytes, etag: bytes, modified_at: int) -> bool:
    """Whether an If-Range allows a part: it names the very tag, strongly, or the very date."""
    if not if_range:
        return True
    if if_range.startswith((b'"', b"W/")):
        return if_range == b'"' + etag + b'"'
    return seconds(if_range) == float(modified_at)
