"""The cards of Ghost's editor (bookmark, gallery, callout, file …) as plain HTML: from their data, or as rendered.

Both editors of Ghost, `mobiledoc` and `lexical`, name a card and give it data; an export's `html` holds what Ghost made
of it, which is told by the classes that begin with kg-.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lxml import html as trees

from isthmus.kit import markdown
from isthmus.kit.html import escape

Data = Mapping[str, Any]


def card_html(name: str, data: Data) -> str | None:
    """A card as HTML from its data; None for a card that is not known. Forms to sign up and the like are empty."""
    known = _CARDS.get(name.removeprefix("card-"))
    return known(data) if known else None


def said(data: Data, *names: str) -> str:
    """The first of these values that is a text; empty where none is."""
    return next((value for name in names if isinstance(value := data.get(name), str) and value), "")


def _picture(data: Data) -> str:
    source = said(data, "src")
    if not source:
        return ""
    picture = f'<img src="{escape(source)}" alt="{escape(said(data, "alt"))}" title="{escape(said(data, "title"))}">'
    address = said(data, "href")
    linked = f'<a href="{escape(address)}">{picture}</a>' if address else picture
    return f"<figure>{linked}{_caption(data)}</figure>"


def _caption(data: Data) -> str:
    caption = said(data, "caption")
    return f"<figcaption>{caption}</figcaption>" if caption else ""


def _gallery(data: Data) -> str:
    pictures = data.get("images")
    shown = [picture for picture in pictures if isinstance(picture, Mapping)] if isinstance(pictures, list) else []
    caption = said(data, "caption")
    return "".join(map(_picture, shown)) + (f"<p>{caption}</p>" if caption and "<p" not in caption else caption)


def _embed(data: Data) -> str:
    inside = said(data, "html")
    address = said(data, "url")
    return (inside or _link(address, address)) + (f"<p>{said(data, 'caption')}</p>" if said(data, "caption") else "")


def _bookmark(data: Data) -> str:
    about = data.get("metadata")
    about = about if isinstance(about, Mapping) else {}
    address = said(data, "url") or said(about, "url")
    title = said(about, "title") or said(data, "title") or address
    words = said(about, "description") or said(data, "description")
    return _link(address, title, after=f": {escape(words)}" if words else "") + (
        f"<p>{said(data, 'caption')}</p>" if said(data, "caption") else ""
    )


def _link(address: str, words: str, *, after: str = "") -> str:
    if not address:
        return f"<p>{escape(words)}{after}</p>" if words else ""
    return f'<p><a href="{escape(address)}">{escape(words or address)}</a>{after}</p>'


def _code(data: Data) -> str:
    language = said(data, "language")
    kind = f' class="language-{escape(language)}"' if language else ""
    return f"<pre><code{kind}>{escape(said(data, 'code'))}</code></pre>" + (
        f"<p>{said(data, 'caption')}</p>" if said(data, "caption") else ""
    )


def _callout(data: Data) -> str:
    words = said(data, "calloutText", "text")
    sign = said(data, "calloutEmoji", "emoji")
    if not words:
        return ""
    before = f"{escape(sign)} " if sign else ""
    # The newer editor's words are paragraphs already.
    inside = words.replace("<p>", f"<p>{before}", 1) if words.startswith("<p>") else f"<p>{before}{words}</p>"
    return f"<blockquote>{inside}</blockquote>"


def _toggle(data: Data) -> str:
    return f"<h4>{said(data, 'heading')}</h4>{said(data, 'content')}"


def _recording(data: Data) -> str:
    source = said(data, "src")
    words = said(data, "title", "fileName") or source.rpartition("/")[2]
    return _link(source, words) + (f"<p>{said(data, 'caption')}</p>" if said(data, "caption") else "")


def _file(data: Data) -> str:
    source = said(data, "src")
    words = said(data, "fileTitle", "fileName") or source.rpartition("/")[2]
    about = said(data, "fileCaption")
    return _link(source, words, after=f": {escape(about)}" if about else "")


def _button(data: Data) -> str:
    return _link(said(data, "buttonUrl"), said(data, "buttonText")) if said(data, "buttonText") else ""


def _header(data: Data) -> str:
    parts = (("h2", said(data, "header")), ("p", said(data, "subheader", "subHeader")))
    return "".join(f"<{tag}>{words}</{tag}>" for tag, words in parts if words) + _button(data)


def _product(data: Data) -> str:
    picture = _picture({"src": said(data, "productImageSrc")})
    title = said(data, "productTitle")
    button = _link(said(data, "productUrl"), said(data, "productButton")) if said(data, "productButton") else ""
    return picture + (f"<h4>{title}</h4>" if title else "") + said(data, "productDescription") + button


def _call_to_action(data: Data) -> str:
    return _picture({"src": said(data, "imageUrl")}) + said(data, "textValue") + _button(data)


def _nothing(_: Data) -> str:
    return ""


_CARDS: dict[str, Callable[[Data], str]] = {
    "image": _picture,
    "gallery": _gallery,
    "embed": _embed,
    "bookmark": _bookmark,
    "code": _code,
    "codeblock": _code,
    "hr": lambda _: "<hr>",
    "horizontalrule": lambda _: "<hr>",
    "html": lambda data: said(data, "html"),
    "markdown": lambda data: markdown.to_html(said(data, "markdown")),
    "callout": _callout,
    "toggle": _toggle,
    "audio": _recording,
    "video": _recording,
    "file": _file,
    "button": _button,
    "header": _header,
    "product": _product,
    "call-to-action": _call_to_action,
    "transistor": lambda data: _link(said(data, "url"), said(data, "url")),
    # Shown in a mail only, or a form of Ghost's own: nothing of the piece.
    **dict.fromkeys(["email", "email-cta", "signup", "paywall"], _nothing),
}


# --- as rendered -----------------------------------------------------------------------------------


def plain_cards(rendered: str) -> str:
    """Ghost's own HTML with the cards that only its style sheet can show made into links and paragraphs."""
    if not any(name in rendered for name in _RENDERED):
        return rendered
    root = trees.fragment_fromstring(rendered, create_parent="div")
    for name, change in _RENDERED.items():
        for card in root.xpath(f".//*[contains(concat(' ', @class, ' '), ' {name} ')]"):
            if card.getparent() is not None:
                _put_instead(card, change(card))
    inside = trees.tostring(root, encoding="unicode")
    return str(inside).removeprefix("<div>").removesuffix("</div>")


