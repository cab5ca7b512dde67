"""The one allow-list for HTML that people or imports hand in, and the plain text inside HTML.

Whoever stores or shows HTML he did not write himself calls `clean_html`; there is no second sanitizer in Isthmus.
"""

from __future__ import annotations

import html as _stdlib
import re
from collections.abc import Iterable
from functools import lru_cache, partial
from urllib.parse import urlsplit

import nh3

# What an article of a policy institute is made of. A tag that is not here is dropped and its text kept.
_TAGS = frozenset(
    """
    a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del
    details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins
    kbd li mark ol p pre q rp rt ruby s samp section small span strong sub summary sup table
    tbody td tfoot th thead time tr u ul var wbr
    """.split()  # noqa: SIM905 -- 80 quotes more would hide the names
)
# Dropped with all that is inside: never prose of the author, or only a substitute for something dropped.
_DROPPED_WITH_CONTENT = frozenset(
    """
    applet audio button canvas datalist embed form math meter noembed noframes noscript object
    optgroup option output plaintext progress script select style svg template textarea title
    video xmp
    """.split()  # noqa: SIM905 -- 80 quotes more would hide the names
)
_ATTRIBUTES = {
    "*": {"dir", "id", "lang"},
    "a": {"aria-label", "href", "hreflang", "name", "title"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "dfn": {"title"},
    "iframe": {"allowfullscreen", "height", "loading", "src", "title", "width"},
    "img": {"alt", "height", "loading", "src", "title", "width"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "q": {"cite"},
    "td": {"align", "colspan", "headers", "rowspan"},
    "th": {"abbr", "align", "colspan", "headers", "rowspan", "scope"},
    "time": {"datetime"},
}
_URL_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

_NUMBER = re.compile(r"-?[0-9]{1,5}")
_SIZE = re.compile(r"[0-9]{1,5}%?")
_ANCHOR = re.compile(r"[^\W\d][\w:.\-]{0,127}|_[\w:.\-]{1,127}")
# Attributes whose value must have a shape; one that has not is dropped. The others are free text or URLs.
_SHAPES = {
    "align": re.compile(r"left|center|right"),
    # The sanitizer looks at no scheme here; no browser follows it, but whoever reads the page with a program may.
    "cite": re.compile(r"(?:https?://|/)[^\x00-\x20]{0,2000}", re.IGNORECASE),
    "class": re.compile(r"language-[A-Za-z0-9+#._\-]{1,40}"),
    "colspan": _NUMBER,
    "datetime": re.compile(r"[0-9TZPYMWDHS:.+\- ]{1,40}"),
    "dir": re.compile(r"ltr|rtl|auto"),
    "headers": re.compile(r"[\w:.\- ]{1,256}"),
    "height": _SIZE,
    "hreflang": re.compile(r"[A-Za-z0-9\-]{1,35}"),
    "id": _ANCHOR,
    "lang": re.compile(r"[A-Za-z0-9\-]{1,35}"),
    "loading": re.compile(r"lazy|eager"),
    "name": _ANCHOR,
    "rowspan": _NUMBER,
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
    "span": _NUMBER,
    "start": _NUMBER,
    "type": re.compile(r"[1aAiI]"),
    "value": _NUMBER,
    "width": _SIZE,
}
# Two passes settle nearly everything; misnested markup built by hand needs up to four (fuzzed, 2026).
_MAX_PASSES = 8

# Below these, whatever the markup, cleaning was measured to take less than half a second.
_MAX_FREE_TAGS, _MAX_FREE_CHARS = 4_000, 20_000
_MAX_DEPTH, _MAX_ATTRIBUTES, _CLOSES_ACROSS = 400, 400, 8
_BETWEEN_ATTRIBUTES, _QUOTED = re.compile(r"[\s/]+"), re.compile(r"\"[^\"]*\"|'[^']*'")
# 320,000 ampersands that begin no entity took 11 s, written as entities 0.3 s.
_MAX_FREE_AMPERSANDS = 10_000
_BARE_AMPERSAND = re.compile(r"&(?!#?[A-Za-z0-9]{1,32};)")
# Without content, or ended by the next of its kind.
_NEVER_DEEP = frozenset(
    """
    a area base br col dd dt embed hr img input li link meta option p param source td th tr
    tbody tfoot thead track wbr
    """.split()  # noqa: SIM905 -- 25 quotes more would hide the names
)

_IFRAME = re.compile(r'<iframe((?: [a-z\-]+="[^"]*")*)>(.*?)</iframe>', re.DOTALL)
_ATTRIBUTE = re.compile(r' ([a-z\-]+)="([^"]*)"')


def clean_html(html: str, *, embed_hosts: Iterable[str] = ()) -> str:
    """The HTML with nothing in it that can run, style or submit; safe to store and to show.

    embed_hosts: host names whose iframes stay (always by https); any other iframe becomes a link to its source.
    Idempotent: clean_html(clean_html(x)) == clean_html(x). Markup that will not come to rest, or is nested deeper than
    any article (400 levels), is reduced to its text.
    Every link gets rel=noopener; URLs are http, https, mailto, tel or relative; `id` and `name` are kept, no prefix.
    """
    hosts = frozenset(host.lower() for host in embed_hosts)
    cleaner = _cleaner(hosts)
    if html.count("&") > _MAX_FREE_AMPERSANDS:
        html = _BARE_AMPERSAND.sub("&amp;", html)
    if _is_costly(html):
        return cleaner.clean(f"<p>{escape(text_of(html))}</p>")
    for _ in range(_MAX_PASSES):
        cleaned = cleaner.clean(html)
        settled = _settle_iframes(cleaned, hosts) if "<iframe" in cleaned else cleaned
        if html == cleaned == settled:
            return html
        html = settled
    return cleaner.clean(f"<p>{escape(text_of(html))}</p>")


def _is_costly(html: str) -> bool:
    """Whether the parser would take seconds: its time grows with the square of the depth, and of a tag's attributes.

    16,000 nested <div> took 6 s, 50,000 attributes on one tag 3 s; 4,000 tags cost less than 0.4 s however they are
    nested. The depth is counted as written, which is enough: what the parser makes deeper, it does in few places.
    """
    tags = list(_ANY_TAG.finditer(html)) if html.count("<") > _MAX_FREE_TAGS or len(html) > _MAX_FREE_CHARS else []
    return _depth(tags) > _MAX_DEPTH or any(_n_attributes(tag[0]) > _MAX_ATTRIBUTES for tag in tags)


def _depth(tags: list[re.Match[str]]) -> int:
    """How deep the elements are nested; what ends by itself, such as a paragraph without an end, counts once."""
    open_names: list[str] = []
    deepest = 0
    for tag in tags:
        name = tag[1].lower()
        if not name or name in _NEVER_DEEP:
            continue
        if tag[0].startswith("</"):
            _close(name, open_names)
        else:
            open_names.append(name)
            deepest = max(deepest, len(open_names))
    return deepest


def _close(name: str, open_names: list[str]) -> None:
    """Take the nearest element of this name off, with what was left open inside it; one that is far off stays."""
    for at in range(len(open_names) - 1, max(-1, len(open_names) - 1 - _CLOSES_ACROSS), -1):
        if open_names[at] == name:
            del open_names[at:]
            return


def _n_attributes(tag: str) -> int:
    return len(_BETWEEN_ATTRIBUTES.findall(_QUOTED.sub("", tag))) if len(tag) > _MAX_ATTRIBUTES else 0


def escape(text: str) -> str:
    """The text for use inside HTML, in an element or in a quoted attribute."""
    return _stdlib.escape(text)


@lru_cache(maxsize=8)
def _cleaner(hosts: frozenset[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS | {"iframe"}),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes=_ATTRIBUTES,
        attribute_filter=partial(_kept_value, hosts),
        url_schemes=set(_URL_SCHEMES),
        link_rel="noopener",
    )


def _kept_value(hosts: frozenset[str], tag: str, attribute: str, value: str) -> str | None:
    shape = _SHAPES.get(attribute)
    if shape is not None:
        return value if shape.fullmatch(value) else None
    return value


def _settle_iframes(cleaned: str, hosts: frozenset[str]) -> str:
    # Exact on the sanitizer's output and on nothing else: there every attribute is quoted and no < or > stands in one.
    return _IFRAME.sub(lambda found: _embed_or_link(found[1], hosts), cleaned)


def _embed_or_link(attributes: str, hosts: frozenset[str]) -> str:
    given = {name: _stdlib.unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
    source = given.pop("src", "").strip()
    if not source:
        return ""
    host, address = _host_and_address(source)
    if host in hosts:
        kept = {"src": address, "title": host} | given | {"loading": "lazy"}
        return "<iframe" + "".join(f' {name}="{escape(value)}"' for name, value in kept.items()) + "></iframe>"
    return f'<a href="{escape(source)}">{escape(given.get("title") or source)}</a>'


def _host_and_address(source: str) -> tuple[str, str]:
    """Host and https address of an iframe's source; the host is empty if the source is nothing to embed."""
    try:
        parts = urlsplit(source)
        has_extras = parts.port is not None or parts.username is not None or "\\" in source
    except ValueError:
        return "", source
    if has_extras or parts.scheme not in ("http", "https", "") or not parts.hostname:
        return "", source
    return parts.hostname, parts._replace(scheme="https").geturl()


# One tag, as the HTML standard reads it: a quote opens only after "=", and what never closes runs to
# the end. Possessive, so that each character is looked at once, even in a megabyte of open quotes.
_REST_OF_TAG = r"""(?:[^>=]++|=\s*+"[^"]*+(?:"|\Z)|=\s*+'[^']*+(?:'|\Z)|=)*+(?:>|\Z)"""
_BLOCKS = frozenset(
    """
    address article aside blockquote body br caption center dd details dialog dir div dl dt
    fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe
    legend li main menu nav ol optgroup option p pre section select summary table tbody td
    tfoot th thead tr ul video
    """.split()  # noqa: SIM905 -- 80 quotes more would hide the names
)
_UNREAD = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<(script|style|template|textarea|title|noscript|noembed|noframes|iframe|xmp|svg)(?=[\s/>])"
    r".*?(?:</\1(?=[\s/>])[^>]*+(?:>|\Z)|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_ANY_TAG = re.compile(rf"<(?=[/!?a-zA-Z])/?([a-zA-Z0-9]*+)(?:>|{_REST_OF_TAG})")
_SPACES = re.compile(" {2,}")


def text_of(html: str) -> str:
    """The words of an HTML text: one line per block or table cell, entities decoded, single spaces.

    Scripts, styles, comments and the fallbacks inside iframes are not read. Lines inside `pre` are joined.
    Reads tags by pattern and not by a tree: right for our own and for cleaned HTML; of malformed HTML
    it may keep or lose a word. The result is text and is escaped like any text before it is shown.
    """
    # Splitting at the tags and joining the rest was measured twice as quick as two substitutions (112 and 55 MB/s).
    parts = _ANY_TAG.split(_UNREAD.sub(" ", _with_plain_spaces(html)))
    parts[1::2] = ["\n" if tag.lower() in _BLOCKS else "" for tag in parts[1::2]]
    text = "".join(parts)
    if "&" in text:
        text = _stdlib.unescape(text).replace("\xa0", " ")
    # Once for the whole: a pattern never crosses a line, and asking it of each line took half the time of all this.
    text = _SPACES.sub(" ", text) if "  " in text else text
    return "\n".join([words for line in text.split("\n") if (words := line.strip())])


def _with_plain_spaces(text: str) -> str:
    for space in "\n\t\r\f\xa0\u3000":
        text = text.replace(space, " ")
    return text
