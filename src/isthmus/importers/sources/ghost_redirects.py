"""The redirects file of Ghost: old addresses of posts, in JSON or YAML, beside the export or in its content folder."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from isthmus.importers import safe_yaml
from isthmus.importers.source_item import Skipped

_MAX_BYTES = 4 * 1024 * 1024
_NAMES = ("redirects.json", "redirects.yaml", "redirects.yml")
_FOLDERS = (".", "data", "content/data", "settings", "content/settings", "../data", "../settings", "content")
_PATTERN_SIGNS = re.compile(r"[\\^$*+?()\[\]{}|]")


def recognises(path: Path, head: bytes) -> bool:
    """By name, and by a beginning that is a list of rules or the number of a kind of redirect."""
    start = head.lstrip()
    return path.name.lower() in _NAMES and start.startswith((b"[", b"30", b'"30', b"'30"))


def beside(export: Path) -> dict[str, list[str]]:
    """By the address a rule leads to, the old addresses that lead there; empty without a redirects file."""
    found: dict[str, list[str]] = defaultdict(list)
    for folder in _FOLDERS:
        for name in _NAMES:
            path = export.parent / folder / name
            if path.is_file() and not path.is_symlink():
                for old, new in _rules(path):
                    address = _plain(old)
                    if address:
                        found[_path(new)].append(address)
    return found


def losses(path: Path) -> Iterator[Skipped]:
    """Rules that are no single address, each named. Raises: OSError."""
    for number, (old, new) in enumerate(_rules(path), start=1):
        if not _plain(old):
            yield Skipped("", f"{path.name}:rule {number}", f"“{old}” to “{new}” is a pattern, not one address")


def _rules(path: Path) -> list[tuple[str, str]]:
    raw = path.read_bytes()[:_MAX_BYTES].decode("utf-8", "replace")
    try:
        rules = json.loads(raw) if path.suffix.lower() == ".json" else safe_yaml.load(raw)
    except (ValueError, RecursionError):
        return []
    if isinstance(rules, list):
        pairs: list[tuple[Any, Any]] = [
            (rule.get("from"), rule.get("to")) for rule in rules if isinstance(rule, Mapping)
        ]
    elif isinstance(rules, Mapping):
        pairs = [pair for kind in rules.values() if isinstance(kind, Mapping) for pair in kind.items()]
    else:
        pairs = []
    return [(old, new) for old, new in pairs if isinstance(old, str) and isinstance(new, str)]


def _plain(rule: str) -> str:
    """The address a rule stands for, freed of the signs of a pattern; empty for one that means many."""
    address = rule.removeprefix("^").removesuffix("$").removesuffix("/?").removesuffix(r"\/?").replace(r"\/", "/")
    address = re.sub(r"\\([-._])", r"\1", address)
    return address if address.startswith("/") and not _PATTERN_SIGNS.search(address) else ""


def _path(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    return path if path.endswith("/") else path + "/"
