"""Pages proper (About, Contact), the home page's words, and the site's settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from isthmus.importers.own_export.names import Names
from isthmus.importers.own_export.tables import Row
from isthmus.publications.models import HomePage, SiteSettings, StandardPage

SETTINGS = (
    "name", "short_name", "tagline", "description", "disclaimer", "accent", "accent_dark", "footer_text",
)  # fmt: skip
LINKS = ("menu", "footer", "social")
PAGE = ("title", "slug", "seo_title", "search_description", "show_in_menus", "live")


def rows_out(names: Names) -> Iterator[Row]:
    """The home page, then every other page, those above before those below."""
    for home in HomePage.objects.order_by("path"):
        yield {"title": home.title, "home": True, "introduction": names.outward(home.introduction),
               "featured": names.name("publication", home.featured_id)}  # fmt: skip
    for page in StandardPage.objects.order_by("path"):
        row: Row = {"address": page.url_path, **{name: getattr(page, name) for name in PAGE}}
        yield row | {"summary": page.summary, "body": names.outward(list(page.body.raw_data))}


def site_out(names: Names) -> Iterator[Row]:
    """The settings, where an editor has made any."""
    for site in SiteSettings.objects.order_by("pk"):
        row: Row = {name: getattr(site, name) for name in SETTINGS}
        row |= {name: names.outward(list(getattr(site, name).raw_data)) for name in LINKS}
        yield row | {"logo": names.name("image", site.logo_id)}


def clear() -> None:
    """Take away what a new institute begins with: its first pages, settings and words on the home page."""
    for page in StandardPage.objects.order_by("-depth"):
        page.delete()
    HomePage.objects.update(introduction="", featured=None)
    SiteSettings.objects.all().delete()


def bring_in(row: Row, names: Names) -> bool:
    """Make the page of a row, unless one stands at its address; returns whether it was made or filled in."""
    return _fill_home(row, names) if row.get("home") else _make(row, names)


def _fill_home(row: Row, names: Names) -> bool:
    home = HomePage.objects.first()
    # What an editor wrote here stays.
    if home is None or home.introduction or home.featured_id:
        return False
    home.title, home.introduction = row["title"], names.inward(row["introduction"])
    home.featured_id = names.number("publication", row["featured"]) if row["featured"] else None
    home.save()
    return True


def _make(row: Row, names: Names) -> bool:
    address = str(row["address"])
    if StandardPage.objects.filter(url_path=address).exists():
        return False
    parent = f"{address.rstrip('/').rpartition('/')[0]}/"
    above = StandardPage.objects.filter(url_path=parent).first() or HomePage.objects.first()
    if above is None:
        return False
    values: dict[str, Any] = {name: row[name] for name in PAGE if name in row}
    page = StandardPage(**values, summary=row["summary"], body=json.dumps(names.inward(row["body"])))
    above.add_child(instance=page)
    names.add("page", page.pk, page.url_path)
    return True


def bring_site_in(row: Row, names: Names) -> bool:
    """The settings of a row, where there are none yet; returns whether they were taken."""
    if SiteSettings.objects.exists():
        return False
    site = SiteSettings(**{name: row[name] for name in SETTINGS if name in row})
    for name in LINKS:
        setattr(site, name, json.dumps(row.get(name) or []))
    site.logo_id = names.number("image", row["logo"]) if row.get("logo") else None
    site.save()
    return True
