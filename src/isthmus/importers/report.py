"""What an import says of itself: every item read is created, updated, unchanged or skipped, and no loss is unnamed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from isthmus.kit import text

_OUTCOMES = ("created", "updated", "unchanged", "skipped")


@dataclass(slots=True)
class Report:
    """Counts, losses and warnings of one run. source: the path as given. said: sentences for the person who runs it."""

    run: str
    source: str
    counts: Counter[str] = field(default_factory=Counter)
    skipped: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        """Count one item read: created, updated, unchanged or skipped."""
        assert outcome in _OUTCOMES
        self.counts["read"] += 1
        self.counts[outcome] += 1

    def skip(self, identity: str, where: str, reason: str) -> None:
        """Name an item that did not come in."""
        self.count("skipped")
        self.skipped.append({"id": identity, "where": where, "reason": reason})

    def warn(self, identity: str, kind: str, words: str) -> None:
        """Name something that was not taken over as it stood."""
        self.warnings.append({"id": identity, "kind": kind, "text": words})

    @property
    def is_success(self) -> bool:
        """Whether at least one item came in or was known."""
        return self.counts["read"] > self.counts["skipped"]

    def as_json(self) -> dict[str, Any]:
        """The report as docs/reference names its fields."""
        counts = {name: self.counts[name] for name in ("read", *_OUTCOMES)}
        assert counts["read"] == sum(counts[name] for name in _OUTCOMES)
        return {
            "run": self.run, "source": self.source, "counts": counts,
            "skipped": self.skipped, "warnings": self.warnings,
        }  # fmt: skip

    def summary(self) -> str:
        """One sentence for the terminal."""
        counts = ", ".join(f"{self.counts[name]} {name}" for name in _OUTCOMES)
        warned = f"; {text.plural(len(self.warnings), 'warning', 'warnings')}" if self.warnings else ""
        return f"{text.plural(self.counts['read'], 'item', 'items')} read: {counts}{warned}."


def report_from(stored: dict[str, Any]) -> Report:
    """A stored report again."""
    return Report(
        stored["run"], stored["source"], Counter(stored["counts"]), list(stored["skipped"]), list(stored["warnings"])
    )
