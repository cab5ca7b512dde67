"""What a page of a tree says without saying it: Hugo's cascade, Jekyll's defaults, Eleventy's data files.

A draft by inheritance is as hidden as one by its own word, so nobody may look at a page's front matter alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from isthmus.importers import front_matter
from isthmus.importers.sources.markdown_site import Site, language_in_name, text_at

_MAX_BYTES = 1024 * 1024
_DATA_ENDING = ".11tydata"
_PAGES = (".md", ".markdown", ".html", ".njk", ".liquid")

Meta = Mapping[str, Any]


def with_inherited(path: Path, meta: Meta, site: Site) -> dict[str, Any]:
    """The page's own front matter on top of what it inherits; keys in small letters."""
    return {**_inherited(path, site), **meta}


def is_data_file(path: Path) -> bool:
    """Whether this is a file of Eleventy's that pages beside it inherit from: posts/posts.json, a.11tydata.json."""
    if path.suffix.lower() != ".json":
        return False
    if path.stem.endswith(_DATA_ENDING):
        return True
    if path.stem == path.parent.name:
        return any(one.suffix in _PAGES for one in path.parent.iterdir())
    return any(path.with_suffix(ending).is_file() for ending in _PAGES[:2])


def _inherited(path: Path, site: Site) -> dict[str, Any]:
    if site.generator == "hugo":
        parts = _cascades(path, site)
    elif site.generator == "jekyll":
        parts = _defaults(path, site)
    else:
        parts = _data_files(path, site)
    found: dict[str, Any] = {}
    for part in parts:
        found.update({str(key).lower(): value for key, value in part.items()})
    return found


def _folders(path: Path, site: Site) -> list[Path]:
    """From the root of the tree down to the page's own folder."""
    above = [path.parent, *path.parent.parents]
    return [folder for folder in reversed(above) if folder.is_relative_to(site.root)]


def _cascades(path: Path, site: Site) -> Iterator[Meta]:
    """Of the configuration, then of each section from the top; what stands nearer wins."""
    below = "/" + site.rel(path).removeprefix("content/").rpartition(".")[0]
    given = [site.config.get("cascade"), *map(_cascade_in, _folders(path, site))]
    for part in given:
        for row in part if isinstance(part, list) else [part]:
            if isinstance(row, Mapping) and _is_meant(row.get("target") or row.get("_target"), below, path):
                yield {key: value for key, value in row.items() if key not in ("target", "_target")}


@lru_cache(maxsize=10_000)
def _cascade_in(folder: Path) -> Any:
    return _front_matter_of(folder / "_index.md").get("cascade")


def _is_meant(target: Any, below: str, path: Path) -> bool:
    if not isinstance(target, Mapping):
        return True
    pattern, language = text_at(target, "path"), text_at(target, "lang")
    kind = text_at(target, "kind")
    is_section = path.stem.split(".")[0] == "_index"
    if kind and "*" not in kind and "{" not in kind and (kind == "section") != is_section:
        return False
    if language and language_in_name(path) not in (language, ""):
        return False
    # A pattern with braces is one we do not read; what it might hide stays hidden.
    return not pattern or "{" in pattern or fnmatchcase(below, pattern.replace("**", "*"))


def _defaults(path: Path, site: Site) -> Iterator[Meta]:
    """Jekyll's defaults whose scope holds the page; the longer path wins."""
    rows = site.config.get("defaults")
    rel = site.rel(path)
    kinds = _kinds_of(rel)
    held = []
    for row in rows if isinstance(rows, list) else ():
        scope, values = (row.get("scope"), row.get("values")) if isinstance(row, Mapping) else (None, None)
        if not isinstance(scope, Mapping) or not isinstance(values, Mapping):
            continue
        place, kind = text_at(scope, "path").strip("/"), text_at(scope, "type")
        in_place = not place or rel == place or rel.startswith(f"{place}/") or fnmatchcase(rel, place)
        if in_place and (not kind or kind in kinds):
            held.append((len(place), bool(kind), values))
    yield from (values for *_, values in sorted(held, key=lambda each: each[:2]))


def _kinds_of(rel: str) -> tuple[str, ...]:
    collection = next((part[1:] for part in rel.split("/")[:-1] if part.startswith("_")), "")
    # A draft is a post that waits.
    return ("drafts", "posts") if collection == "drafts" else (collection or "pages",)


def _data_files(path: Path, site: Site) -> Iterator[Meta]:
    for folder in _folders(path, site):
        yield _json_of(folder / f"{folder.name}.json")
        yield _json_of(folder / f"{folder.name}{_DATA_ENDING}.json")
    yield _json_of(path.with_suffix(".json"))
    yield _json_of(path.with_suffix(f"{_DATA_ENDING}.json"))


@lru_cache(maxsize=10_000)
def _json_of(path: Path) -> Meta:
    if not path.is_file() or path.is_symlink():
        return {}
    try:
        found = front_matter.load(path.read_bytes()[:_MAX_BYTES].decode("utf-8-sig", "replace"), ".json")
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _front_matter_of(path: Path) -> Meta:
    if not path.is_file() or path.is_symlink():
        return {}
    try:
        return front_matter.page_of(path.read_bytes()[:_MAX_BYTES].decode("utf-8-sig", "replace")).meta
    except OSError:
        return {}
