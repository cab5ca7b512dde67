"""About, Contact and the like: items of a source that become our pages proper, staged and released with the run.

A page is not a publication: it stands in no listing and no total. A placeholder that a new institute was made with, and
nobody has written on, is filled; any other page of that name stays, and the old one gets a name beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from isthmus.importers import judgement, linking
from isthmus.importers.books import Addresses
from isthmus.importers.cleaned import Cleaned
from isthmus.importers.models import ImportedPage, ImportRun
from isthmus.importers.report import Report
from isthmus.kit import clock
from isthmus.publications import naming, reserved, setup
from isthmus.publications.models import FormerAddress, HomePage, Series, StandardPage

Said = dict[str, Any]
# Given links, what each of them leads to.
FinderOf = Callable[[Iterable[str]], Callable[[str], linking.Target]]
_SLUG_MAX_CHARS = 200


class Pages:
    """Stages the pages of one run; every call stands in a transaction of the caller."""

    def __init__(self, run: ImportRun, addresses: Addresses, *, finder: FinderOf) -> None:
        self._run, self._addresses, self._finder = run, addresses, finder

    def save(self, items: Sequence[Cleaned], report: Report) -> None:
        """Stage new pages, keep changes of known ones for the release; counts and warnings go to the report."""
        rows = ImportedPage.objects.filter(source_id__in=[item.id for item in items]).select_related("page")
        known = {(row.source, row.source_id): row for row in rows}
        home = HomePage.objects.first()
        for item in items:
            if home is None:
                report.skip(item.id, item.where, "there is no home page to put pages below: make one in the admin")
                continue
            row = known.get((item.source, item.id))
            report.count(self._keep(row, item, report) if row else self._stage(item, home))
            for kind, words in item.warnings:
                report.warn(item.id, kind, words)

    def _stage(self, item: Cleaned, home: HomePage) -> str:
        slug = item.slug[:_SLUG_MAX_CHARS]
        standing = StandardPage.objects.child_of(home).filter(slug=slug).first()
        said = _said_by(item)
        is_public = item.status == "release"
        # What the old site hid must not stand on a page that readers see already.
        if is_public and standing and setup.is_placeholder(standing) and not hasattr(standing, "imported_page"):
            page, is_made_here = standing, False
        else:
            page = StandardPage(title=item.title, slug=_free_slug(home, slug), live=False, has_unpublished_changes=True)
            _put(page, said)
            home.add_child(instance=page)
            is_made_here = True
        ImportedPage.objects.create(
            source=item.source, source_id=item.id, page=page, run=self._run, content_hash=item.content_hash,
            said_hash=_hash(_present(page)), status=_status(item), links=item.links,
            coming={**said, "is_new": True, "parent": item.parent, "slug": slug},
            is_made_here=is_made_here,
        )  # fmt: skip
        paths = self._addresses.take_former(item.former_paths, "")
        own = page.url_path.rstrip("/").rpartition("/")[2]
        rows = [FormerAddress(path=path, page_id=page.pk) for path in paths if path != f"/{own}/"]
        FormerAddress.objects.bulk_create(rows, ignore_conflicts=True)
        return "created"

    def _keep(self, row: ImportedPage, item: Cleaned, report: Report) -> str:
        said = _said_by(item)
        # As it stands here: with its links made ours, so that nothing but the source's own changes counts.
        said["body"] = linking.rewritten(said["body"], item.links, self._finder(item.links))
        present = _present(row.page.get_latest_revision_as_object())
        row.content_hash, row.links = item.content_hash, item.links
        if item.status != "release" and row.page.live:
            report.warn(item.id, "hidden at the source", "the page is public here and stays as it is")
            row.save()
            return "unchanged"
        is_shown_now = item.status == "release" and row.status == "draft" and not row.page.live
        if _hash(said) == _hash(present) and not is_shown_now:
            row.save()
            return "unchanged"
        if _hash(present) != row.said_hash:
            report.warn(item.id, "edited here", "the page was edited here and stays; the source changed it as well")
            row.save()
            return "unchanged"
        row.coming, row.run, row.is_made_here = said, self._run, False
        row.status = "release" if is_shown_now else row.status
        row.save()
        return "updated"


def _free_slug(home: HomePage, slug: str) -> str:
    taken = set(home.get_children().values_list("slug", flat=True)) | set(Series.objects.values_list("slug", flat=True))
    return naming.next_free(slug, lambda each: each in taken or each in reserved.RESERVED_SEGMENTS)


def _status(item: Cleaned) -> str:
    if item.status != "scheduled":
        return item.status
    is_later = item.published_at is not None and datetime.fromisoformat(item.published_at) > clock.now()
    return "schedule" if is_later else "draft"


def _said_by(item: Cleaned) -> Said:
    return {"title": item.title[:255], "summary": item.summary, "body": json.loads(item.body), "at": item.published_at}


def _present(page: StandardPage) -> Said:
    return {"title": page.title, "summary": page.summary, "body": list(page.body.raw_data)}


def _hash(said: Mapping[str, Any]) -> str:
    text = json.dumps([said["title"], said["summary"], judgement.body_hash(said["body"])])
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _put(page: StandardPage, said: Mapping[str, Any]) -> None:
    page.title, page.draft_title, page.summary = said["title"], said["title"], said["summary"]
    page.body = json.dumps(said["body"])


def link(rows: Iterable[ImportedPage], find: Any) -> None:
    """Make links of pages to pieces our own; stands in the transaction of the caller."""
    for row in rows:
        if row.coming and row.links:
            row.coming["body"] = linking.rewritten(row.coming["body"], row.links, find)
            row.save(update_fields=["coming"])


def _put_below_parents(run: ImportRun) -> None:
    """Pages go below the pages they stood below; until now they waited below the home page."""
    rows = [row for row in run.pages.exclude(coming={}).order_by("pk") if row.coming.get("parent")]
    for row in rows:
        above = ImportedPage.objects.filter(source=row.source, source_id=row.coming["parent"]).first()
        # Nobody should read from an address what a page above it, still hidden, is called.
        if above is None or above.pk == row.pk or (row.status == "release" and not _is_public(above)):
            continue
        page, parent = (StandardPage.objects.get(pk=pk) for pk in (row.page_id, above.page_id))
        if page.get_parent().pk != parent.pk and not parent.is_descendant_of(page):
            _move(page, parent, row.coming.get("slug") or page.slug)


def _is_public(row: ImportedPage) -> bool:
    return row.status == "release" or row.page.live


def _move(page: StandardPage, parent: StandardPage, slug: str) -> None:
    taken = set(parent.get_children().values_list("slug", flat=True))
    page.move(parent, pos="last-child")
    page = StandardPage.objects.get(pk=page.pk)
    # Its own slug, which a page elsewhere may have had first.
    page.slug = naming.next_free(slug, taken.__contains__)
    page.save()
    FormerAddress.objects.filter(page_id=page.pk, path=page.get_url()).delete()


def release(run: ImportRun) -> None:
    """Publish, schedule or keep as drafts what the run staged, in the caller's transaction."""
    _put_below_parents(run)
    for row in run.pages.select_related("page").exclude(coming={}):
        page = row.page
        row.before = {} if row.is_made_here else {**_present(page), "live": page.live}
        _put(page, row.coming)
        row.said_hash = _hash(_present(page))
        if row.status == "schedule":
            page.go_live_at = datetime.fromisoformat(row.coming["at"])
            page.save_revision().publish(skip_permission_checks=True)
        elif row.status == "release" or page.live:
            page.go_live_at = None
            page.save_revision().publish(skip_permission_checks=True)
        else:
            page.save_revision()
        row.coming = {}
        row.save()


