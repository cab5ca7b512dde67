"""Where the text of a saved page is: the smallest part of the page that has all its prose, freed of menus.

Measured on 25 saved reports of 60,000 characters and more, which broken markup nests into their own menu: of one of
them readability-lxml kept 7 %, trafilatura the whole page with its menus; by prose alone each report is found whole.
Readability is asked where a page has no paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree
from lxml import html as trees
from readability import Document as Readable

from isthmus.kit.html import escape

_BLOCKS = frozenset(["p", "li", "dd", "blockquote", "pre", "td", "figcaption"])
_DROPPED = (
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "aside",
    "form",
    "button",
    "select",
    "input",
    "dialog",
    "svg",
)
_MARKS = re.compile(
    r"(?:^|[\s_-])(?:comments?|respond|sidebar|related|recommended|read-?more|share|sharing|social|newsletter|subscribe|sign-?up|"
    r"cookie|consent|breadcrumbs?|pagination|pager|nav|navigation|menu|skip-link|screen-reader-text|print-only|toc|"
    r"back-?to-?top|advert\w*|promo|popup|modal|overlay|site-footer|site-header|masthead)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BYLINES = re.compile(
    r"(?:^|[\s_-])(?:byline|entry-meta|post-meta|article-meta|posted-on|entry-date|dateline|meta)(?:$|[\s_-])",
    re.IGNORECASE,
)
# A heading may be named after the table of contents that leads to it.
_CONTAINERS = frozenset(["div", "section", "ul", "ol", "header", "span", "a", "table", "dl", "li", "nav", "aside"])
_ROLES = frozenset(["banner", "navigation", "contentinfo", "complementary", "search", "menu", "menubar", "toolbar"])
_LANDMARKS = (".//*[@itemprop='articleBody']", ".//article", ".//main | .//*[@role='main']")
_BYLINE_MAX_CHARS = 300
_PROSE_MIN_CHARS = 60
_MAX_DEPTH = 200


def content_of(page: Any, *, title: str) -> str:
    """The HTML of the page's own text, unclean; empty where there is none. page: changed on the way.

    title: what the title was found to be; a first heading that repeats it goes.
    """
    body = page.find(".//body")
    root = body if body is not None else page
    weights = _weights(root)
    _drop(root, weights)
    if weights[root] < 2 * _PROSE_MIN_CHARS:
        _drop_furniture(root, title, weights)
        return _readable(page)
    part = _smallest_with_prose(_landmark(root, weights), weights)
    _drop_furniture(part, title, weights)
    inside = [escape(part.text or ""), *(trees.tostring(child, encoding="unicode") for child in part)]
    return "".join(inside).strip()


def _weights(root: Any) -> dict[Any, int]:
    """Characters of prose inside each element: long blocks that are not mostly links, each counted once."""
    weights: dict[Any, int] = {}
    has_block: set[Any] = set()
    for element in reversed(list(root.iter(etree.Element))):
        inner = [child for child in element if child in weights]
        weights[element] = sum(weights[child] for child in inner)
        has_blocks = any(child in has_block for child in inner)
        if element.tag in _BLOCKS and not has_blocks:
            # Of nested blocks the innermost count, so that a layout of tables weighs no more than its text.
            weights[element] = _prose(element)
        if has_blocks or element.tag in _BLOCKS:
            has_block.add(element)
    return weights


def _prose(block: Any) -> int:
    n_chars = len(" ".join(block.text_content().split()))
    if n_chars < _PROSE_MIN_CHARS:
        return 0
    n_linked = sum(len(link.text_content()) for link in block.iter("a"))
    return n_chars if n_linked * 2 < n_chars else 0


def _drop(root: Any, weights: Mapping[Any, int]) -> None:
    for element in list(root.iter(*_DROPPED)):
        # Broken markup may nest the whole page into its menu; what holds prose is no menu.
        is_page = element.tag in ("nav", "aside", "form") and weights.get(element, 0) * 2 > weights[root]
        if element.getparent() is not None and not is_page:
            element.drop_tree()


def _landmark(root: Any, weights: Mapping[Any, int]) -> Any:
    """What the page itself calls its text, where nearly all prose is in it; else the whole."""
    for path in _LANDMARKS:
        found = [element for element in root.xpath(path) if weights.get(element, 0) * 10 > weights[root] * 7]
        if found:
            return found[0]
    return root


def _smallest_with_prose(root: Any, weights: Mapping[Any, int]) -> Any:
    """Go down while one child alone has prose, the furniture apart."""
    part = root
    for _ in range(_MAX_DEPTH):
        with_prose = [
            child
            for child in part
            if weights.get(child) and (not _is_furniture(child) or weights[child] * 2 > weights[part])
        ]
        if len(with_prose) != 1 or with_prose[0].tag in _BLOCKS or _has_own_words(part):
            return part
        part = with_prose[0]
    return part


def _has_own_words(element: Any) -> bool:
    own = [element.text or "", *(child.tail or "" for child in element)]
    return any(len(words.strip()) >= _PROSE_MIN_CHARS for words in own)


def _is_furniture(element: Any) -> bool:
    if element.tag == "footer" or element.get("role") in _ROLES:
        return True
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag in _CONTAINERS and bool(_MARKS.search(named))


def _drop_furniture(part: Any, title: str, weights: Mapping[Any, int]) -> None:
    heading = next(iter(part.iter("h1")), None)
    if heading is not None and " ".join(heading.text_content().split()) == " ".join(title.split()):
        heading.drop_tree()
    for element in list(part.iterdescendants(etree.Element)):
        if element.getparent() is None:
            continue
        holds_most = weights.get(element, 0) * 2 > weights[part]
        if (_is_furniture(element) and not holds_most) or _is_byline(element):
            element.drop_tree()


def _is_byline(element: Any) -> bool:
    """The line of author and date, which stand in fields of their own."""
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    if not _BYLINES.search(named) or element.tag in ("p", "h2", "h3"):
        return False
    return len(element.text_content()) < _BYLINE_MAX_CHARS


def _readable(page: Any) -> str:
    """What the library takes for the text, for pages whose text stands in no paragraphs."""
    try:
        found = Readable(trees.tostring(page, encoding="unicode")).summary(html_partial=True)
    except Exception:  # noqa: BLE001 -- whatever a hostile page makes the library raise, the page has no text then
        return ""
    return str(found) if trees.fromstring(found).text_content().strip() else ""
