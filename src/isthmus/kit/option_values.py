"""How the value of an option is read, checked, and written down again.

Every check raises ValueError whose text completes the sentence "write …".
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_ADDRESS = r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,255}"
_SENDER = re.compile(rf"{_ADDRESS}|[^\x00-\x1f<>]{{1,120}} <{_ADDRESS}>")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


def parse(
    value: Any,
    kind: str,
    *,
    choices: tuple[str, ...] = (),
    minimum: float | None = None,
    maximum: float | None = None,
    check: Callable[[str], None] | None = None,
) -> Any:
    """The value as the program uses it, from TOML's own type or from the text of a variable.

    Raises: ValueError with what to write instead.
    """
    if kind in ("int", "float"):
        return _number(value, kind, minimum=minimum, maximum=maximum)
    if kind == "bool":
        return _truth(value)
    if kind == "list":
        return _items(value, check=check)
    text = _text(value)
    if kind == "choice" and text not in choices:
        raise ValueError("one of " + ", ".join(choices))
    if kind == "zone":
        _zone(text)
    text = text.rstrip("/") if kind == "url" else text
    if check is not None:
        check(text)
    return text


def toml(value: Any) -> str:
    """The value as TOML writes it; used in the first file and in messages."""
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, str):
        # JSON's string is TOML's basic string, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return json.dumps(value, default=str)


def shown(value: Any) -> str:
    """The default as the reference shows it."""
    return "empty" if value in ("", ()) else f"`{toml(value)}`"


def one_line(text: str) -> None:
    """A name: 1 to 200 characters on one line."""
    if not text.strip() or len(text) > 200 or not text.isprintable():
        raise ValueError("a name of 1 to 200 characters on one line")


def absolute_url(text: str) -> None:
    """Scheme, host and port only, or nothing."""
    if not text:
        return
    try:
        parts = urlsplit(text)
        is_site = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_site = False
    if not is_site or parts.path or parts.query or parts.fragment or "@" in parts.netloc or re.search(r"\s", text):
        raise ValueError("scheme and host with no path, such as https://institute.example")


def database_address(text: str) -> None:
    """`sqlite`, or a PostgreSQL address with a host or a database."""
    if text == "sqlite":
        return
    try:
        parts = urlsplit(text)
        is_postgresql = parts.scheme in ("postgresql", "postgres") and len(parts.path) > 1 and parts.port != 0
    except ValueError:
        is_postgresql = False
    if not is_postgresql:
        raise ValueError("sqlite, or postgresql://user:password@host:5432/name")


def language_tag(text: str) -> None:
    """A language tag such as en, ko or pt-BR."""
    if not _LANGUAGE.fullmatch(text):
        raise ValueError("a language tag such as en, ko or pt-BR")


def host_name(text: str) -> None:
    """A host name in lower case, neither scheme nor path."""
    if not _HOST.fullmatch(text):
        raise ValueError("host names in lower case without https:// or a path, such as player.vimeo.com")


def network(text: str) -> None:
    """An IP address or network."""
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError("addresses or networks such as 127.0.0.1 or 10.0.0.0/8") from error


def mail_sender(text: str) -> None:
    """An address, or a name and an address in angle brackets, or nothing."""
    if text and not _SENDER.fullmatch(text):
        raise ValueError("an address such as news@institute.example or Name <news@institute.example>")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError('a text in quotes, such as "…"')
    return value.strip()


def _number(value: Any, kind: str, *, minimum: float | None, maximum: float | None) -> float:
    bounds = f" from {minimum} to {maximum}" if minimum is not None else ""
    wanted = f"a {'whole ' if kind == 'int' else ''}number{bounds}"
    try:
        number = (int if kind == "int" else float)(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(wanted) from error
    # A bool is an int to Python and a float may be 2.5: neither is meant where an int is asked for.
    if isinstance(number, bool) or not isinstance(number, int if kind == "int" else (int, float)):
        raise ValueError(wanted)
    if not (minimum if minimum is not None else number) <= number <= (maximum if maximum is not None else number):
        raise ValueError(wanted)
    return number


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _TRUE + _FALSE:
        return value.strip().lower() in _TRUE
    raise ValueError("true or false")


def _items(value: Any, *, check: Callable[[str], None] | None) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list):
        raise ValueError('a list such as ["…", "…"]')
    items = tuple(text for item in given if (text := _text(item)))
    for item in items:
        if check is not None:
            check(item)
    return items


def _zone(text: str) -> None:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, LookupError) as error:
        raise ValueError("a zone by its IANA name, such as UTC, Asia/Seoul or America/New_York") from error


def mail_server(text: str) -> None:
    """Scheme, optional login, host, optional port; or a provider; or nothing."""
    if not text or re.fullmatch(r"provider:[a-z0-9_]{2,40}", text):
        return
    try:
        parts = urlsplit(text)
        is_server = parts.scheme in ("smtp", "smtps", "smtp+tls") and bool(parts.hostname) and (parts.port or 1) > 0
        is_server = is_server and not (parts.path.strip("/") or parts.query or parts.fragment)
    except ValueError:
        is_server = False
    if not is_server:
        raise ValueError("smtp://user:password@host:587 (or smtps://, smtp+tls://), provider:NAME, or nothing")


def time_of_day(text: str) -> None:
    """Hours and minutes of a day."""
    if not re.fullmatch(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError("a time such as 07:00")
