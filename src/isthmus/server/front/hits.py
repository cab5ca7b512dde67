"""Requests that a kept page answers: which page, in which form, whole or a part of it, or that nothing has changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from secrets import token_hex
from urllib.parse import unquote_plus

from isthmus.server.front import wanted
from isthmus.server.front.heads import END, Request, canonical_path, may_be_kept
from isthmus.server.front.memory import Memory
from isthmus.server.front.prepared import Prepared

# A request with one of these may be answered with less than a whole page.
_NOT_USUAL = frozenset({b"if-none-match", b"if-modified-since", b"range"})
_PAGE = re.compile(r"[1-9]\d{0,8}")


@dataclass(slots=True, eq=False)
class Wanted:
    """How a GET or HEAD without body wants a page: what all its headers say, whatever its address.

    agent: who asks, for the count of readers; empty for what is not counted. is_usual: a GET of HTTP/1.1 for the whole
    page, whatever the client has of it, on a connection that stays.
    """

    form: str
    is_head: bool
    is_http_10: bool
    keeps_alive: bool
    if_none_match: bytes
    if_modified_since: bytes
    part: bytes
    if_range: bytes
    agent: str
    is_usual: bool


@dataclass(slots=True, eq=False)
class Sent:
    """What is sent for a hit: status, what follows the line with the date, then parts of a file, then `end`.

    parts: what stands before each, and its first and last byte.
    """

    status: int
    rest: bytes
    file: str = ""
    parts: tuple[tuple[bytes, int, int], ...] = ()
    end: bytes = b""

    @property
    def n_bytes(self) -> int:
        """The length of the body."""
        in_file = sum(len(before) + last - first + 1 for before, first, last in self.parts)
        return len(self.rest) - self.rest.index(END) - len(END) + in_file + len(self.end)


def wanted_by(request: Request) -> Wanted:
    """What the headers of a GET or HEAD ask for."""
    values, is_head = request.values, request.method == "HEAD"
    return Wanted(
        form=wanted.form_for(values.get(b"accept-encoding", b"")), is_head=is_head,
        is_http_10=request.is_http_10, keeps_alive=request.keeps_alive,
        if_none_match=values.get(b"if-none-match", b""), if_modified_since=values.get(b"if-modified-since", b""),
        part=b"" if is_head else values.get(b"range", b""), if_range=values.get(b"if-range", b""),
        agent=counted_agent(request),
        is_usual=request.method == "GET" and request.keeps_alive and not request.is_http_10
        and values.keys().isdisjoint(_NOT_USUAL),
    )  # fmt: skip


def key_for(request: Request, memory: Memory) -> str | None:
    """The key of the page that is asked for, None where only Django can answer.

    Parameters that the page's view does not read are left out.
    """
    if request.method not in ("GET", "HEAD") or not may_be_kept(request.path):
        return None
    path = canonical_path(request.path)
    if not request.query:
        return path
    known = memory.parameters_of(path)
    if known is None:
        return None
    given = [(unquote_plus(name), value) for name, _, value in map(_parted, request.query.split("&"))]
    read = [(name, value) for name, value in given if name in known]
    if not read:
        return path
    is_canonical = len(read) == 1 and read[0][0] == "page" and _PAGE.fullmatch(read[0][1])
    return f"{path}?page={read[0][1]}" if is_canonical else None


def _parted(item: str) -> tuple[str, str, str]:
    return item.partition("=")


def counted_agent(request: Request) -> str:
    """Who asks, as he calls himself; empty for a HEAD and for a browser that only reads ahead."""
    values = request.values
    if request.method != "GET" or b"prefetch" in (values.get(b"sec-purpose") or values.get(b"purpose", b"")).lower():
        return ""
    return values.get(b"user-agent", b"").decode("latin-1")


def answer(asked: Wanted, page: Prepared) -> Sent:
    """What is sent; small files and pages come whole, a large file with the bytes to read from disk."""
    if (asked.if_none_match or asked.if_modified_since) and wanted.is_unchanged(
        page.etag, page.modified_at, if_none_match=asked.if_none_match, if_modified_since=asked.if_modified_since
    ):
        return Sent(304, page.unchanged)
    if asked.is_head:
        return Sent(200, page.head)
    if page.file and asked.part and wanted.still_holds(asked.if_range, page.etag, page.modified_at):
        return _partly(asked, page)
    return _whole(page)


def _partly(asked: Wanted, page: Prepared) -> Sent:
    try:
        parts = wanted.parts_of(asked.part, page.size_bytes)
    except wanted.Unsatisfiable:
        return Sent(
            416, page.unchanged[:-2] + b"Content-Range: bytes */%d\r\nContent-Length: 0\r\n\r\n" % page.size_bytes
        )
    if not parts:
        return _whole(page)
    if len(parts) > 1:
        return _several(parts, page)
    ((first, last),) = parts
    head = page.shared + _range(first, last, page) + b"Content-Length: %d\r\n\r\n" % (last - first + 1)
    return _of_file(head, ((b"", first, last),), b"", page)


def _several(parts: list[wanted.Part], page: Prepared) -> Sent:
    """Each part with a head of its own between lines that stand nowhere in the file (RFC 9110, 14.6)."""
    boundary = token_hex(12).encode()
    lines = page.shared.splitlines(keepends=True)
    own = b"".join(line for line in lines if line.lower().startswith(b"content-type:"))
    before = tuple((b"\r\n--%b\r\n%b%b\r\n" % (boundary, own, _range(*part, page)), *part) for part in parts)
    end = b"\r\n--%b--\r\n" % boundary
    n_bytes = len(end) + sum(len(head) + last - first + 1 for head, first, last in before)
    head = b"".join(line for line in lines if not line.lower().startswith(b"content-type:"))
    head += b"Content-Type: multipart/byteranges; boundary=%b\r\nContent-Length: %d\r\n\r\n" % (boundary, n_bytes)
    return _of_file(head, before, end, page)


def _range(first: int, last: int, page: Prepared) -> bytes:
    return b"Content-Range: bytes %d-%d/%d\r\n" % (first, last, page.size_bytes)


def _of_file(head: bytes, parts: tuple[tuple[bytes, int, int], ...], end: bytes, page: Prepared) -> Sent:
    if not page.whole:
        return Sent(206, head, page.file, parts, end)
    begin = len(page.head)
    pieces = [before + page.whole[begin + first : begin + last + 1] for before, first, last in parts]
    return Sent(206, b"".join([head, *pieces, end]))


def _whole(page: Prepared) -> Sent:
    return Sent(200, page.whole) if page.whole else Sent(200, page.head, page.file, ((b"", 0, page.size_bytes - 1),))
