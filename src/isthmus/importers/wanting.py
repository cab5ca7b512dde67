"""Which pictures and files a source item shows or offers, and by which address each is found again."""

from __future__ import annotations

import html as _stdlib
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from isthmus.importers import bodies
from isthmus.importers.archive import Archive
from isthmus.importers.source_item import SourceItem, SourceMedia, SourceProfile

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"})
FILES = frozenset({".pdf", ".docx", ".odt", ".epub", ".pptx", ".xlsx", ".csv", ".txt", ".zip"})
_IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_VALUE = r"\s{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))"
_SRC, _ALT, _HREF = (re.compile(_VALUE.format(name=name), re.IGNORECASE) for name in ("src", "alt", "href"))
_LINK = re.compile(r"<a\b[^>]*>", re.IGNORECASE)
_ADDRESS_MAX_CHARS = 1000


def ending_of(address: str) -> str:
    """The ending of the file's name in small letters, with its dot; empty where there is none."""
    try:
        name = urlsplit(address).path.rpartition("/")[2].lower()
    except ValueError:
        return ""
    return name[name.rfind(".") :] if "." in name else ""


def completed(address: str, base: str) -> str:
    """The address in full where the base is known; as it stands where not. Never raises."""
    try:
        return urljoin(base, address.strip()) if base else address.strip()
    except ValueError:
        return address.strip()


def lead_of(item: SourceItem, archive: Archive) -> SourceMedia | None:
    """The picture above the piece: the item's own, or the one it names by number."""
    return item.featured or (archive.medium(item.source, item.media_id) if item.media_id else None)


def photo_of(profile: SourceProfile, archive: Archive) -> SourceMedia | None:
    """A person's photo with its address in full, as far as the site is known."""
    if profile.photo is None or not profile.photo.address:
        return None
    site = archive.sites.get(profile.source)
    base = next(iter(site.addresses), "") if site else ""
    address = completed(profile.photo.address, base)
    return replace(profile.photo, address=address) if len(address) <= _ADDRESS_MAX_CHARS else None


def files_of(item: SourceItem, archive: Archive) -> list[SourceMedia]:
    """The files that belong to the item and are no pictures."""
    named = [medium if medium.address else archive.medium(item.source, medium.id) for medium in item.attachments]
    attached = [*filter(None, named), *archive.belonging_to(item.source, item.id)]
    return [medium for medium in attached if ending_of(medium.address) in FILES]


def wanted_by(item: SourceItem, archive: Archive) -> Iterator[SourceMedia]:
    """Every picture and file of an item, its address completed; a picture may be named more than once."""
    lead = lead_of(item, archive)
    listed = [*([lead] if lead else []), *files_of(item, archive), *_in_body(item, archive)]
    profiles = (archive.profile_of(author, item.source) for author in item.authors)
    yield from filter(None, (photo_of(profile, archive) for profile in profiles if profile))
    by_address = {medium.address: medium for medium in archive.media.get(item.source, {}).values()}
    for medium in listed:
        address = completed(medium.address, item.source_url)
        if len(address) <= _ADDRESS_MAX_CHARS:
            # What the archive's own list says of a picture is more than its tag does.
            known = by_address.get(medium.address)
            yield (
                replace(known, address=address, alt=medium.alt or known.alt)
                if known
                else replace(medium, address=address)
            )


def _in_body(item: SourceItem, archive: Archive) -> Iterator[SourceMedia]:
    attached = (*item.attachments, *archive.belonging_to(item.source, item.id))
    around = bodies.Surroundings(
        archive.media.get(item.source, {}), attached, blocks=archive.blocks.get(item.source, {})
    )
    html = bodies.unclean_html(item, around)
    for tag in _IMG.findall(html):
        if (address := _attribute(_SRC, tag)) and not address.startswith("data:"):
            yield SourceMedia(address, alt=_attribute(_ALT, tag))
    for tag in _LINK.findall(html):
        address = _attribute(_HREF, tag)
        if ending_of(address) in FILES:
            yield SourceMedia(address)


def _attribute(pattern: re.Pattern[str], tag: str) -> str:
    found = pattern.search(tag)
    return _stdlib.unescape(next((value for value in found.groups() if value), "")).strip() if found else ""
