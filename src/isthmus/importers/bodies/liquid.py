"""Liquid (Jekyll) and Nunjucks (Eleventy) in Markdown: links, pictures and values are put in, logic is left out.

Also the attributes that their Markdown adds to CommonMark: {:.class}, {:toc}, {#id}, {class="wide"}.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from isthmus.importers.bodies.verbatim import Verbatim
from isthmus.kit.html import escape
from isthmus.kit.markdown import inline_html

Resolve = Callable[[str], str]
Warn = Callable[[str, str], None]

_COMMENT = re.compile(
    r"\{%-?\s*comment\s*-?%\}.{0,20000}?\{%-?\s*endcomment\s*-?%\}"
    r"|\{#(?!\w[\w-]*\})(?:[^#{]|#(?!\})|\{(?!#)){0,20000}+#\}",
    re.DOTALL | re.IGNORECASE,
)
_LOOP = re.compile(r"\{%-?\s*(for|capture|tablerow|macro)\b.{0,20000}?\{%-?\s*end\1\s*-?%\}", re.DOTALL | re.IGNORECASE)
_OTHERWISE = re.compile(
    r"\{%-?\s*(?:else|elsif|elif|when)\b[^%]*-?%\}(?:(?!\{%-?\s*(?:if|unless|case|end)).)*?(?=\{%-?\s*end(?:if|unless|case)\b)",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(r"""\{%-?\s*(\w+)((?:"[^"]*"|'[^']*'|[^"'%]|%(?!\}))*?)-?%\}""")
_VALUE = re.compile(r"""\{\{-?((?:"[^"]*"|'[^']*'|[^"'{}])*?)-?\}\}(/?)""")
_SITE = re.compile(
    r"(?:\{\{-?\s*(?:si[tr]e\.(?:baseurl|url|host|github\.url)|site\.base_url)\s*(?:\|[^{}]*)?-?\}\})+/?", re.IGNORECASE
)
_ARGUMENT = re.compile(r"""(?:([\w-]+)\s*[=:]\s*)?(?:"([^"]*)"|'([^']*)'|([^\s,"'=]+))""")
_PICTURE = re.compile(r"img|image|figure|photo|picture", re.IGNORECASE)
_VIDEO_ID = re.compile(r"[\w\-]{1,64}")
_PLAYERS = {"youtube": "https://www.youtube.com/embed/{}", "vimeo": "https://player.vimeo.com/video/{}"}
_LOGIC = frozenset(
    """
    if endif unless endunless else elsif elif case when endcase assign set endset increment decrement endfor break
    continue cycle endcapture layout block endblock extends import from render call endcall page
    """.split()  # noqa: SIM905 -- quotes would hide the names
)
_ATTRIBUTES = re.compile(r"\{::?[^{}\n]*\}|^\{:[^{}\n]*\}[ \t]*$", re.MULTILINE)
_SHORT_ATTRIBUTES = re.compile(
    r"""(?<=[)\]\w*_"”`])\{(?:\s*(?:[.#][\w-]+|[\w-]+=(?:"[^"\n]*"|'[^'\n]*'|[\w-]+)))+\s*\}"""
)
_TOC = re.compile(r"^[ \t]*[-*+1]\.?[ \t]+\S[^\n]*\n[ \t]*\{:\s*toc[^}\n]*\}[ \t]*$", re.MULTILINE | re.IGNORECASE)
_HEADING_ID = re.compile(r"^(#{1,6}[ \t]+)([^\n{]*?)[ \t]*\{#([\w-]+)[^}\n]*\}", re.MULTILINE)


def to_markdown(markdown: str, *, values: Mapping[str, Any], resolve: Resolve, warn: Warn) -> str:
    """Markdown without tags of Liquid.

    values: the page's front matter, which {{ page.title }} means. resolve: the address of the page a reference names,
    empty where there is none. warn: told of what is not known.
    """
    if "{%" not in markdown and "{{" not in markdown and "{#" not in markdown:
        return markdown
    verbatim = Verbatim()
    words = verbatim.hide(markdown)
    words = _LOOP.sub(lambda found: _left_out(found, warn), _COMMENT.sub("", words))
    words = _OTHERWISE.sub("", words)
    words = _TAG.sub(lambda found: _tag(found, values, resolve, warn), words)
    words = _SITE.sub(f"{values.get('site.baseurl', '')}/", words)
    words = _VALUE.sub(lambda found: _value(found, values, warn), words)
    return verbatim.show(words)


def without_attributes(markdown: str) -> str:
    """Markdown without lists of attributes; the id of a heading stays as an anchor."""
    if "{" not in markdown:
        return markdown
    verbatim = Verbatim()
    words = _TOC.sub("", verbatim.hide(markdown))
    words = _HEADING_ID.sub(r'\1<a id="\3"></a>\2', words)
    return verbatim.show(_SHORT_ATTRIBUTES.sub("", _ATTRIBUTES.sub("", words)))


def _left_out(found: re.Match[str], warn: Warn) -> str:
    warn("template", f"a {found[1].lower()} of the old site's template")
    return ""


def _tag(found: re.Match[str], values: Mapping[str, Any], resolve: Resolve, warn: Warn) -> str:
    name = found[1].lower()
    if name in _LOGIC:
        return ""
    arguments = [(key, double or single or bare) for key, double, single, bare in _ARGUMENT.findall(found[2])]
    plain = [value for key, value in arguments if not key]
    named = {key.lower(): _of_page(value, values) for key, value in arguments if key}
    if name == "include" and plain:
        return _include(plain[0], named, warn)
    if name in ("post_url", "link") and plain:
        return _reference(plain[0], resolve, warn)
    if name in ("asset", "asset_path", "url") and plain:
        return _rooted(plain[0])
    if _PICTURE.search(name) and (plain or named):
        return _picture(plain, named)
    if name in _PLAYERS and _VIDEO_ID.fullmatch(named.get("id") or (plain[0] if plain else "")):
        return _player(_PLAYERS[name], named.get("id") or plain[0])
    if name in ("twitter", "tweet", "gist") and plain:
        address = plain[0] if "//" in plain[0] else f"https://gist.github.com/{plain[0]}"
        return f"<{address}>"
    if not name.startswith("end"):
        warn("unknown tag", name)
    return ""


def _reference(target: str, resolve: Resolve, warn: Warn) -> str:
    address = resolve(target)
    if not address:
        warn("unresolved link", target)
    return address


def _include(file: str, named: Mapping[str, str], warn: Warn) -> str:
    """An included part: those that show a picture or a film say it by their names, of others the words are kept."""
    source = next((named[key] for key in ("src", "url", "image", "image_path", "file", "path") if named.get(key)), "")
    player = next((address for name, address in _PLAYERS.items() if name in file.lower()), "")
    if player and _VIDEO_ID.fullmatch(named.get("id", "")):
        return _player(player, named["id"])
    if source and (_PICTURE.search(file) or "alt" in named):
        return _picture([], {**named, "src": source})
    warn("unknown tag", f"include {file}")
    words = next((named[key] for key in ("content", "text", "caption", "title") if named.get(key)), "")
    return f"[{words}]({source})" if words and source else words


def _picture(plain: list[str], named: Mapping[str, str]) -> str:
    """`image "path" "alt"`, `image_with_class "path" "class" "alt"`, or the same by name."""
    source = next((named[key] for key in ("src", "url", "image", "path") if named.get(key)), plain[0] if plain else "")
    alt = named.get("alt") or (plain[-1] if len(plain) > 1 else "")
    picture = f'<img src="{escape(_rooted(source))}" alt="{escape(alt)}">'
    caption = named.get("caption", "")
    if not caption:
        return picture
    # What follows a block of HTML without an empty line would not be read as Markdown.
    return f"<figure>{picture}<figcaption>{inline_html(caption)}</figcaption></figure>\n\n"


def _rooted(path: str) -> str:
    """An asset's path from the root of the site, which is what these tags mean, unless they say "beside"."""
    return path if path.startswith(("/", "./", "../", "http://", "https://", "data:")) else f"/{path}"


def _below(path: str, values: Mapping[str, Any]) -> str:
    """The path below what every address of the site begins with."""
    prefix, rooted = str(values.get("site.baseurl", "")), _rooted(path)
    return rooted if not rooted.startswith("/") or rooted.startswith(f"{prefix}/") else prefix + rooted


def _player(address: str, number: str) -> str:
    return f'<iframe src="{escape(address.format(number))}"></iframe>'


def _of_page(word: str, values: Mapping[str, Any]) -> str:
    """A bare word as the page's value of that name; the word itself where it has none."""
    value = values.get(word.removeprefix("page.").strip().lower())
    return value if isinstance(value, str) and value else word


def _value(found: re.Match[str], values: Mapping[str, Any], warn: Warn) -> str:
    head, _, filters = found[1].partition("|")
    head, slash = head.strip(), found[2]
    name = head.removeprefix("page.").lower()
    if head[:1] in "\"'" and head[-1:] == head[:1]:
        path = head[1:-1]
        return (_below(path, values) if "url" in filters else path) + slash
    value = values.get(name)
    if isinstance(value, str) and value:
        return (_below(value, values) if "url" in filters else value) + slash
    if head:
        warn("template", f"{{{{ {head} }}}}")
    return slash
