"""What is kept of one address: the answer, what it shows, and how far the journal was when it was made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b

# Tags that begin so stand for what the keeper of the dossiers mined: it follows the journal at its own pace, so such
# a tag is compared with the number that IT had reached, see Page.mined_seq.
MINED = "dossier:"


@dataclass(frozen=True, slots=True)
class Page:
    """A stored 200 answer to GET; every anonymous reader gets these bytes.

    key: the path, percent-encoded as browsers send it, with `?page=N` where that is part of the address (`key_of`).
    headers: without Content-Length, ETag, Last-Modified, Date, Content-Encoding, Connection: those are the front's.
    tags: names of all that the answer shows (`pub:17`, `person:3`, `list:series:2`, `home` …); no spaces in them.
    seq: the journal's number before the rendering began; what is purged with a higher one is out of date.
    mined_seq: the same for tags of dossiers, whose keeper may be behind the journal; None where there are none.
    etag: of the content without the stamp, no quotes; the front adds stamp and encoding.
    modified_at: whole seconds since 1970 (UTC), when the bytes were made.
    content: the identity bytes without the stamp; empty where `file` is given.
    places: offsets in `content`, ascending, at which the stamp (the Total) stands.
    file: path on disk of a picture, a document or an asset, sent as it is; `size_bytes` its length.
    parameters: names of the query parameters that the view reads; the front forwards a request that carries one,
    except a canonical `page`.
    expires_at: seconds since 1970 from which the answer is no longer right by itself, None for never.
    """

    key: str
    headers: tuple[tuple[str, str], ...]
    tags: frozenset[str]
    seq: int
    etag: str = ""
    modified_at: int = 0
    content: bytes = b""
    places: tuple[int, ...] = ()
    file: str = ""
    size_bytes: int = 0
    parameters: frozenset[str] = frozenset()
    mined_seq: int | None = None
    expires_at: float | None = None

    def stamped(self, stamp: bytes) -> bytes:
        """The bytes that a reader gets: `stamp` at each of its places."""
        if not self.places:
            return self.content
        parts, begin = [], 0
        for place in self.places:
            parts += [self.content[begin:place], stamp]
            begin = place
        return b"".join([*parts, self.content[begin:]])

    def made_at(self, tag: str) -> int:
        """The number to compare a purge of this tag with."""
        is_mined = tag.startswith(MINED) and self.mined_seq is not None
        return min(self.seq, self.mined_seq or 0) if is_mined else self.seq

    def etag_with(self, stamp: str) -> str:
        """The tag of the plain bytes with this stamp: a strong tag names bytes."""
        return f"{self.etag}-{blake2b(stamp.encode(), digest_size=4).hexdigest()}" if self.places else self.etag

    def with_etag(self) -> Page:
        """The same with an ETag made from content, places and type, unless it has one."""
        if self.etag:
            return self
        digest = blake2b(self.content, digest_size=12)
        # Not of what is said to caches alone: more tags are no other bytes.
        said = [(name, value) for name, value in self.headers if not name.lower().startswith("surrogate-")]
        digest.update(repr((self.places, said, self.file, self.size_bytes)).encode())
        return replace(self, etag=digest.hexdigest())


def key_of(path: str, page: int | None = None) -> str:
    """The key of an address. path: percent-encoded; page: the number of a listing's page, None for the bare address."""
    return path if page is None else f"{path}?page={page}"


def words(names: Iterable[str]) -> str:
    """Names as one text, in a steady order: for a header and for the store."""
    return " ".join(sorted(names))
