"""Every page of the site that can be kept, by its key: to fill an edition beforehand, and for the static export.

Pictures and files are not among them: pages say which there are, and a picture is scaled when it is first asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.conf import settings
from django.db.models import F
from django.utils.encoding import escape_uri_path

from isthmus.dossiers import queries as dossiers
from isthmus.dossiers.shown_entries import subject_path
from isthmus.edition.page import key_of
from isthmus.edition.queries import all_facts
from isthmus.publications import recording, sitemaps, visibility
from isthmus.publications.models import HomePage

_ALONE = ("/", "/robots.txt", "/sitemap.xml", "/sitemap-pages.xml", "/feed/", "/series/", "/people/", "/categories/")


def every_key() -> Iterator[str]:
    """What readers ask for most comes first."""
    # The pieces of 1,600 listings, counted one by one, took seconds.
    sizes = Counter(name for facts in all_facts().values() for name in facts.lists)
    yield from _ALONE
    yield from _pages_proper()
    yield from _listing("/publications/", sizes["all"])
    for row in visibility.series():
        yield from _listing(row.path, sizes[row.subject])
    yield from pieces()
    for row in (*visibility.people(), *visibility.categories()):
        yield from _listing(row.path, sizes[row.subject])
    yield from _dossiers()
    yield from (f"/sitemap-publications-{number}.xml" for number in range(1, sitemaps.n_parts(visibility.total()) + 1))


def pieces() -> Iterator[str]:
    """The pages of all visible pieces, the newest first, and after them their citations."""
    rows = visibility.publications().order_by(F("listed_at").desc(), "-id").values_list("slug", "series__slug")
    found = [escape_uri_path(recording.publication_path(slug, series)) for slug, series in rows]
    yield from found
    yield from (f"{path}cite.{form}" for path in found for form in ("bib", "ris"))


def _pages_proper() -> Iterator[str]:
    home = visibility.pages().type(HomePage).filter(depth=2).first()
    if home:
        below = visibility.pages().filter(depth__gt=2).values_list("url_path", flat=True)
        yield from (escape_uri_path("/" + path.removeprefix(home.url_path)) for path in below)


def _listing(path: str, size: int) -> Iterator[str]:
    n_pages = max(1, -(-size // settings.ISTHMUS.listing_page_size))
    address = escape_uri_path(path)
    yield address
    yield f"{address}feed/"
    # The newest page of all has two addresses, and readers come by the bare one.
    yield from (key_of(address, number) for number in range(n_pages, 0, -1))


def _dossiers() -> Iterator[str]:
    opened = dossiers.open_subjects().values()
    for path in ("/dossiers/", "/chronology/", *(subject_path(one) for one in opened)) if opened else ():
        address = escape_uri_path(path)
        yield address
        if address != "/dossiers/":
            yield from (f"{address}{name}" for name in ("feed/", "entries.csv", "entries.json", "entries.ics"))
