"""What stands before a Markdown page: YAML, TOML or JSON, every value a text, a list or a map, as printed."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from isthmus.importers import safe_yaml

_FENCE = re.compile(r"\s*^(---|\+\+\+|;;;)[ \t]*(yaml|yml|toml|json)?[ \t]*\r?\n", re.MULTILINE)
_TOP_KEY = re.compile(r"""(?m)^(?=["']?[^\s#:"'-][^:\n]*["']?\s*:(?:\s|$))""")
_MAX_CHARS = 400_000


@dataclass(frozen=True, slots=True)
class Page:
    """A page taken apart. meta: keys in small letters. has_meta: whether there was any front matter.

    doubts: what of the front matter could not be read as it stands.
    """

    meta: dict[str, Any]
    body: str
    has_meta: bool = True
    doubts: tuple[tuple[str, str], ...] = field(default=())


def page_of(words: str) -> Page:
    """The front matter and the body behind it; a page without front matter is all body. Never fails."""
    start = _FENCE.match(words[:2000])
    if start:
        end = re.search(rf"(?m)^{re.escape(start[1])}[ \t]*\r?$\n?", words[start.end() : start.end() + _MAX_CHARS])
        if end:
            inside = words[start.end() : start.end() + end.start()]
            return _page(inside, words[start.end() + end.end() :], start[2] or _NAMES[start[1]])
    elif words.lstrip().startswith("{"):
        return _json_page(words)
    return Page({}, words, has_meta=False)


_NAMES = {"---": "yaml", "+++": "toml", ";;;": "json"}


def has_front_matter(head: bytes) -> bool:
    """Whether a file begins with front matter between fences."""
    return bool(_FENCE.match(head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")))


def load(words: str, suffix: str) -> Any:
    """A data file by the ending of its name (.yml, .toml, .json). Raises: ValueError with the reason."""
    if suffix == ".json":
        return _texts(json.loads(words))
    return _texts(tomllib.loads(words)) if suffix == ".toml" else safe_yaml.load(words)


def _page(inside: str, body: str, language: str) -> Page:
    if language in ("toml", "json"):
        try:
            return Page(_keyed(load(inside, f".{language}")), body)
        except (ValueError, RecursionError) as error:
            return Page({}, body, doubts=(("front matter", f"cannot be read as {language.upper()}: {error}"),))
    try:
        return Page(_keyed(safe_yaml.load(inside)), body)
    except safe_yaml.YamlRefused as refused:
        meta = dict(pair for part in _parts(inside) for pair in _pairs(part))
        return Page(meta, body, doubts=(("front matter", f"is no YAML ({refused}); each key was read alone"),))


def _json_page(words: str) -> Page:
    """Hugo's JSON front matter: an object, then the body."""
    text = words.lstrip()
    try:
        meta, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return Page({}, words, has_meta=False)
    return Page(_keyed(_texts(meta)), text[end:])


def _parts(inside: str) -> Iterator[str]:
    """The front matter cut before each key that stands at the beginning of a line."""
    yield from filter(str.strip, _TOP_KEY.split(inside))


def _pairs(part: str) -> list[tuple[str, Any]]:
    """One key and its value; a value that is no YAML by itself is taken as words."""
    try:
        return list(_keyed(safe_yaml.load(part)).items())
    except safe_yaml.YamlRefused:
        key, _, value = part.partition(":")
        return [(key.strip().strip("\"'").lower(), " ".join(value.split()).strip("\"'"))]


def _keyed(meta: Any) -> dict[str, Any]:
    return {key.strip().lower(): value for key, value in meta.items()} if isinstance(meta, dict) else {}


def _texts(value: Any) -> Any:
    """The value with texts for numbers, dates and truths, as YAML is read here."""
    if isinstance(value, dict):
        return {str(key): _texts(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_texts(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return "" if value is None else str(value)
