"""The formats an archive may come in: one file each, all yielding SourceItem.

A source is a module with `recognises(path, head)` and `read(path)`, and `survey(path)` where items share things; to add
one, write the file and name it in SOURCES.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from isthmus.importers import opening
from isthmus.importers.source_item import Skipped, SourceBlock, SourceItem, SourceMedia, SourceProfile, SourceSite
from isthmus.importers.sources import feed, ghost, html, markdown, pdf, records, text, wordpress


class Source(Protocol):
    """One format; the contract suite in tests/contracts/test_sources.py says it in full."""

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is in this format, from its name and its first HEAD_BYTES bytes; must not raise."""
        ...

    def read(self, path: Path) -> Iterator[SourceItem | Skipped]:
        """The items of a file, streaming; a bad one is a Skipped and the reading goes on. Raises: OSError only."""
        ...


@runtime_checkable
class Surveying(Protocol):
    """A source whose items share people, pictures or a site: it is asked for them before any item is read."""

    def survey(self, path: Path) -> Iterator[SourceProfile | SourceMedia | SourceSite | SourceBlock]:
        """What of a file belongs to the archive and not to one item, streaming. Raises: OSError only.

        Every file of the archive is surveyed before the first is read, so that a profile may stand in any of them.
        """
        ...


# Enough to tell formats apart; what is packed is unpacked first.
HEAD_BYTES = 4096
# Asked in this order: text accepts much, so it comes last.
SOURCES: dict[str, Source] = {
    "feed": cast(Source, feed),
    "ghost": cast(Source, ghost),
    "markdown": cast(Source, markdown),
    "html": cast(Source, html),
    "pdf": cast(Source, pdf),
    "records": cast(Source, records),
    "wordpress": cast(Source, wordpress),
    "text": cast(Source, text),
}


def source_for(path: Path) -> str | None:
    """The name of the source that reads this file; None where none does. Raises: OSError."""
    with opening.opened(path) as file:
        head = file.read(HEAD_BYTES)
    return next((name for name, source in SOURCES.items() if source.recognises(path, head)), None)
