"""A kept page as it is sent: stamped, compressed and with its headers, once for each form it is asked for in."""

from __future__ import annotations

import gzip
import math
from dataclasses import dataclass
from email.utils import formatdate
from hashlib import blake2b
from pathlib import Path

import brotli

from isthmus.edition.page import Page
from isthmus.edition.store import Stamp
from isthmus.server.front.wanted import BROTLI, GZIP, IDENTITY

_COMPRESSIBLE = (
    "text/", "application/javascript", "application/json", "application/problem+json", "application/atom+xml",
    "application/xml", "application/rss+xml", "image/svg", "font/ttf",
)  # fmt: skip
# Below this, what compression saves is less than what it says of itself.
_COMPRESSED_FROM_BYTES = 200
# 20 kB of page on this machine: gzip 5 0.5 ms and 1 % larger than 9; brotli 5 0.7 ms and 9 % smaller than gzip.
_GZIP_LEVEL, _BROTLI_QUALITY = 5, 5
# What stands beside the bytes themselves: the objects that hold them.
_ENTRY_BYTES = 1500


@dataclass(slots=True)
class Prepared:
    """One form of one page, ready to be sent after the line with status and date.

    whole: headers, empty line and body; head: those of a HEAD; unchanged: those of a 304.
    etag: without quotes. file: sent from disk instead, `size_bytes` long; then `whole` is empty.
    is_page: counted as read; expires_at: seconds since 1970, infinite for most.
    was_used: since the memory last looked for what can go.
    """

    key: str
    etag: bytes
    modified_at: int
    whole: bytes
    head: bytes
    unchanged: bytes
    shared: bytes
    file: str
    size_bytes: int
    is_page: bool
    is_stamped: bool
    expires_at: float
    was_used: bool = True

    @property
    def n_bytes(self) -> int:
        """The memory it takes."""
        return len(self.whole) + len(self.head) + len(self.unchanged) + _ENTRY_BYTES


def is_compressible(page: Page) -> bool:
    """Whether forms other than the plain one exist."""
    kind = next((value for name, value in page.headers if name.lower() == "content-type"), "")
    return not page.file and len(page.content) >= _COMPRESSED_FROM_BYTES and kind.startswith(_COMPRESSIBLE)


def prepare(page: Page, form: str, stamp: Stamp) -> Prepared:
    """The page in one form. form: `IDENTITY` wherever the page is not compressible. stamp: that of now."""
    body = _coded(page.stamped(stamp.text.encode()), form) if not page.file else b""
    size_bytes = page.size_bytes if page.file else len(body)
    modified_at = max(page.modified_at, stamp.changed_at if page.places else 0)
    etag = _etag(page, form, stamp)
    shared = _shared(page, form, etag, modified_at)
    kind = next((value for name, value in page.headers if name.lower() == "content-type"), "")
    length = b"Content-Length: %d\r\n\r\n" % size_bytes
    return Prepared(
        key=page.key, etag=etag, modified_at=modified_at, whole=b"" if page.file else shared + length + body,
        head=shared + length, unchanged=_of_304(shared) + b"\r\n", shared=shared, file=page.file,
        size_bytes=size_bytes, is_page=kind.startswith("text/html"), is_stamped=bool(page.places),
        expires_at=math.inf if page.expires_at is None else page.expires_at,
    )  # fmt: skip


def held(page: Prepared) -> Prepared:
    """The same with its file's bytes in memory, for a small file. Raises: OSError; ValueError if it is not whole."""
    content = Path(page.file).read_bytes()
    if len(content) != page.size_bytes:
        raise ValueError(page.file)
    page.whole = page.head + content
    return page


def _coded(content: bytes, form: str) -> bytes:
    if form == GZIP:
        # mtime 0: the same bytes at each start.
        return gzip.compress(content, _GZIP_LEVEL, mtime=0)
    if form == BROTLI:
        coded: bytes = brotli.compress(content, quality=_BROTLI_QUALITY)
        return coded
    return content


def _etag(page: Page, form: str, stamp: Stamp) -> bytes:
    """Another for each form and each stamp: a strong tag names bytes."""
    stamped = f"-{blake2b(stamp.text.encode(), digest_size=4).hexdigest()}" if page.places else ""
    return f"{page.etag}{stamped}{f'-{form}' if form != IDENTITY else ''}".encode("ascii")


def _shared(page: Page, form: str, etag: bytes, modified_at: int) -> bytes:
    """Every header that 200, 206 and HEAD have in common, with line ends."""
    lines = [f"{name}: {value}\r\n" for name, value in page.headers if name.lower() != "vary"]
    if form != IDENTITY:
        lines.append(f"Content-Encoding: {form}\r\n")
    vary = {word.strip() for name, value in page.headers if name.lower() == "vary" for word in value.split(",")}
    if vary := vary | ({"Accept-Encoding"} if is_compressible(page) else set()):
        lines.append(f"Vary: {', '.join(sorted(vary))}\r\n")
    if page.file:
        lines.append("Accept-Ranges: bytes\r\n")
    lines.append(f"Last-Modified: {formatdate(modified_at, usegmt=True)}\r\n")
    return "".join(lines).encode("latin-1") + b'ETag: "' + etag + b'"\r\n'


def _of_304(shared: bytes) -> bytes:
    """Without what describes bytes that are not sent (RFC 9110, 15.4.5)."""
    lines = shared.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.lower().startswith((b"content-type:", b"content-encoding:")))
