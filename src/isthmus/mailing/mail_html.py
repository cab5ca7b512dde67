"""Turns a piece's HTML as the site shows it into HTML that mail programs show. Pure; for our own, well-formed HTML."""

from __future__ import annotations

import re

from isthmus.kit import html

# The column of text, in pixels; a picture is shown no wider.
COLUMN = 600
_LOCAL = re.compile(r'\b(href|src)="(/[^/"][^"]*|/)"')
_FRAGMENT = re.compile(r'\bhref="#([^"]*)"')
_IMAGE = re.compile(r"<img\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_IFRAME = re.compile(r"<iframe\b([^>]*)></iframe>")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^>]*>")
_VOID = frozenset({"br", "hr", "img", "input", "source", "col", "wbr"})
# Outlook on Windows shows no WebP; the same pictures are there as JPEG, and the logo as PNG.
_WEBP = re.compile(r"(/images/[0-9]+/[0-9a-z]+/[0-9]+)\.webp")
_KEPT_OF_IMAGES = ("src", "alt", "class", "data-text")


def for_mail(page: str, public_url: str) -> str:
    """The HTML with whole addresses, pictures no wider than the column, and links where the site embeds something."""
    without_frames = _IFRAME.sub(_link_to_frame, page)
    with_pictures = _IMAGE.sub(_picture, without_frames)
    return _LOCAL.sub(lambda found: f'{found[1]}="{public_url.rstrip("/")}{found[2]}"', with_pictures)


def _picture(found: re.Match[str]) -> str:
    """Only what mail programs understand of it; no height, since with one of Outlook's rules it would be stretched."""
    given = dict(_ATTRIBUTE.findall(found[1]))
    kept = {name: given[name] for name in _KEPT_OF_IMAGES if name in given}
    kept.setdefault("alt", "")
    form = "png" if given.get("class") == "logo" else "jpg"
    kept["src"] = _WEBP.sub(rf"\1.{form}", kept.get("src", ""))
    width = given.get("width", "")
    if width.isdigit():
        kept["width"] = str(min(int(width), COLUMN))
    if given.get("class") == "logo":
        kept["height"] = given.get("height", "")
    return "<img" + "".join(f' {name}="{value}"' for name, value in kept.items()) + ">"


def _link_to_frame(found: re.Match[str]) -> str:
    given = dict(_ATTRIBUTE.findall(found[1]))
    source = given.get("src", "")
    return f'<p><a href="{source}">{given.get("title") or source}</a></p>' if source else ""


def beginning(body: str, *, max_chars: int) -> str:
    """Whole elements of the body's highest level, as many as have `max_chars` characters of text; at least the first.

    A first element that is longer by itself is cut to the beginning of its words.
    """
    depth = end = 0
    for tag in _TAG.finditer(body):
        if tag[2].lower() in _VOID:
            continue
        depth += -1 if tag[1] else 1
        if depth == 0:
            if len(html.text_of(body[: tag.end()])) > max_chars:
                break
            end = tag.end()
    if end:
        return body[:end]
    words = html.text_of(body[: max_chars * 8])[:max_chars]
    return f"<p>{html.escape(words.rpartition(' ')[0] or words)} …</p>"


def with_links_into(body: str, url: str) -> str:
    """The links to places in the text as links to the same places on the page: what they lead to is not in the mail."""
    return _FRAGMENT.sub(lambda found: f'href="{url}#{found[1]}"', body)
