"""Whether the old site showed a page of a tree, and from when: drafts, embargoes, expiries, pages never built."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isthmus.importers import dates, front_matter
from isthmus.importers.source_item import Status
from isthmus.importers.sources.markdown_site import Site, date_in_name, text_at
from isthmus.kit import clock

_STATUSES: dict[str, Status] = {
    "draft": "draft", "unpublished": "draft", "wip": "draft", "in-progress": "draft", "in progress": "draft",
    "private": "private", "hidden": "private", "internal": "private", "confidential": "private", "members": "private",
    "embargoed": "private", "unlisted": "private", "pending": "pending", "review": "pending", "in-review": "pending",
    "scheduled": "scheduled", "future": "scheduled", "trash": "trash", "deleted": "trash",
}  # fmt: skip
# As YAML says them; a generator may take each for a truth, and what might be hidden is.
_YES, _NO = frozenset({"true", "yes", "on", "y", "1"}), frozenset({"false", "no", "off", "n", "0"})
_EMBARGOES = ("publishdate", "pubdate", "published_at")
_EXPIRIES = ("expirydate", "unpublishdate", "expires", "expires_at", "expiry_date")
_NEVER = ("never", "false", "link")

Meta = Mapping[str, Any]
Doubts = list[tuple[str, str]]


def status_of(path: Path, page: front_matter.Page, meta: Meta, site: Site, doubts: Doubts) -> Status:
    """What the old site showed to whom; where that cannot be known, it is a draft. doubts: why, where nobody said it.

    meta: the page's own and what it inherits.
    """
    if reason := _why_hidden(path, page, meta, site):
        doubts.append(("why not public", reason))
        return "draft"
    if _is_draft(path, meta):
        return "draft"
    if text_at(meta, "password"):
        return "password"
    said = text_at(meta, "status", "visibility").lower()
    is_private = any(text_at(meta, name).lower() in _YES for name in ("private", "hidden", "unlisted"))
    return "private" if is_private else _STATUSES.get(said, "release")


def shown_from(meta: Meta, printed: str) -> str:
    """The date to import with: that of an embargo which still holds, else the printed one."""
    embargo = text_at(meta, *_EMBARGOES)
    return embargo if embargo and _is_later(embargo) else printed


def _is_draft(path: Path, meta: Meta) -> bool:
    is_said = text_at(meta, "draft").lower() in _YES or text_at(meta, "published").lower() in _NO
    return is_said or "_drafts" in path.parts or text_at(meta, "permalink").lower() == "false"


def _why_hidden(path: Path, page: front_matter.Page, meta: Meta, site: Site) -> str:
    if page.has_meta and not page.meta and page.doubts:
        return "its front matter cannot be read, so nobody knows whether it was public"
    expiry = text_at(meta, *_EXPIRIES)
    if expiry and dates.read_date(expiry, zone="UTC") and not _is_later(expiry):
        return f"the old site showed it until {expiry[:10]}"
    for name in ("build", "_build"):
        built = meta.get(name)
        if isinstance(built, Mapping) and text_at(built, "render").lower() in _NEVER:
            return "the old site built no page of it"
    if site.generator == "jekyll" and path.parent.name == "_posts" and not date_in_name(path):
        return "Jekyll builds no post whose file name has no date"
    if site.generator == "jekyll" and not _is_built(site.rel(path), site.config):
        return "the old site built no pages of this collection"
    return ""


def _is_built(rel: str, config: Mapping[str, Any]) -> bool:
    """Whether Jekyll makes pages of the collection a file is in; where the configuration does not tell, it does."""
    folder = next((part for part in rel.split("/")[:-1] if part.startswith("_")), "")
    named, included = config.get("collections"), config.get("include")
    if not named or folder in ("", "_posts", "_drafts", "_pages"):
        return True
    if isinstance(included, list) and folder in included:
        return True
    own = named.get(folder[1:]) if isinstance(named, Mapping) else None
    return text_at(own, "output").lower() in _YES


def _is_later(printed: str) -> bool:
    found = dates.read_date(printed, zone="UTC")
    return found is not None and found.at > clock.now()
