"""What a source item means: pure functions from SourceItem to Cleaned.

Nothing is invented; what is missing stays empty.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from isthmus.importers import bodies, body_blocks, bylines, dates, linking, offered_files, wanting
from isthmus.importers.archive import Archive
from isthmus.importers.bodies import plain_notes
from isthmus.importers.cleaned import Cleaned, CleanedByline
from isthmus.importers.source_item import SourceAuthor, SourceItem, SourceMedia, SourceProfile, content_hash
from isthmus.kit import html, markdown, text

Warnings = list[tuple[str, str]]

TITLE_MAX_CHARS = 500
_SUMMARY_MAX_CHARS = 2000
_URL_MAX_CHARS = 1000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")


@dataclass(frozen=True, slots=True)
class House:
    """What of the institute's options judgement needs; plain, so that a throw-away process may have it.

    placing: names the series and the map of this run; empty for neither.
    """

    zone: str
    language: str
    kinds: tuple[str, ...]
    embed_hosts: tuple[str, ...]
    placing: str = ""


def clean(item: SourceItem, house: House, archive: Archive | None = None) -> Cleaned:
    """The publication this item is, safe to store and to show. Never fails on what a source may hold.

    archive: what the survey found, for names, pictures and links that the item only points at.
    """
    archive = archive or Archive()
    warnings: Warnings = list(item.doubts)
    base_url = body_blocks.site_of(item.source_url)
    body = body_blocks.body_of(_safe_html(item, house, archive, warnings), base_url=base_url, media=archive.found)
    warnings += body.warnings
    lines = _with_byline_recognised(_named(item, archive, warnings), body)
    cleaned = _judged(item, house, body, warnings)
    cleaned.bylines = lines
    _fill_in_from(archive, cleaned, item, body, warnings)
    cleaned.warnings = _few(warnings)
    return cleaned


def _judged(item: SourceItem, house: House, body: body_blocks.Body, warnings: Warnings) -> Cleaned:
    """What the item says of itself, field by field; nobody's name yet."""
    title = _title(item, warnings)
    printed = _date(item, house, warnings)
    return Cleaned(
        id=item.id,
        source=item.source,
        where=item.where,
        content_hash=content_hash(item, placing=house.placing),
        title=title,
        slug=_slug(item, title),
        kind=_kind(item, house, warnings),
        language=_language(item, house, warnings),
        summary=_summary(item, warnings),
        body=_with_ids(body.blocks, f"{item.source}:{item.id}"),
        body_hash=body_hash(body.blocks),
        published_on=printed.on.isoformat() if printed else None,
        published_at=printed.at.isoformat() if printed else None,
        offset_min=printed.offset_min if printed else None,
        bylines=[],
        categories=_labels(item.categories),
        tags=_labels(item.tags),
        series=text.shorten(plain(item.series), 200),
        author_note=plain(item.author_note),
        disclaimer=plain(item.disclaimer),
        photo_credit=plain(item.photo_credit),
        external_url=_external_url(item, warnings),
        former_paths=linking.former_paths(item),
        status=_status(item, warnings),
    )


def _fill_in_from(
    archive: Archive, cleaned: Cleaned, item: SourceItem, body: body_blocks.Body, warnings: Warnings
) -> None:
    """What the rest of the archive says of an item: its pictures, files, people, links and terms."""
    base_url, lead = body_blocks.site_of(item.source_url), wanting.lead_of(item, archive)
    cleaned.type, cleaned.source_kind = item.type, plain(item.kind)
    cleaned.parent = item.parent
    cleaned.shelves = [
        (table, plain(label)[:200], path)
        for table, label, address in item.shelves
        if (path := linking.path_of(address))
    ]
    cleaned.labels = [(axis, label) for axis, name in item.labels if (label := text.shorten(plain(name), 200))]
    cleaned.links = linking.links_in(body.blocks, archive.hosts | linking.own_hosts(item))
    cleaned.image_id = _image_id(lead, base_url, archive, warnings)
    if lead is not None:
        cleaned.image_caption = plain(lead.caption)[:500]
        cleaned.photo_credit = cleaned.photo_credit or plain(lead.credit)
    cleaned.document_ids = _documents(item, body, base_url, archive)
    cleaned.people = _people(item, archive)


def _named(item: SourceItem, archive: Archive, warnings: Warnings) -> list[SourceAuthor]:
    """The authors with the names that the archive knows them by."""
    authors = [replace(author, name=archive.name_of(author, item.source)) for author in item.authors]
    if any(not author.name for author in authors):
        said = "the source names the author only by a login or address that it explains nowhere"
        warnings.append(("no author", said))
    return authors


