"""Where a run puts its pieces: the series and the map it was told, or those of the source's last run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isthmus.importers import mapping
from isthmus.importers.mapping import LabelMap
from isthmus.importers.models import ImportRun
from isthmus.kit.errors import UsageError


@dataclass(frozen=True, slots=True)
class Placing:
    """series: for every piece, empty for the source's own. map_hash: of the map file. said: for whoever runs it."""

    series: str = ""
    rules: LabelMap = field(default_factory=LabelMap)
    map_hash: str = ""
    said: tuple[str, ...] = ()

    def name(self) -> str:
        """What tells two ways of placing the same archive apart; empty for neither a series nor a map."""
        return json.dumps([self.series, self.map_hash]) if self.series or self.map_hash else ""

    def asked(self) -> dict[str, Any]:
        """As a run remembers it."""
        return {"series": self.series, "map": self.map_hash, "rules": mapping.rules_as_json(self.rules)}


def placing_asked_for(series: str, map_file: Path | None, *, kinds: Collection[str], is_draft: bool) -> Placing:
    """As the options say; is_draft: a map that is not there yet is about to be written. Raises: UsageError."""
    if map_file is None or (is_draft and not map_file.exists()):
        return Placing(series)
    rules = mapping.read_mapping(map_file, kinds=kinds)
    try:
        content = map_file.read_bytes()
    except OSError as error:
        raise UsageError(f"The map {map_file} cannot be read ({error.strerror}): check the path.") from error
    return Placing(series, rules, hashlib.sha256(content).hexdigest() if content.strip() else "")


def placing_of(run: ImportRun | None) -> Placing:
    """As a run before was told, so that importing again moves nothing."""
    if run is None or not (run.options.get("series") or run.options.get("map")):
        return Placing()
    told = " and ".join(
        filter(None, ("a series" if run.options.get("series") else "", "a map" if run.options.get("map") else ""))
    )
    said = f"Placed by {told}, as run {run.pk} was told; give --series or --map (an empty one too) to place anew."
    rules = mapping.rules_from(run.options.get("rules", []))
    return Placing(run.options.get("series", ""), rules, run.options.get("map", ""), (said,))
