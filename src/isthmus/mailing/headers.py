"""Header lines of a mail: whatever anybody typed comes out as one field and never as two. Pure.

Python's own header objects read encoded words that stand in a value and fold by what they found, and have written line
breaks that way (CVE-2024-6923). Here a text is cleaned first, and anything but plain words goes out encoded whole.
"""

from __future__ import annotations

import re
import unicodedata
from email.header import Header
from email.utils import parseaddr

from isthmus.kit import text

# A subject is 500 characters at most, and a name 200; more is not shown by any mail program.
MAX_CHARS = 500
# RFC 5322 asks for 78 and forbids more than 998; encoded words may not stand on lines above 76 (RFC 2047).
_LINE = 76
_PLAIN = re.compile(r"[\x21-\x7e]{1,60}(?: [\x21-\x7e]{1,60})*", re.ASCII)
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/?^_`{|}~-]+)*", re.ASCII)
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@\x00-\x20\x7f]+@[^\s<>,;:\"()\\@\x00-\x20\x7f]+")


def clean(value: str, *, max_chars: int = MAX_CHARS) -> str:
    """The text on one line, without control characters, lone surrogates and what turns the direction of writing.

    Every kind of line end that Unicode knows becomes a space, NEL and U+2028 too. A longer text is cut with ….
    """
    seen = "".join(" " if _is_unprintable(sign) else sign for sign in value[: max_chars * 4])
    return text.shorten(seen, max_chars)


def _is_unprintable(sign: str) -> bool:
    if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp"):
        return True
    # Isolates, embeddings and overrides: with them "gpj.exe" is read as "exe.jpg".
    return "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069"


def line(name: str, value: str) -> bytes:
    """One unstructured field such as Subject, folded, with its CRLF; the value is whatever somebody typed."""
    return f"{name}: {_unstructured(name, clean(value))}\r\n".encode("ascii")


def mailbox_line(name: str, phrase: str, address: str) -> bytes:
    """One field with one mailbox, such as From. Raises: ValueError for what is no address, which options refuse."""
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"{address!r} is no address for {name}.")
    shown = _phrase(name, clean(phrase, max_chars=200))
    return f"{name}: {f'{shown} <{address}>' if shown else address}\r\n".encode()


def list_line(name: str, phrase: str, list_id: str) -> bytes:
    """List-Id (RFC 2919): what the list is called, and its name for machines, letters, digits, dots and hyphens."""
    shown = _phrase(name, clean(phrase, max_chars=200))
    return f"{name}: {shown}\r\n <{list_id}>\r\n".encode("ascii")


def split_sender(option: str) -> tuple[str, str]:
    """Name and address out of an option such as `The Institute <news@institute.example>`; the name may be empty."""
    return parseaddr(option)


def _unstructured(name: str, value: str) -> str:
    if not value:
        return ""
    is_plain = bool(_PLAIN.fullmatch(value)) and "=?" not in value
    charset = "us-ascii" if is_plain else "utf-8"
    return Header(value, charset, maxlinelen=_LINE, header_name=name).encode(linesep="\r\n")


def _phrase(name: str, value: str) -> str:
    """A display name: atoms, a quoted string, or encoded words, which may not stand inside quotes (RFC 2047, 5)."""
    if not value or _ATOMS.fullmatch(value):
        return _unstructured(name, value)
    if _PLAIN.fullmatch(value) and "=?" not in value and len(value) < _LINE - len(name):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return Header(value, "utf-8", maxlinelen=_LINE, header_name=name).encode(linesep="\r\n")