def plain(value: str) -> str:
    """One line of words: tags gone, entities decoded, no-break spaces plain."""
    return text.collapse(html.text_of(value)) if "<" in value or "&" in value else text.collapse(value)


def body_hash(blocks: Iterable[Mapping[str, Any]]) -> str:
    """A hash of what the blocks say; their ids do not count."""
    digest = hashlib.sha256()
    for block in blocks:
        value = block["value"]
        said = value if isinstance(value, str) else json.dumps(_without_ids(value), sort_keys=True)
        digest.update(f"{block['type']} {len(said)} ".encode())
        digest.update(said.encode("utf-8", "replace"))
    return digest.hexdigest()[:32]


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [item.get("value", item) if isinstance(item, dict) else item for item in value]
    return value


def _with_ids(blocks: list[body_blocks.Block], identity: str) -> str:
    """The blocks as JSON text with ids; the same ids at every import, so that versions can be compared."""
    for at, block in enumerate(blocks):
        block["id"] = str(uuid5(NAMESPACE_URL, f"{identity}#{at}"))
        if block["type"] == "footnotes":
            for number, item in enumerate(block["value"]):
                item["id"] = str(uuid5(NAMESPACE_URL, f"{identity}#{at}.{number}"))
    return json.dumps(blocks, ensure_ascii=False)


def _safe_html(item: SourceItem, house: House, archive: Archive, warnings: Warnings) -> str:
    attached = (*item.attachments, *archive.belonging_to(item.source, item.id))
    around = bodies.Surroundings(
        archive.media.get(item.source, {}), attached, warnings, archive.blocks.get(item.source, {})
    )
    raw = bodies.unclean_html(item, around)
    _report_mojibake(raw, warnings)
    return plain_notes.linked(html.clean_html(raw, embed_hosts=house.embed_hosts)) if raw else ""


def _with_byline_recognised(authors: Sequence[SourceAuthor], body: body_blocks.Body) -> list[CleanedByline]:
    lines = bylines.bylines_of(authors)
    if not body.blocks or body.blocks[0]["type"] != "text":
        return lines
    recognised = bylines.without_repeated(lines, body.blocks[0]["value"])
    body.blocks[0]["value"] = recognised.html
    if not recognised.html:
        del body.blocks[0]
    return recognised.bylines


def _slug(item: SourceItem, title: str) -> str:
    """The address as readers knew it, where the source has one."""
    own = unquote(item.slug).strip()
    return text.slug(own) if own else text.slug(title)


_HIDDEN = {
    "draft": "a draft on the old site",
    "pending": "waiting for its review on the old site",
    "private": "private on the old site",
    "password": "behind a password on the old site",
    "trash": "in the trash of the old site",
}


def _status(item: SourceItem, warnings: Warnings) -> str:
    """What was not public stays out of sight, whatever the reason, and is named with it."""
    if item.status in ("release", "scheduled"):
        return item.status
    warnings.append(("not public", f"{_HIDDEN[item.status]}; it is a draft here"))
    return "draft"


def _image_id(lead: SourceMedia | None, base_url: str, archive: Archive, warnings: Warnings) -> int | None:
    """The picture above the piece, if it came in."""
    if lead is None or not lead.address:
        return None
    kind, number, _ = archive.found.get(wanting.completed(lead.address, base_url), ("", 0, ""))
    if kind == "image":
        return number
    warnings.append(("missing image", lead.address))
    return None


def _documents(item: SourceItem, body: body_blocks.Body, base_url: str, archive: Archive) -> list[tuple[int, str]]:
    """Files to offer with the piece: its own, and those that only a table or the like links to."""
    offered = {}
    for medium in wanting.files_of(item, archive):
        kind, number, _ = archive.found.get(wanting.completed(medium.address, base_url), ("", 0, ""))
        if kind == "document":
            offered[number] = plain(medium.title)[:300]
    for number in offered_files.in_html(body.blocks, archive.found, base_url):
        offered.setdefault(number, "")
    return list(offered.items())


def _people(item: SourceItem, archive: Archive) -> list[tuple[str, str, str, str, list[str], int | None]]:
    """What profiles say of the item's authors beyond their names."""
    found = []
    for author in item.authors:
        profile = archive.profile_of(author, item.source)
        photo = _photo_id(profile, archive) if profile else None
        if profile is None or not (
            profile.bio or profile.title or profile.affiliation or profile.addresses or photo is not None
        ):
            continue
        name = plain(archive.name_of(author, item.source))
        bio = html.clean_html(profile.bio) if "<" in profile.bio else html.escape(text.collapse(profile.bio))
        paths = [path for path in map(linking.path_of, profile.addresses) if path]
        found.append((name[:200], bio, plain(profile.title)[:300], plain(profile.affiliation)[:300], paths, photo))
    return found


