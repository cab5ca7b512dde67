"""A letter in a browser: as a preview in the admin, and as a public page that loads no style from its own elements."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from html import escape, unescape

from isthmus.mailing.splicing import Letter

# A page that shows a mail: it runs and sends nothing, and links open beside it. Of our own origin, which without script
# gives it nothing but its pictures: a page of no origin would be refused them.
PREVIEW_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
_PARAGRAPH = re.compile(r"<p\b(?:(?!</p>).)*</p>\s*", re.DOTALL)
_STYLED = re.compile(r"<([a-z][a-z0-9]*)\b([^>]*?) style=\"([^\"]*)\"([^>]*)>")
_CLASS = re.compile(r' class="([^"]*)"')
_SHEET = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_BODY = re.compile(r"<body[^>]*>")
# Of the public page only; in a mail there is nothing above the letter.
_BAR_STYLE = (
    ".bar{box-sizing:border-box;max-width:600px;margin:0 auto;padding:14px 0;font:15px/1.5 Charter,Georgia,serif;"
    "color:#535b5f}.bar a{color:inherit}@media(max-width:632px){.bar{margin:0 16px}}"
    "@media(prefers-color-scheme:dark){.bar{color:#a2adb0}}"
)


@dataclass(frozen=True, slots=True)
class WebPage:
    """A whole document, and the hashes of its sheets as a Content-Security-Policy names them."""

    html: str
    style_hashes: tuple[str, ...]

    @property
    def policy(self) -> str:
        """The policy it is served with: pictures of ours, these sheets, and nothing else."""
        return (
            f"default-src 'none'; img-src 'self'; style-src {' '.join(self.style_hashes)}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )


def preview(letter: Letter, public_url: str) -> str:
    """The letter as a person would see it; its own links lead nowhere, and pictures come past the gate."""
    shown = letter.marks.filled(letter.html, {"becausehtml": "you are on our mailing list"})
    own = re.escape(public_url.rstrip("/"))
    return re.sub(rf'src="{own}/images/', 'src="/admin/pictures/', _opening_beside(shown))


def _opening_beside(html: str) -> str:
    return html.replace("<head>", '<head><base target="_blank">', 1)


def preview_text(letter: Letter) -> str:
    """Its text part, with words in place of what is each person's own."""
    words = {name: f"[{name}]" for name in ("preferences", "leave")}
    return letter.marks.filled(letter.text, {"becausetext": "you are on our mailing list", **words})


def web_page(letter: Letter, *, public_url: str, path: str, line: str) -> WebPage:
    """The letter without anything of a person, root-relative, its styles in sheets that a policy can name.

    path: of this page, to which nothing in it needs to link. line: text above it, with a link to all letters.
    """
    shown = letter.html.replace(f'"{public_url.rstrip("/")}/', '"/')
    own = re.compile(f'{letter.marks.nonce}|href="{re.escape(path)}"')
    shown = _PARAGRAPH.sub(lambda found: "" if own.search(found[0]) else found[0], shown)
    shown, sheet = _without_styles(letter.marks.filled(shown, {}))
    ways = '<a href="/mail/">All letters</a> · <a href="/subscribe/">Get them by mail</a>'
    bar = f'<nav class="bar" aria-label="Letters">{escape(line)} · {ways}</nav><main>'
    shown = _BODY.sub(lambda found: found[0] + bar, shown, count=1).replace("</body>", "</main></body>")
    # Before the letter's own sheet, whose rules for the dark and for telephones have to win.
    shown = shown.replace("<style>", f"<style>{sheet}{_BAR_STYLE}</style><style>", 1)
    return WebPage(shown, tuple(_hash(content) for content in _SHEET.findall(shown)))


def _without_styles(html: str) -> tuple[str, str]:
    """The document with a class in place of every style, and the sheet of these classes."""
    names: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        name = names.setdefault(unescape(found[3]), f"s{len(names)}")
        others = found[2] + found[4]
        had = _CLASS.search(others)
        classes = f"{had[1]} {name}" if had else name
        return f'<{found[1]}{_CLASS.sub("", others)} class="{classes}">'

    shown = _STYLED.sub(named, html)
    # Nothing of a style may end the sheet; ours never hold the sign.
    return shown, "".join(f".{name}{{{style.replace('<', '')}}}" for style, name in names.items())


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
