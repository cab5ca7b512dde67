"""What every public page is given: the institute's name, menus and colours, its canonical address."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.encoding import iri_to_uri

from isthmus.kit import collecting
from isthmus.publications import further, pictures
from isthmus.publications.models import SiteSettings

# Another process may have changed the settings; within this many seconds every page shows them.
_FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class Site:
    """The institute as templates see it."""

    name: str
    short_name: str
    tagline: str
    description: str
    logo_url: str | None
    favicon_url: str
    menu: list[dict[str, str]]
    footer: list[dict[str, str]]
    footer_text: str
    further: list[dict[str, str]]
    social: list[dict[str, str]]
    language: str
    public_url: str
    stylesheet_url: str
    stylesheet: str


_kept: tuple[float, Site] | None = None


def current_site() -> Site:
    """The institute's settings, read at most once a second and at once after a change in this process.

    For a page that will be kept they are as new as the journal was when the page was begun.
    """
    global _kept
    if collecting.current() is not None:
        return collecting.once("site", _read_site)
    now = time.monotonic()
    if _kept is None or now - _kept[0] > _FRESH_S:
        _kept = (now, _read_site())
    return _kept[1]


def forget() -> None:
    """Read the site anew at its next use: something that is kept with it changed."""
    global _kept
    _kept = None
    further.forget()


@receiver([post_save, post_delete], sender=SiteSettings, dispatch_uid="isthmus_site_settings_changed")
def _forget(**_: Any) -> None:
    forget()


def _read_site() -> Site:
    row = SiteSettings.current()
    stylesheet = f":root{{--accent-light:{row.accent};--accent-dark:{row.accent_dark}}}\n"
    version = hashlib.sha256(stylesheet.encode()).hexdigest()[:10]
    return Site(
        name=row.name or settings.ISTHMUS.name,
        short_name=row.short_name or row.name or settings.ISTHMUS.name,
        tagline=row.tagline,
        description=row.description,
        logo_url=pictures.image_url(row.logo, pictures.widths_of(row.logo)[0]) if row.logo else None,
        favicon_url=static("isthmus/favicon.svg"),
        menu=_links(row.menu),
        footer=_links(row.footer),
        footer_text=row.footer_text,
        further=[{"label": link.label, "url": link.url} for link in further.everywhere()],
        social=_links(row.social),
        language=settings.ISTHMUS.language,
        public_url=settings.PUBLIC_URL,
        stylesheet_url=f"/theme.css?v={version}",
        stylesheet=stylesheet,
    )


def _links(stream: Any) -> list[dict[str, str]]:
    return [{"label": block["value"]["label"], "url": block["value"]["url"]} for block in stream.raw_data]


def site(request: HttpRequest) -> dict[str, Any]:
    """For settings.TEMPLATES: the site, and this page's address without what a visitor may have added to it."""
    if request.path.startswith("/admin/"):
        return {}
    return {"site": current_site(), "canonical_url": absolute(request.path), "request_path": request.path}


def absolute(path: str) -> str:
    """A root-relative address as an absolute one, from the option `public_url` and never from a request."""
    return settings.PUBLIC_URL + iri_to_uri(path)