def _photo_id(profile: SourceProfile, archive: Archive) -> int | None:
    photo = wanting.photo_of(profile, archive)
    kind, number, _ = archive.found.get(photo.address, ("", 0, "")) if photo else ("", 0, "")
    return number if kind == "image" else None


_FIRST_SIGNS = ("â€", "Ã", "Â", "ï»¿", "\ufffd")
_MOJIBAKE = re.compile("â€[\x80-\u2fff]|Ã[\u0080-\u00bf©¨ª«®¯°±²³´µ¶·¸¹º»¼½¾¿]|Â[\u00a0-\u00bf]|ï»¿|\ufffd")


def _report_mojibake(raw: str, warnings: Warnings) -> None:
    """Signs read in the wrong encoding long ago are reported; which of them were meant, nobody here knows."""
    # Few bodies hold any of the first signs, and the pattern stops at each character to ask for all of them.
    found = _MOJIBAKE.findall(raw) if any(map(raw.__contains__, _FIRST_SIGNS)) else []
    if found:
        shown = ", ".join(dict.fromkeys(found[:5]))
        warnings.append(("mojibake", f"{len(found)} times signs such as {shown}: left as they are"))


def _title(item: SourceItem, warnings: Warnings) -> str:
    title = plain(item.title)
    if not title:
        title = _readable_id(item.id)
        warnings.append(("no title", f"the source has no title; “{title}” is made from its id"))
    elif len(title) > TITLE_MAX_CHARS:
        warnings.append(("title cut", f"the title has {len(title)} characters; {TITLE_MAX_CHARS} are kept"))
    return text.shorten(title, TITLE_MAX_CHARS)


def _readable_id(identity: str) -> str:
    last = re.split(r"[/:]", identity.rstrip("/"))[-1] or identity
    words = text.collapse(re.sub(r"[-_]+", " ", last)).strip()
    return (words[:1].upper() + words[1:]) or "Untitled"


def _date(item: SourceItem, house: House, warnings: Warnings) -> dates.PrintedDate | None:
    printed = dates.read_date(item.published, zone=house.zone)
    if printed is None and item.published:
        warnings.append(("no date", f"“{text.shorten(item.published, 60)}” is no date; the piece stays without one"))
    return printed


def _kind(item: SourceItem, house: House, warnings: Warnings) -> str:
    kind = item.kind.strip().lower()
    if kind in ("", *house.kinds):
        return kind or "post"
    warnings.append(("unknown kind", f"{text.shorten(item.kind, 40)} is not declared under [kinds]; taken as post"))
    return "post"


def _language(item: SourceItem, house: House, warnings: Warnings) -> str:
    language = item.language.strip().replace("_", "-")
    if not language:
        return house.language
    if _LANGUAGE.fullmatch(language) and len(language) <= 20:
        return language
    warnings.append(("unknown language", f"{text.shorten(language, 40)} is no language tag; taken as {house.language}"))
    return house.language


def _summary(item: SourceItem, warnings: Warnings) -> str:
    """The summary as words; sources that write Markdown write it in the summary as well."""
    if not item.summary:
        return ""
    rich = item.summary if item.html else html.clean_html(markdown.to_html(item.summary))
    words = plain(rich)
    if len(words) > _SUMMARY_MAX_CHARS:
        warnings.append(("summary cut", f"the summary has {len(words)} characters; {_SUMMARY_MAX_CHARS} are kept"))
    return text.shorten(words, _SUMMARY_MAX_CHARS)


def _labels(names: tuple[str, ...]) -> list[str]:
    """Labels in order, each once; "Uncategorized" says that there is none."""
    labels = {text.fold(label): text.shorten(label, 200) for name in reversed(names) if (label := plain(name))}
    return [label for key, label in reversed(labels.items()) if key not in ("uncategorized", "uncategorised")]


def _external_url(item: SourceItem, warnings: Warnings) -> str:
    address = item.external_url.strip()
    if not address:
        return ""
    if len(address) <= _URL_MAX_CHARS and body_blocks.site_of(address) and " " not in address:
        return address
    warnings.append(("bad address", f"“{text.shorten(address, 80)}” is no address of the web; left out"))
    return ""


def _few(warnings: Warnings) -> Warnings:
    """The warnings with those of one kind in one; a piece with 200 missing pictures is one line of the report."""
    by_kind: dict[str, list[str]] = {}
    for kind, words in warnings:
        by_kind.setdefault(kind, []).append(words)
    return [(kind, _joined(words)) for kind, words in by_kind.items()]


def _joined(words: list[str]) -> str:
    shown = [text.shorten(word, 200) for word in dict.fromkeys(words)]
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    return ", ".join(shown[:5]) + more
