"""Parts that many pages share, header and footer first: rendered once for what they read, then put in from memory.

Templates took more than half of a page's time, and a third of that gave the same on every page. A part is kept only
where that changes no byte: it saw nothing but what it was given, noted nothing that it shows, and writes what a visitor
asked for, if at all, just as it stands. So a theme may say in such a part what it likes; then it is rendered each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from isthmus.kit import collecting

# Header, footer and head in some languages for a handful of menu entries; cards of 1 kB. When full, all begins anew.
_most = 2000


class _Watched(dict[str, Any]):
    """Values by name that remembers which of them were read, and which others were asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.read: set[str] = set()
        self.missed: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        is_here = super().__contains__(name)
        if not is_here:
            self.missed.add(str(name))
        return is_here

    def __missing__(self, name: str) -> Any:
        self.missed.add(name)
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class _Part:
    """A rendered part. total, query: what stands for them in the text; missed: names that were not there.

    is_of_visit: it looked at the address or the search.
    """

    text: str
    total: str
    query: str
    missed: frozenset[str]
    is_of_visit: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """What of a page's context a part is given. path: of the page, where a menu leads to it; query: as searched for."""

    site: Any
    path: str
    query: str | None


def shown(context: template.Context, name: str, given: Mapping[str, Any], *, total: Callable[[], str]) -> SafeString:
    """The part that the template `name` makes with `given`, and with the page's site, address and search.

    total: what stands for the number of publications, asked only where it stands in the part.
    """
    asked = _asked(context)
    key = (name, get_language(), asked.path, asked.query and "asked", repr(given))
    site, part = _kept.get(key, (None, None))
    if site is not asked.site and site != asked.site:
        part = _made(context, name, given, asked)
        _keep(key, asked.site, part)
    if part is None or any(name in context for name in part.missed):
        return _as_ever(context, name, given)
    return mark_safe(_filled(part, asked.query, total))  # noqa: S308  (rendered by a template, values escaped)


def _asked(context: template.Context) -> _Asked:
    site, path = context.get("site"), str(context.get("request_path") or "")
    leads_there = any(entry["url"] == path for entry in getattr(site, "menu", ()))
    results = context.get("results")
    return _Asked(site, path if leads_there else "", str(results["query_text"]) if results else None)


def _filled(part: _Part, query: str | None, total: Callable[[], str]) -> str:
    text = part.text
    for _ in range(text.count(part.total)):
        text = text.replace(part.total, conditional_escape(total()), 1)
    # Last, so that nothing in a visitor's words is taken for a mark.
    return text.replace(part.query, conditional_escape(query)) if query else text


def _keep(key: tuple[Any, ...], site: Any, part: _Part | None) -> None:
    if len(_kept) >= _most:
        _kept.clear()
    _kept[key] = (site, part)


def _made(context: template.Context, name: str, given: Mapping[str, Any], asked: _Asked) -> _Part | None:
    """The part as it may be kept; None where two that were asked for different things differ in more than those."""
    one = _attempt(context, name, given, asked)
    if one is None or not one.is_of_visit:
        return one
    other = _attempt(context, name, given, asked)
    if other is None:
        return None
    is_same = one.text == other.text.replace(other.query, one.query).replace(other.total, one.total)
    return one if is_same and one.missed == other.missed else None


def _attempt(context: template.Context, name: str, given: Mapping[str, Any], asked: _Asked) -> _Part | None:
    """Rendered with words that nobody wrote for the query and, where no menu leads to the page, for its address."""
    query, path = (f"~{token_hex(16)}~" for _ in range(2))
    results = None if asked.query is None else _Watched({"query_text": query if asked.query else ""})
    # Every loop looks whether it stands in another one; what it would say of that one is for no kept part to know.
    around = _Watched({})
    values = _Watched(
        {**given, "site": asked.site, "request_path": asked.path or path, "results": results, "forloop": around}
    )
    outer = collecting.current()
    with collecting.gathering(outer.state if outer else object()) as own:
        text = _rendered(context, name, values)
    if own.has_noted or around.missed or (results is not None and results.missed):
        return None
    is_of_visit = not values.read.isdisjoint(("request_path", "results"))
    return _Part(text, own.place, query, frozenset(values.missed - _EVERYWHERE), is_of_visit)


# Django looks for these in every context, and our templates for none of them.
_EVERYWHERE = frozenset({"True", "False", "None"})


def _rendered(context: template.Context, name: str, values: _Watched) -> str:
    inner = context.new()
    inner.dicts.append(values)
    return str(_template(context, name).render(inner))


def _as_ever(context: template.Context, name: str, given: Mapping[str, Any]) -> SafeString:
    with context.push(**given):
        return _template(context, name).render(context)


def _template(context: template.Context, name: str) -> Any:
    assert context.template is not None
    return context.template.engine.get_template(name)


_kept: dict[tuple[Any, ...], tuple[Any, _Part | None]] = {}


def hold(n: int) -> None:
    """Keep so many from now on: for a process that makes every page, and then ends."""
    global _most
    _most = n


def forget() -> None:
    """Render all anew: for tests that change templates."""
    _kept.clear()
