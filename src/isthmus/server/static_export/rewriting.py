"""Turns the links of an answer into those of the export and tells where they lead; the rest stays byte for byte.

By the tags of the text and not by a parser's tree: a tree written out again is another text, and our pages are written
by templates and cleaned, so that `<` and a letter begin a tag and nothing else does.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from isthmus.server.static_export.addresses import Found, found_in

# Comments as they are; scripts and styles but for their opening tag; every other tag.
_PARTS = re.compile(
    r"<!--.*?-->"
    r"|(?P<raw><(?P<name>script|style)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>)(?P<inside>.*?)</(?P=name)\s*>"
    r"|<[a-z](?:[^>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"(?<=\s)(?P<name>href|src|srcset|poster|action|content)=\"(?P<value>[^\"]*)\"", re.IGNORECASE)
_POST_FORM = re.compile(
    r"<form\b(?=[^>]*\bmethod=\"post\")[^>]*\baction=\"(?P<action>[^\"]*)\"[^>]*>.*?</form>", re.DOTALL
)
_BUTTON = re.compile(r"<button\b[^>]*>([^<]+)</button>")
_SUGGESTIONS = re.compile(r"<script\b[^>]*/isthmus/search\.js\"[^>]*></script>\n?")
_IN_XML = re.compile(r"(?P<before><loc>|href=\"|template=\")(?P<link>[^<\"]+)")
_IN_CSS = re.compile(r"url\(\s*[\"']?(?P<link>[^\"')]+)")

# How a link that leads to an address of the site is written in the export; None: as it stands.
Written = Callable[[Found], str | None]


@dataclass(frozen=True, slots=True)
class Site:
    """public_url and live_url: without a slash at the end; the first stands in pages, the second answers forms."""

    public_url: str
    live_url: str


def rewritten_html(text: str, *, site: Site, path: str, written: Written) -> str:
    """A page with its links changed; its posted forms become a link to where they can be posted."""
    text = _SUGGESTIONS.sub("", text)
    text = _POST_FORM.sub(lambda form: _instead_of(form, site), text)

    def changed(part: re.Match[str]) -> str:
        if part[0].startswith("<!--"):
            return part[0]
        if part["raw"]:
            opening = _tag(part["raw"], site=site, path=path, written=written)
            return opening + part[0][len(part["raw"]) :]
        return _tag(part[0], site=site, path=path, written=written)

    return _PARTS.sub(changed, text)


def _instead_of(form: re.Match[str], site: Site) -> str:
    """A form posted from another site is refused, so its button becomes a link to the page that has the form."""
    where = html.escape(site.live_url + html.unescape(form["action"]))
    labels = _BUTTON.findall(form[0])
    return f'<p><a href="{where}">{labels[-1].strip() if labels else "Go on"} on the live site</a></p>'


def _tag(tag: str, *, site: Site, path: str, written: Written) -> str:
    def attribute(found: re.Match[str]) -> str:
        name, value = found["name"].lower(), html.unescape(found["value"])
        if name == "content" and not value.startswith(f"{site.public_url}/"):
            # Words of a description, not an address.
            return found[0]
        if name == "action":
            # Whatever is filled in is answered by a program, even where the page of that address is a file.
            return f'action="{html.escape(site.live_url + value)}"' if value.startswith("/") else found[0]
        new = _srcset(value, site, path, written) if name == "srcset" else _link(value, site, path, written)
        return f'{found["name"]}="{html.escape(new)}"' if new != value else found[0]

    return _ATTRIBUTE.sub(attribute, tag)


def _srcset(value: str, site: Site, path: str, written: Written) -> str:
    candidates = [one.strip().partition(" ") for one in value.split(",")]
    return ", ".join(f"{_link(link, site, path, written)}{space}{size}" for link, space, size in candidates)


def _link(link: str, site: Site, path: str, written: Written) -> str:
    found = found_in(link, public_url=site.public_url, page=path)
    if found is None:
        return link
    new = written(found)
    if new is None:
        return link
    is_whole = link.startswith(site.public_url)
    return site.public_url + new if is_whole and new.startswith("/") else new


def rewritten_xml(text: str, *, site: Site, path: str, written: Written) -> str:
    """A feed, a sitemap or a search description, whose addresses are whole."""

    def changed(found: re.Match[str]) -> str:
        link = html.unescape(found["link"])
        if not link.startswith(site.public_url):
            return found[0]
        new = _link(link, site, path, written)
        return found["before"] + html.escape(new) if new != link else found[0]

    return _IN_XML.sub(changed, text)


def links_of_css(text: str, *, site: Site, path: str) -> list[Found]:
    """What a stylesheet loads; its links are relative and stay."""
    links = (found_in(one["link"].strip(), public_url=site.public_url, page=path) for one in _IN_CSS.finditer(text))
    return [one for one in links if one is not None]
