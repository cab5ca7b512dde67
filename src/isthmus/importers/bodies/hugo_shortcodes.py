"""Hugo's shortcodes in Markdown: {{< ref "x.md" >}}, {{< figure src="…" >}}, {{% note %}} … {{% /note %}}.

Those that Hugo brings and the names that most sites give to theirs are understood; of any other the words are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from isthmus.importers.bodies.verbatim import Verbatim
from isthmus.kit.html import escape
from isthmus.kit.markdown import inline_html

Resolve = Callable[[str], str]
Warn = Callable[[str, str], None]

# Possessive and bounded, so that a body of nothing but openings is read in one go.
_QUOTED = r'"(?:\\.|[^"\\]){0,2000}+"|`[^`]{0,2000}+`'
_TAG = re.compile(
    rf"\{{\{{<(?P<angle>(?:{_QUOTED}|[^\"`>{{]|\{{(?!\{{)|>(?!\}}\}})){{0,2000}}+)>\}}\}}"
    rf"|\{{\{{%(?P<percent>(?:{_QUOTED}|[^\"`%{{]|\{{(?!\{{)|%(?!\}}\}})){{0,2000}}+)%\}}\}}"
)
_ARGUMENT = re.compile(r"""(?:([\w.-]+)\s*=\s*)?(?:"((?:\\.|[^"\\])*)"|`([^`]*)`|([^\s"`=]+))""")
_ESCAPED = re.compile(r"\{\{([<%])/\*((?:[^*{]|\*(?!/)|\{(?!\{)){0,2000}+)\*/([>%])\}\}")
_IN_LINK = re.compile(r"""(?:\]\(\s*<?|(?:href|src)\s*=\s*["']?)\Z""")
_REFERENCES = frozenset(["ref", "relref"])
_PICTURE = re.compile(r"img|image|figure|photo|picture", re.IGNORECASE)
_PLAYERS = {
    "youtube": "https://www.youtube.com/embed/{}", "youtube-lite": "https://www.youtube.com/embed/{}",
    "vimeo": "https://player.vimeo.com/video/{}", "vimeo_simple": "https://player.vimeo.com/video/{}",
    "dailymotion": "https://www.dailymotion.com/embed/video/{}",
}  # fmt: skip
_VIDEO_ID = re.compile(r"[\w\-]{1,64}")
_POSTS = {
    "instagram": "https://www.instagram.com/p/{}/", "gist": "https://gist.github.com/{}",
    "twitter_simple": "https://twitter.com/i/status/{}",
}  # fmt: skip
# Round words that stay: the frame says nothing that a plain page could show.
_FRAMES = frozenset(
    """
    accordion admonition alert aside block blockquote box button callout card card-policy cards center checkbox
    checklist col column columns container details div do-row dont-row expand grid highlight hint info left lead
    markdown note notice panel quote right ring row section span step steps tab tabs tip warning wrapper
    """.split()  # noqa: SIM905 -- quotes would hide the names
)
_WORDS = ("text", "label", "title", "caption", "content", "quote")
_ADDRESSES = ("href", "url", "link", "src", "file", "path")


@dataclass(frozen=True, slots=True)
class _Shortcode:
    name: str
    positional: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)

    def get(self, *names: str) -> str:
        return next((self.named[name] for name in names if self.named.get(name)), "")

    def first(self, *names: str) -> str:
        return self.get(*names) or (self.positional[0] if self.positional else "")


def to_markdown(markdown: str, *, resolve: Resolve, warn: Warn) -> str:
    """Markdown without shortcodes.

    resolve: the address of the page a reference names, empty where there is none. warn: told of what is not known.
    """
    if "{{<" not in markdown and "{{%" not in markdown:
        return markdown
    verbatim = Verbatim()
    words = verbatim.hide(markdown)
    tags = list(_TAG.finditer(words))
    closed = {name[1:].strip().lower() for tag in tags if (name := _inside(tag).strip()).startswith("/")}
    parts, at = [], 0
    for tag in tags:
        parts.append(words[at : tag.start()])
        at = tag.end()
        is_in_link = bool(_IN_LINK.search(words[max(0, tag.start() - 20) : tag.start()]))
        parts.append(_instead_of(_inside(tag).strip(), closed, is_in_link=is_in_link, resolve=resolve, warn=warn))
    parts.append(words[at:])
    # An escaped one is an example, wherever it stands.
    return _ESCAPED.sub(r"{{\1\2\3}}", verbatim.show("".join(parts)))


def _inside(tag: re.Match[str]) -> str:
    return tag["angle"] or tag["percent"] or ""


def _instead_of(inside: str, closed: set[str], *, is_in_link: bool, resolve: Resolve, warn: Warn) -> str:
    if inside.startswith("/*"):
        return f"{{{{<{inside}>}}}}"
    if inside.startswith("/"):
        return ""
    shortcode = _shortcode(inside.removesuffix("/"))
    if is_in_link or shortcode.name in _REFERENCES:
        return _address(shortcode, resolve, warn)
    return _shown(shortcode, resolve, warn, is_pair=shortcode.name in closed)


def _shortcode(inside: str) -> _Shortcode:
    # A quote may follow the name at once, or a line end.
    found = re.match(r"[\w./-]+", inside)
    rest = inside[found.end() :] if found else ""
    shortcode = _Shortcode(found[0].lower() if found else "")
    for key, quoted, raw, bare in _ARGUMENT.findall(rest):
        value = re.sub(r"\\(.)", r"\1", quoted) or raw or bare
        if key:
            shortcode.named[key.lower()] = value
        else:
            shortcode.positional.append(value)
    return shortcode


def _address(shortcode: _Shortcode, resolve: Resolve, warn: Warn) -> str:
    target = shortcode.first(*_ADDRESSES)
    found = resolve(target) if target else ""
    if found:
        return found
    if not target.startswith(("http://", "https://", "/", "#", "mailto:")):
        warn("unresolved link", f"{shortcode.name} “{target}”")
    return target if "/" in target or "." in target else "#"


def _shown(shortcode: _Shortcode, resolve: Resolve, warn: Warn, *, is_pair: bool) -> str:
    name, address = shortcode.name, shortcode.get(*_ADDRESSES)
    if _PICTURE.search(name) and (source := shortcode.first("src", "path", "url", "file", "image")):
        return _figure(shortcode, source)
    if name in _PLAYERS and _VIDEO_ID.fullmatch(shortcode.first("id")):
        return _player(_PLAYERS[name].format(shortcode.first("id")), shortcode.get("title"))
    if name in ("tweet", "twitter", "x"):
        return _tweet(shortcode)
    if name in _POSTS:
        address = _POSTS[name].format("/".join(shortcode.positional[:2]) or shortcode.get("id"))
        return f"<{address}>"
    if "iframe" in name and address:
        return _player(address, shortcode.get("title"))
    words = shortcode.get(*_WORDS)
    if name not in _FRAMES and not (address or words):
        warn("unknown shortcode", name)
    return _words_of(shortcode, resolve, words, address, is_pair=is_pair)


def _words_of(shortcode: _Shortcode, resolve: Resolve, words: str, address: str, *, is_pair: bool) -> str:
    """What a reader would have read of it, besides what stands between it and its end."""
    if not address and not words and not is_pair:
        # A file or a page alone, {{< legacy-file "x.pdf" >}}, is a link to itself.
        address = next((one for one in shortcode.positional if "/" in one or one.startswith("http")), "")
    if address:
        return f"[{words or address}]({resolve(address) or address})"
    if not words:
        return ""
    if "quote" in shortcode.name:
        source = shortcode.get("cite", "author", "source")
        return f"> {words}" + (f"\n>\n> — {source}" if source else "")
    return f"**{words.strip('*')}**\n\n" if is_pair else words


def _figure(shortcode: _Shortcode, source: str) -> str:
    caption = shortcode.get("caption", "title")
    credit = shortcode.get("credit", "attr", "attribution")
    picture = f'<img src="{escape(source)}" alt="{escape(shortcode.get("alt"))}">'
    address = shortcode.get("link", "href")
    picture = f'<a href="{escape(address)}">{picture}</a>' if address else picture
    said = " ".join(filter(None, [caption, credit]))
    # What follows a block of HTML without an empty line would not be read as Markdown.
    return f"<figure>{picture}<figcaption>{inline_html(said)}</figcaption></figure>\n\n" if said else picture


def _player(address: str, title: str) -> str:
    return f'<iframe src="{escape(address)}" title="{escape(title)}"></iframe>'


def _tweet(shortcode: _Shortcode) -> str:
    user, number = shortcode.get("user") or "i", shortcode.get("id")
    if not number and shortcode.positional:
        *users, number = shortcode.positional
        user = users[0] if users else user
    return number if number.startswith("http") else f"<https://twitter.com/{user}/status/{number}>"
