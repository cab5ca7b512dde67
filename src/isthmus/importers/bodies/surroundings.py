"""What a body may refer to outside of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isthmus.importers.source_item import SourceMedia


@dataclass(slots=True)
class Surroundings:
    """What a body may refer to outside of itself, and the list of what could not be taken over.

    media: the archive's pictures and files by the number bodies name them with. attached: the item's own, in order,
    which a [gallery] without numbers means. blocks: bodies that others show by number. warnings: (kind, words), as they
    stand in the report.
    """

    media: Mapping[str, SourceMedia] = field(default_factory=dict)
    attached: tuple[SourceMedia, ...] = ()
    warnings: list[tuple[str, str]] = field(default_factory=list)
    blocks: Mapping[str, str] = field(default_factory=dict)

    def warn(self, kind: str, words: str) -> None:
        """Name something of the body that did not come over as it stood."""
        self.warnings.append((kind, words))
