"""What the items of an archive share, gathered by the survey before any of them is judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from isthmus.importers.source_item import SourceAuthor, SourceMedia, SourceProfile, SourceSite


@dataclass(slots=True)
class Archive:
    """People by (source, key), pictures and files by source and id, and the hosts of the old sites."""

    profiles: dict[tuple[str, str], SourceProfile] = field(default_factory=dict)
    media: dict[str, dict[str, SourceMedia]] = field(default_factory=dict)
    sites: dict[str, SourceSite] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)

    def add(self, part: SourceProfile | SourceMedia | SourceSite) -> None:
        """Take in one part of a survey; of two with one key the first stays."""
        if isinstance(part, SourceProfile):
            self.profiles.setdefault((part.source, part.key), part)
        elif isinstance(part, SourceMedia):
            self.media.setdefault(part.source, {}).setdefault(part.id, part)
        else:
            self.sites.setdefault(part.source, part)
            self.hosts |= _hosts(part.addresses)

    def name_of(self, author: SourceAuthor, source: str) -> str:
        """The author's name as printed in the source, else as the profile has it; empty where nobody says it."""
        profile = self.profiles.get((source, author.key)) if author.key else None
        return author.name or (profile.name if profile else "")


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
