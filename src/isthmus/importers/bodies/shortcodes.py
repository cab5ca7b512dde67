"""WordPress's shortcodes as HTML: captions, galleries, players, code and footnotes; of any other the text stays.

What looks like one in prose, such as [sic] or [1], is prose: a shortcode has attributes, an end, or a name we know.
"""

from __future__ import annotations

import html as _stdlib
import re
from collections.abc import Callable

from isthmus.importers.bodies.footnote_forms import Notes
from isthmus.importers.bodies.media_tags import player
from isthmus.importers.bodies.surroundings import Surroundings
from isthmus.importers.source_item import SourceMedia

Attributes = dict[str, str]

_CODE_NAMES = "code|sourcecode|source|php|html|css|js|javascript|python|bash|xml|sql|java|ruby|text|plain|cc|crayon"
_CODE = re.compile(rf"\[({_CODE_NAMES})(\s[^\]]*)?\](.*?)\[/\1\]", re.IGNORECASE | re.DOTALL)
_VERBATIM = re.compile(r"<(pre|code|script|style)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(
    r"(?P<escape>\[)?\[(?P<end>/)?(?P<name>[A-Za-z][\w\-]{0,60})"
    r"(?P<attributes>(?:[\s=](?:[^\[\]\"'<>]|\"[^\"]*\"|'[^']*')*)?)(?P<closed>/)?\](?P<escaped>\])?"
)
_ATTRIBUTE = re.compile(
    r"([\w\-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|[“”]([^”]*)”|&\#8220;(.*?)&\#8221;|([^\s\"'\]]+))|\"([^\"]*)\"|(\S+)"
)
_IMAGE = re.compile(r"(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a\s*>)?", re.IGNORECASE)
_OWN_LINE = re.compile(r"^[^\S\n]*(?:<p>\s*)?(https?://[^\s<>\"]+)(?:\s*</p>)?[^\S\n]*$", re.MULTILINE)
_NUMBERED_NOTE = re.compile(r"\[(\d{1,3})\.\s+([^\[\]]{3,3000})\]")
_DOUBLE_BRACKETS = re.compile(r"(?<=[\w.,;:!?”\"')>\s])\(\(((?:(?!\(\(|\)\)).){12,3000})\)\)", re.DOTALL)
_FOOTNOTES = frozenset({"footnote", "footnotes", "fn", "ref", "note", "efn_note", "mfn", "sidenote", "annotation"})
_PLAYERS = frozenset(
    """
    embed youtube vimeo video audio soundcloud dailymotion wpvideo tweet slideshare scribd ted flickr instagram podcast
    podcast_episode spotify googlevideo kml_flashembed
    """.split()  # noqa: SIM905 -- 20 quotes more would hide the names
)
# They stand in the text whatever they look like: WordPress's own, and those of the plugins met most often.
_WITHOUT_ATTRIBUTES = frozenset({"gallery", "playlist", "caption", "wp_caption"}) | _PLAYERS
# They arrange what is inside, which stays; nobody needs to hear of them.
_LAYOUT = re.compile(
    r"(?:vc|et_pb|fusion|cs|x|av|tatsu|fl|su|mk|tve|thrive|nectar|gdlr|bs|wpb)_?(?:row|column|col|section|text|inner|"
    r"builder|container|group|grid|spacer|content|layout)\w*|columns?|one_\w+|two_\w+|three_\w+|row|col|section|clear|"
    r"spacer|divider|hr|br|intro|center|left|right|dropcap|span\d*|(?:end)?div"
)
_PROSE = re.compile(r"\s[a-z]+", re.IGNORECASE)


def to_html(html: str, around: Surroundings) -> str:
    """The body without shortcodes; those that we do not know are named in the warnings, and their text stays."""
    if "[" not in html and "((" not in html:
        return _outside_verbatim(html, _with_embeds) if "http" in html else html
    html = _CODE.sub(_code, html)
    notes = Notes()
    outside = _outside_verbatim(html, lambda part: _notes_in(part, notes))
    reader = _Reader(around, notes)
    return _outside_verbatim(_outside_verbatim(outside, reader.read), _with_embeds) + notes.as_html()


