"""The head of a request, read by the strict grammar of RFC 9112: what another server might read otherwise is refused.

One regular expression says what a head may be, so there is nothing to be lenient about. llhttp (in httptools) was
measured at 8 µs a head against 5 here, and takes a folded line and a bare LF that would have to be looked for again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

# Longest address, longest head, most fields: what browsers and proxies stay far below.
TARGET_MAX_BYTES = 8 * 1024
HEAD_MAX_BYTES = 32 * 1024
FIELDS_MAX = 100
END = b"\r\n\r\n"

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_HEAD = re.compile(
    rb"(%b) ([\x21-\x7e]++) HTTP/1\.([01])\r\n((?:%b:[\t\x20-\x7e\x80-\xff]*+\r\n)*+)\r\n" % (_TOKEN, _TOKEN)
)
_NO_BEGINNING = re.compile(rb"[^\r!#$%&'*+\-.^_`|~0-9A-Za-z]")
_OTHER_VERSION = re.compile(rb"%b [\x21-\x7e]++ HTTP/\d(?:\.\d)?\r\n" % _TOKEN)
_FIELD = re.compile(rb"([^:]++):[ \t]*+([^\r]*+)\r\n")
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?")
_ABSOLUTE = re.compile(rb"[Hh][Tt][Tt][Pp][Ss]?://([^/?#@]+)(/[^#]*|\?[^#]*|)")
_KNOWN = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REFUSED = frozenset({"TRACE", "CONNECT"})
# A body has no meaning with these (RFC 9110, 9.3), and servers that disagree about it can be played off.
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
CHUNKED = -1


class Refused(Exception):
    """A request that is answered with an error and the end of the connection. allow: for a 405, what may be asked."""

    def __init__(self, status: int, why: str, *, allow: str = "") -> None:
        super().__init__(why)
        self.status, self.allow = status, allow


@dataclass(slots=True, eq=False)
class Request:
    """A request that means the same to every reader of it.

    path, query: as sent, without the question mark; path is `*` for the one request about the whole server.
    fields: names in small letters, values without blanks around, in order; values: those of one name as one list.
    body_bytes: the length that follows; 0 for none, CHUNKED where it tells its length piece by piece.
    keeps_alive: the client wants to ask again on the same connection.
    """

    method: str
    path: str
    query: str
    is_http_10: bool
    fields: list[tuple[bytes, bytes]]
    values: dict[bytes, bytes]
    body_bytes: int
    keeps_alive: bool

    def joined(self, name: bytes) -> bytes:
        """The values of a field as one list, empty where there is none."""
        return self.values.get(name, b"")

    @property
    def expects_continue(self) -> bool:
        """Whether it waits for a word before it sends its body."""
        return b"expect" in self.values and not self.is_http_10


def parse(block: bytes) -> Request:
    """The request whose head is exactly `block`, the empty line included. Raises: Refused."""
    found = _HEAD.fullmatch(block)
    if found is None:
        if (other := _OTHER_VERSION.match(block)) and not re.search(rb" HTTP/1\.[01]\r\n", other[0]):
            raise Refused(505, "This server speaks HTTP/1.0 and HTTP/1.1.")
        raise Refused(400, "The request is not written as HTTP asks for.")
    method, target = found[1].decode(), found[2]
    if len(target) > TARGET_MAX_BYTES:
        raise Refused(414, "The address is too long.")
    fields = [(name.lower(), value) for name, value in _FIELD.findall(found[4])]
    if b" \r\n" in block or b"\t\r\n" in block:
        fields = [(name, value.rstrip(b" \t")) for name, value in fields]
    if len(fields) > FIELDS_MAX:
        raise Refused(431, "The request has too many headers.")
    _check_method(method)
    is_http_10 = found[3] == b"0"
    path, host = _target(method, target)
    path, _, query = path.partition("?")
    values = _values(fields)
    if host is not None or b"host" not in values or not _HOST.fullmatch(values[b"host"]):
        fields = _with_host(fields, host, is_http_10=is_http_10)
        values = _values(fields)
    if b"expect" in values and values[b"expect"].lower() != b"100-continue":
        raise Refused(417, "Nothing but 100-continue can be expected here.")
    n_bytes = 0
    if b"content-length" in values or b"transfer-encoding" in values:
        n_bytes = _body_bytes(method, fields, is_http_10=is_http_10)
    keeps_alive = _keeps_alive(values.get(b"connection", b""), is_http_10=is_http_10)
    return Request(method, path, query, is_http_10, fields, values, n_bytes, keeps_alive)


def _values(fields: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    values = dict(fields)
    if len(values) == len(fields):
        return values
    values = {}
    for name, value in fields:
        values[name] = values[name] + b", " + value if name in values else value
    return values


@lru_cache(maxsize=256)
def _keeps_alive(connection: bytes, *, is_http_10: bool) -> bool:
    said = {word.strip() for word in connection.lower().split(b",")}
    return b"keep-alive" in said and b"close" not in said if is_http_10 else b"close" not in said


def canonical_path(path: str) -> str:
    """The path as a browser would have spelled it: percent signs only where they are needed, in capital letters."""
    return quote(unquote_to_bytes(path), safe="/:@!$&'()*+,;=-._~") if "%" in path else path


# Known without asking the store; OPTIONS alone asks about `*`.
_NEVER_KEPT = ("/admin/", "/api/", "/search/", "/healthz", "*")
_KEPT_ALL_THE_SAME = frozenset({"/search/help/"})


def may_be_kept(path: str) -> bool:
    """Whether the answer of an address can be the same for everybody; most of those that cannot are known by it."""
    return not path.startswith(_NEVER_KEPT) or path in _KEPT_ALL_THE_SAME


def unfinished(received: bytes) -> Refused | None:
    """Why no more of a head should be waited for, None while there is hope.

    Who ends lines with a bare line feed, or speaks TLS to us, would wait for its answer until the deadline for heads.
    """
    if received.count(b"\n") != received.count(b"\r\n") or _NO_BEGINNING.match(received):
        return Refused(400, "The request is not written as HTTP asks for.")
    line = received.find(b"\r\n")
    # The method and the version are about 20 bytes more.
    if (line if line >= 0 else len(received)) > TARGET_MAX_BYTES + 32:
        return Refused(414, "The address is too long.")
    return Refused(431, "The headers are too long.") if len(received) > HEAD_MAX_BYTES else None


def _check_method(method: str) -> None:
    if method in _REFUSED:
        raise Refused(405, f"{method} is not answered here.", allow=", ".join(sorted(_KNOWN)))
    if method not in _KNOWN:
        raise Refused(501, "This server does not know the method.")


def _target(method: str, target: bytes) -> tuple[str, bytes | None]:
    """Path with query, and the host where the target named one."""
    if b"#" in target:
        raise Refused(400, "An address is asked for without its fragment.")
    if target.startswith(b"/"):
        return target.decode("ascii"), None
    if target == b"*" and method == "OPTIONS":
        return "*", None
    if found := _ABSOLUTE.fullmatch(target):
        rest = found[2].decode("ascii")
        return rest if rest.startswith("/") else f"/{rest}", found[1]
    raise Refused(400, "The address of the request is none of this server's.")


def _with_host(fields: list[tuple[bytes, bytes]], host: bytes | None, *, is_http_10: bool) -> list[tuple[bytes, bytes]]:
    """The fields with one right Host; the target's own goes before what the field says (RFC 9112, 3.2.2)."""
    said = [value for name, value in fields if name == b"host"]
    if len(said) > 1 or (not said and not is_http_10):
        raise Refused(400, "A request names its host once.")
    if any(not _HOST.fullmatch(value) for value in [*said, *([host] if host is not None else [])]):
        raise Refused(400, "The host is no host name.")
    if host is None:
        return fields
    return [(b"host", host), *(field for field in fields if field[0] != b"host")]


def _body_bytes(method: str, fields: list[tuple[bytes, bytes]], *, is_http_10: bool) -> int:
    """The length of the body by the one reading that all servers share. Raises: Refused where there are two."""
    lengths = [value for name, value in fields if name == b"content-length"]
    codings = [value.lower() for name, value in fields if name == b"transfer-encoding"]
    if codings:
        if lengths or is_http_10 or len(codings) > 1:
            raise Refused(400, "The length of the body is told in two ways.")
        if codings[0] != b"chunked":
            raise Refused(501, "The body is coded in a way that is not known here.")
    if len(lengths) > 1 or (lengths and not (lengths[0].isdigit() and len(lengths[0]) <= 18)):
        raise Refused(400, "The length of the body is not one number.")
    n_bytes = CHUNKED if codings else int(lengths[0]) if lengths else 0
    if n_bytes and method in _WITHOUT_BODY:
        raise Refused(400, f"{method} has no body.")
    return n_bytes
