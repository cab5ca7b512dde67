"""What a new institute starts with: its site, its pages proper, its roles."""

from __future__ import annotations

from django.db import transaction
from wagtail.models import Page, Site

from isthmus.publications.models import HomePage, SiteSettings, StandardPage

_PAGES = {
    "about": (
        "About",
        "<p>Write here who the institute is, what it works on, who pays for it, and how it can be reached.</p>",
    ),
    "contact": ("Contact", "<p>Write here how readers and journalists reach the institute.</p>"),
    "privacy": (
        "Privacy",
        "<p>This site sets no cookies for readers, loads nothing from elsewhere, and counts nobody. "
        "Write here what else readers should know.</p>",
    ),
}
_MENU = [("Publications", "/publications/"), ("People", "/people/"), ("Topics", "/categories/"), ("About", "/about/")]
_FOOTER = [("About", "/about/"), ("Contact", "/contact/"), ("Privacy", "/privacy/"), ("Atom feed", "/feed/")]


def prepare_site(name: str) -> None:
    """Make home, About, Contact and Privacy, menus and roles, where they are missing; safe to run twice."""
    from isthmus.publications import roles

    with transaction.atomic():
        roles.ensure_roles()
        home = HomePage.objects.first() or _make_home(name)
        for slug, (title, text) in _PAGES.items():
            if not home.get_children().filter(slug=slug).exists():
                home.add_child(instance=StandardPage(title=title, slug=slug, body=[("text", text)]))
        if not SiteSettings.objects.exists():
            SiteSettings.objects.create(name=name, menu=_links(_MENU), footer=_links(_FOOTER))


def is_placeholder(page: StandardPage) -> bool:
    """Whether a page still says only what a new institute is asked to write there."""
    blocks = list(page.body.raw_data)
    words = str(blocks[0]["value"]) if len(blocks) == 1 and blocks[0]["type"] == "text" else ""
    return page.latest_revision_id is None and any(words == text for _, text in _PAGES.values())


def _make_home(name: str) -> HomePage:
    """Put our front page where Wagtail's first migration left its welcome page."""
    root = Page.objects.get(depth=1)
    root.get_children().filter(slug="home").delete()
    root.refresh_from_db()
    home = HomePage(title=name, slug="home")
    root.add_child(instance=home)
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "localhost", "root_page": home, "site_name": name}
    )
    return home


def _links(rows: list[tuple[str, str]]) -> list[tuple[str, dict[str, str]]]:
    return [("link", {"label": label, "url": url}) for label, url in rows]