def _outside_verbatim(html: str, change: Callable[[str], str]) -> str:
    """Change the text outside of code and comments, whole: what stands inside is set aside, and put back."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\x00{len(kept) - 1}\x00"

    changed = change(_VERBATIM.sub(keep, html.replace("\x00", "")))
    return re.sub("\x00(\\d+)\x00", lambda number: kept[int(number[1])], changed)


def _code(found: re.Match[str]) -> str:
    attributes = _attributes(found[2] or "")
    name = found[1].lower()
    general = ("code", "source", "sourcecode", "crayon", "text", "plain")
    language = attributes.get("language") or attributes.get("lang") or ("" if name in general else name)
    kept = f' class="language-{_stdlib.escape(language)}"' if language else ""
    code = _stdlib.unescape(found[3]).strip("\n")
    return f"<pre><code{kept}>{_stdlib.escape(code, quote=False)}</code></pre>"


def _with_embeds(html: str) -> str:
    """An address alone on its line is a player where we know its frames, as WordPress shows it; else it is a link."""
    return _OWN_LINE.sub(lambda line: f"\n{player(line[1])}\n", html)


def _notes_in(html: str, notes: Notes) -> str:
    """Notes written in the text itself: [1. The note.] counted from one, and ((the note))."""
    if (first := _NUMBERED_NOTE.search(html)) and first[1] == "1":
        html = _NUMBERED_NOTE.sub(lambda found: notes.reference(found[2]), html)
    if "((" in html:
        html = _DOUBLE_BRACKETS.sub(
            lambda found: notes.reference(found[1]) if len(found[1].split()) > 2 else found[0], html
        )
    return html


def _attributes(words: str) -> Attributes:
    """Named ones by name, others by their place: "0", "1"."""
    found: Attributes = {}
    n_bare = 0
    for match in _ATTRIBUTE.finditer(words.strip().rstrip("/")):
        if match[1]:
            found[match[1].lower()] = _stdlib.unescape(next((value for value in match.groups()[1:6] if value), ""))
        else:
            found[str(n_bare)] = match[7] or match[8].lstrip("=").strip("\"'“”")
            n_bare += 1
    return found


class _Reader:
    """Reads the shortcodes of one body from left to right, those inside others first."""

    def __init__(self, around: Surroundings, notes: Notes) -> None:
        self._around, self._notes = around, notes
        self._unknown: list[str] = []

    def read(self, html: str) -> str:
        """The text with every shortcode replaced."""
        ends = {found["name"].lower() for found in _TAG.finditer(html) if found["end"]}
        # Each open shortcode has the text read since, the last one is the body itself.
        stack: list[tuple[str, Attributes, str, list[str]]] = [("", {}, "", [])]
        at = 0
        for tag in _TAG.finditer(html):
            stack[-1][3].append(html[at : tag.start()])
            at = tag.end()
            self._take(tag, stack, ends)
        stack[-1][3].append(html[at:])
        while len(stack) > 1:
            # It was never ended: it stands for itself, and what follows is the text's own.
            name, attributes, _, inside = stack.pop()
            stack[-1][3].append(self._replaced(name, attributes, "") + "".join(inside))
        if self._unknown:
            self._around.warn("unknown shortcode", ", ".join(dict.fromkeys(self._unknown)))
        return "".join(stack[0][3])

    def _take(self, tag: re.Match[str], stack: list[tuple[str, Attributes, str, list[str]]], ends: set[str]) -> None:
        name = tag["name"].lower()
        words = stack[-1][3]
        if tag["escape"] and tag["escaped"]:
            words.append(tag[0][1:-1])
            return
        before, after = tag["escape"] or "", tag["escaped"] or ""
        if tag["end"]:
            words.append(before)
            self._close(name, tag[0], stack)
            stack[-1][3].append(after)
        elif not _is_shortcode(tag, name, ends):
            words.append(tag[0])
        elif name in ends and not tag["closed"]:
            words.append(before)
            stack.append((name, _attributes(tag["attributes"]), tag[0], []))
        else:
            words.append(before + self._replaced(name, _attributes(tag["attributes"]), "") + after)

    def _close(self, name: str, raw: str, stack: list[tuple[str, Attributes, str, list[str]]]) -> None:
        if all(name != open_name for open_name, *_ in stack):
            stack[-1][3].append("" if _LAYOUT.fullmatch(name) else raw)
            return
        while True:
            open_name, attributes, _, inside = stack.pop()
            is_own = open_name == name
            content = "".join(inside)
            stack[-1][3].append(
                self._replaced(open_name, attributes, content)
                if is_own
                else self._replaced(open_name, attributes, "") + content
            )
            if is_own:
                return

    def _replaced(self, name: str, attributes: Attributes, inside: str) -> str:
        if name in ("caption", "wp_caption"):
            return _caption(attributes, inside)
        if name == "gallery":
            return self._gallery(attributes)
        if name in _FOOTNOTES:
            named = attributes.get("name", "")
            return self._notes.reference(inside, name=named) if inside.strip() or named else ""
        if name in _PLAYERS or name == "playlist":
            return self._player(name, attributes, inside)
        if name in ("quote", "blockquote", "pullquote"):
            return f"<blockquote>{inside}</blockquote>"
        if _LAYOUT.fullmatch(name):
            return inside
        self._unknown.append(name)
        return _linked(attributes, inside)

    def _gallery(self, attributes: Attributes) -> str:
        numbers = [part.strip() for part in (attributes.get("ids") or attributes.get("include") or "").split(",")]
        numbers = [number for number in numbers if number]
        pictures = [self._around.media[number] for number in numbers if number in self._around.media]
        if not numbers:
            pictures = [medium for medium in self._around.attached if _is_picture(medium)]
        missing = [number for number in numbers if number not in self._around.media]
        if missing or not pictures:
            said = (
                f"pictures {', '.join(missing)} are not in the archive" if missing else "none of its pictures is there"
            )
            self._around.warn("gallery", said)
        return "".join(map(figure, pictures))

    def _player(self, name: str, attributes: Attributes, inside: str) -> str:
        named = ("src", "url", "mp3", "mp4", "m4v", "webm", "ogv", "ogg", "m4a", "wav", "id", "0")
        address = next((value for key in named if (value := attributes.get(key, "").strip())), "") or inside.strip()
        address = re.sub(r"<[^>]*>", "", address)
        if name == "youtube" and re.fullmatch(r"[\w\-]{6,20}", address):
            address = f"https://www.youtube.com/watch?v={address}"
        elif name == "tweet" and address.isdigit():
            address = f"https://twitter.com/i/status/{address}"
        elif name == "vimeo" and address.isdigit():
            address = f"https://vimeo.com/{address}"
        if not address.startswith(("http://", "https://", "/")):
            # WordPress plays the file that belongs to the piece where the shortcode names none.
            kind = {"audio": "audio/", "video": "video/"}.get(name, "\x00")
            own = next((medium for medium in self._around.attached if medium.type.startswith(kind)), None)
            address = own.address if own else ""
        if not address:
            self._unknown.append(name)
            return inside
        return f"\n{player(address, title=attributes.get('title', ''))}\n"


def _is_shortcode(tag: re.Match[str], name: str, ends: set[str]) -> bool:
    if name in _WITHOUT_ATTRIBUTES or name in ends:
        return True
    words = tag["attributes"]
    # "[see page = 4]" does not occur; "[sic]" and "[the United States]" do.
    return "=" in words or bool(_LAYOUT.fullmatch(name) and not _PROSE.search(words))


def _linked(attributes: Attributes, inside: str) -> str:
    """The words of a shortcode nobody knows, with the address it leads to: a viewer of files has nothing else."""
    named = (attributes.get(name, "").strip() for name in ("url", "href", "src", "link", "file", "pdf"))
    address = next((value for value in named if value.startswith(("http://", "https://", "/"))), "")
    if not address or "<" in inside:
        return inside
    words = inside.strip() or _stdlib.escape(attributes.get("title") or attributes.get("text") or address)
    return f'<a href="{_stdlib.escape(address)}">{words}</a>'


def _caption(attributes: Attributes, inside: str) -> str:
    """The old form has the caption as an attribute, the newer one behind the picture."""
    picture = _IMAGE.search(inside)
    if picture is None:
        return inside
    words = attributes.get("caption") or (inside[: picture.start()] + inside[picture.end() :]).strip()
    said = f"<figcaption>{words}</figcaption>" if words.strip() else ""
    return f"\n<figure>{picture[0]}{said}</figure>\n"


def figure(medium: SourceMedia) -> str:
    """A picture of the archive with its caption, as it stands in a body."""
    words = f"<figcaption>{medium.caption}</figcaption>" if medium.caption.strip() else ""
    address, alt = _stdlib.escape(medium.address), _stdlib.escape(medium.alt or medium.title)
    return f'\n<figure><img src="{address}" alt="{alt}"/>{words}</figure>\n'


def _is_picture(medium: SourceMedia) -> bool:
    return medium.type.startswith("image/") or bool(
        re.search(r"\.(?:jpe?g|png|gif|webp|avif|svg)(?:$|\?)", medium.address, re.IGNORECASE)
    )
