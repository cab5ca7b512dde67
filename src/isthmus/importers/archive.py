"""What the items of an archive share, gathered by the survey before any of them is judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from isthmus.importers.source_item import SourceAuthor, SourceBlock, SourceMedia, SourceProfile, SourceSite


@dataclass(slots=True)
class Archive:
    """People by (source, key); pictures, files and blocks by source and id; and the hosts of the old sites.

    found: what came in of the media, by full address: ("image" or "document", its number here, a file's name).
    """

    profiles: dict[tuple[str, str], SourceProfile] = field(default_factory=dict)
    media: dict[str, dict[str, SourceMedia]] = field(default_factory=dict)
    sites: dict[str, SourceSite] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    blocks: dict[str, dict[str, str]] = field(default_factory=dict)
    found: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    _children: dict[tuple[str, str], list[SourceMedia]] = field(default_factory=dict)

    def add(self, part: SourceProfile | SourceMedia | SourceSite | SourceBlock) -> None:
        """Take in one part of a survey; of two with one key the first stays."""
        if isinstance(part, SourceProfile):
            self.profiles.setdefault((part.source, part.key), part)
        elif isinstance(part, SourceMedia):
            self._add_medium(part)
        elif isinstance(part, SourceBlock):
            self.blocks.setdefault(part.source, {}).setdefault(part.id, part.body)
        else:
            self.sites.setdefault(part.source, part)
            self.hosts |= _hosts(part.addresses)

    def _add_medium(self, medium: SourceMedia) -> None:
        known = self.media.setdefault(medium.source, {})
        if medium.id in known:
            return
        known[medium.id] = medium
        if medium.parent:
            self._children.setdefault((medium.source, medium.parent), []).append(medium)

    def name_of(self, author: SourceAuthor, source: str) -> str:
        """The author's name as printed in the source, else as the profile has it; empty where nobody says it."""
        if author.name:
            return author.name
        profile = self.profile_of(author, source)
        return profile.name if profile else author.fallback

    def profile_of(self, author: SourceAuthor, source: str) -> SourceProfile | None:
        """The profile of an author; None where the source has none."""
        # A plugin may have put a prefix before the login that the table of authors does not know.
        keys = (author.key, author.key.removeprefix("cap-")) if author.key else ()
        return next((found for key in keys if (found := self.profiles.get((source, key)))), None)

    def medium(self, source: str, number: str) -> SourceMedia | None:
        """The picture or file that a source names by number; None for an unknown one."""
        return self.media.get(source, {}).get(number)

    def belonging_to(self, source: str, number: str) -> tuple[SourceMedia, ...]:
        """The pictures and files that belong to an item, in the order of the source."""
        return tuple(self._children.get((source, number), ()))


def _hosts(addresses: Iterable[str]) -> set[str]:
    found = set()
    for address in addresses:
        try:
            host = urlsplit(address).hostname
        except ValueError:
            continue
        if host:
            found.add(host.removeprefix("www."))
    return found
