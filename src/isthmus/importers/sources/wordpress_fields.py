"""The fields that plugins and themes of WordPress keep beside a piece: subtitles, files, words, credits, events.

A field of Advanced Custom Fields is told by its twin, whose name begins with a line and whose value is the field's key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from isthmus.importers.source_item import SourceMedia
from isthmus.importers.sources.wxr import Element

_SUBTITLES = (
    "subtitle", "_subtitle", "sub_title", "wps_subtitle", "kia_subtitle", "secondary_title", "_secondary_title", "dek",
    "standfirst", "deck", "_yoast_wpseo_metadesc", "_aioseo_description", "_aioseop_description",
    "rank_math_description", "_seopress_titles_desc", "_genesis_description",
)  # fmt: skip
_ELSEWHERE = ("_links_to", "external_url", "external_link", "original_url", "syndication_permalink")
_SERIALISED = re.compile(r"[aOsbid]:\d|[\[{]\"|field_[0-9a-f]{8,}")
_FIELD_KEY = re.compile(r"field_\w{4,60}")
_FILE_FIELD = re.compile(r"pdf|file|document|download|attachment", re.IGNORECASE)
_FILE = re.compile(r"https?://\S+\.(?:pdf|docx|odt|epub|pptx|xlsx|csv|zip)", re.IGNORECASE)
_CREDIT = re.compile(r's:6:"credit";s:\d+:"([^"]{1,300})"')
_PROSE_MIN_WORDS = 8
_EVENT = ("_EventStartDate", "_EventEndDate", "_EventTimezone", "_EventURL")

Meta = Mapping[str, str]


def subtitle(meta: Meta) -> str:
    """A subtitle or description from a plugin, if it is words and no data or template of its own."""
    for name in _SUBTITLES:
        value = meta.get(name, "")
        # Rank Math's templates are %title%, Yoast's %%title%%.
        if value and not re.search(r"%\w+%", value) and not _SERIALISED.match(value):
            return value
    return ""


def elsewhere(meta: Meta) -> str:
    """Where the piece itself is, for one that only points there."""
    return next((meta[name] for name in _ELSEWHERE if meta.get(name, "").startswith("http")), "")


def credit(meta: Meta) -> str:
    """Whose a picture is: by a plugin's field, else by what WordPress read in the picture itself."""
    given = meta.get("_media_credit", "") or meta.get("_credit", "") or meta.get("photo_credit", "")
    found = None if given else _CREDIT.search(meta.get("_wp_attachment_metadata", ""))
    return found[1] if found else given


def files(meta: Meta) -> Iterator[SourceMedia]:
    """Files that fields offer: by address, or by the number of an attachment, which the survey knows."""
    for name, value in _fields(meta):
        if _FILE.fullmatch(value):
            yield SourceMedia(value)
        elif value.isdigit() and _FILE_FIELD.search(name):
            yield SourceMedia("", id=value)


def body_of(body: str, meta: Meta) -> tuple[str, list[tuple[str, str]]]:
    """The body, made of the fields with prose where there is none; and what of the fields is not in it, as doubts."""
    prose = [(name, value) for name, value in _fields(meta) if name not in _SUBTITLES and _is_prose(value)]
    names = ", ".join(name for name, _ in prose)
    doubts = []
    if prose and not body.strip():
        body = "\n\n".join(value for _, value in prose)
        # Themes show some fields and keep others for editors; which of them, an export does not say.
        doubts.append(("why not public", f"its words stand in the fields {names}, and which were shown is not said"))
    elif prose:
        doubts.append(("fields left out", names))
    event = [f"{name.removeprefix('_Event')} {meta[name]}" for name in _EVENT if meta.get(name)]
    if event:
        doubts.append(("fields left out", ", ".join(event)))
    return body, doubts


def _fields(meta: Meta) -> Iterator[tuple[str, str]]:
    for name, value in meta.items():
        if not name.startswith("_") and _FIELD_KEY.fullmatch(meta.get(f"_{name}", "")):
            yield name, value


def _is_prose(value: str) -> bool:
    return len(value.split()) >= _PROSE_MIN_WORDS and not _SERIALISED.match(value)


def enclosures(element: Element) -> Iterator[SourceMedia]:
    """Recordings that a podcast plugin attached: address, length and type, a line each."""
    for row in element.all("wp:postmeta"):
        lines = row.first("wp:meta_value").splitlines()
        if row.first("wp:meta_key") == "enclosure" and lines and lines[0].startswith("http"):
            yield SourceMedia(lines[0].strip(), type=lines[2].strip() if len(lines) > 2 else "")