def undo(run: ImportRun) -> tuple[int, int, list[str]]:
    """Take the run's pages back: how many went, how many are as before, and titles of those edited since."""
    n_gone, n_back, kept = 0, 0, []
    # The deepest first: a page is deleted with all that is below it.
    for row in run.pages.select_related("page").order_by("-page__depth", "pk"):
        present = _present(row.page.get_latest_revision_as_object())
        is_edited = not row.coming and _hash(present) != row.said_hash
        if is_edited or (row.is_made_here and StandardPage.objects.child_of(row.page).exists()):
            kept.append(row.page.title)
        elif row.is_made_here:
            StandardPage.objects.get(pk=row.page_id).delete()
            n_gone += 1
        else:
            n_back += _put_back(row)
    return n_gone, n_back, kept


def _put_back(row: ImportedPage) -> int:
    if row.coming:
        # It was never released, so nothing of it shows: whoever imports next looks at it anew.
        row.coming = {}
        row.save()
        return 0
    page = row.page
    _put(page, row.before)
    if row.before.get("live", True):
        page.save_revision().publish(skip_permission_checks=True)
    else:
        row.status = "draft"
        page.save_revision()
        page.unpublish()
    row.said_hash, row.content_hash = _hash(row.before), ""
    row.save()
    return 1


def delete_staged(run: ImportRun) -> None:
    """Delete the run's pages that were never released."""
    for row in run.pages.select_related("page").exclude(coming={}):
        if row.is_made_here:
            row.page.delete()
        else:
            row.coming, row.content_hash = {}, ""
            row.save()


def known_hashes(run: ImportRun | None) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """(source, id) to content hash of all pages, and how those of an unfinished run came in."""
    known, outcomes = {}, {}
    rows = ImportedPage.objects.values_list("source", "source_id", "content_hash", "run_id", "coming")
    for source, source_id, content_hash, run_id, coming in rows:
        known[source, source_id] = content_hash
        if run is not None and run_id == run.pk and coming:
            outcomes[source, source_id] = "created" if coming.get("is_new") else "updated"
    return known, outcomes