def _put_instead(card: Any, new: str) -> None:
    instead = trees.fragment_fromstring(new, create_parent="div")
    instead.tail, card.tail = card.tail, None
    card.getparent().replace(card, instead)


def _words(card: Any, name: str) -> str:
    found = card.xpath(f".//*[contains(concat(' ', @class, ' '), ' {name} ')]")
    return " ".join(found[0].text_content().split()) if found else ""


def _first(card: Any, path: str) -> str:
    found = card.xpath(path)
    return str(found[0]) if found else ""


def _inside(card: Any, name: str) -> str:
    found = card.xpath(f".//*[contains(concat(' ', @class, ' '), ' {name} ')]")
    if not found:
        return ""
    parts = [escape(found[0].text or ""), *(trees.tostring(child, encoding="unicode") for child in found[0])]
    return "".join(parts)


def _rendered_bookmark(card: Any) -> str:
    about = {"title": _words(card, "kg-bookmark-title"), "description": _words(card, "kg-bookmark-description")}
    return _bookmark(
        {"url": _first(card, ".//a/@href"), "metadata": about, "caption": _first(card, "figcaption//text()")}
    )


def _rendered_recording(card: Any) -> str:
    title = _words(card, "kg-audio-title")
    source = _first(card, ".//audio/@src | .//video/@src | .//source/@src")
    return _recording({"src": source, "title": title, "caption": escape(_first(card, "figcaption//text()"))})


def _rendered_file(card: Any) -> str:
    return _file(
        {
            "src": _first(card, ".//a/@href"),
            "fileTitle": _words(card, "kg-file-card-title"),
            "fileName": _words(card, "kg-file-card-filename"),
            "fileCaption": _words(card, "kg-file-card-caption"),
        }
    )


def _rendered_callout(card: Any) -> str:
    return _callout({"emoji": _words(card, "kg-callout-emoji"), "text": _inside(card, "kg-callout-text")})


def _rendered_toggle(card: Any) -> str:
    return _toggle({"heading": _inside(card, "kg-toggle-heading-text"), "content": _inside(card, "kg-toggle-content")})


_RENDERED: dict[str, Callable[[Any], str]] = {
    "kg-bookmark-card": _rendered_bookmark,
    "kg-audio-card": _rendered_recording,
    "kg-video-card": _rendered_recording,
    "kg-file-card": _rendered_file,
    "kg-callout-card": _rendered_callout,
    "kg-toggle-card": _rendered_toggle,
    "kg-signup-card": lambda _: "",
}
