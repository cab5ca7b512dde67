"""The ways from the rest of the site to open dossiers; while none is open they cost no query a page."""

from __future__ import annotations

from collections.abc import Iterable

from isthmus.dossiers import queries
from isthmus.dossiers.shown_entries import subject_path
from isthmus.kit import collecting
from isthmus.publications import context, further, sitemaps
from isthmus.publications.further import Further

_INDEX = Further("Dossiers", "/dossiers/")
_CHRONOLOGY = Further("Chronology", "/chronology/")


def add() -> None:
    """Have the site lead to open dossiers: footer, pieces, people, sitemap."""
    sitemaps.also("dossiers", paths)
    further.also("dossiers", everywhere=everywhere, of_piece=of_piece, of_person=of_person)


def everywhere() -> list[Further]:
    """The index and the chronology, once a dossier is open."""
    return [_INDEX, _CHRONOLOGY] if queries.has_open() else []


def of_piece(publication_id: int) -> list[Further]:
    """The dossiers a piece stands in."""
    collecting.note(f"dossier:pub:{publication_id}")
    found = queries.named_in(publication_id) if _any_open() else []
    collecting.note(*(f"dossier:subject:{one.pk}" for one in found))
    return [Further(one.name, subject_path(one)) for one in found]


def of_person(person_id: int) -> list[Further]:
    """The dossier about one of the institute's people."""
    collecting.note("dossier:names")
    found = queries.of_person(person_id) if _any_open() else None
    return [Further(found.name, subject_path(found))] if found else []


def paths() -> Iterable[str]:
    """For the sitemap: index, chronology and every open dossier."""
    collecting.note("dossier:names")
    opened = queries.open_subjects()
    yield from (_INDEX.url, _CHRONOLOGY.url) if opened else ()
    yield from (f"/dossiers/{one.slug}/" for one in opened.values())


def _any_open() -> bool:
    """As the footer has it, which is read every ten seconds and at once after a change in this process."""
    return any(item["url"] == _INDEX.url for item in context.current_site().further)
