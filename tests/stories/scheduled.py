"""The demo's scheduled piece, and every channel that may tell of it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.stories.site import Answer, Site

PATH = "/the-narrows/a-third-summit-has-a-place/"
CHANNELS = (
    "/", "/publications/", "/the-narrows/", "/people/helene-zurcher/", "/categories/theme/summits/",
    "/feed/", "/the-narrows/feed/", "/people/helene-zurcher/feed/", "/categories/theme/summits/feed/",
    "/sitemap-publications-1.xml", "/search/?q=gulls", "/search/", "/api/v1/search?q=gulls", "/api/v1/search",
    "/dossiers/joren-tal-aldvik/", "/dossiers/joren-tal-aldvik/feed/", "/chronology/entries.json",
)  # fmt: skip
_CANARIES = ("a-third-summit-has-a-place", "A Third Summit Has a Place but No Date", "not for the gulls")


def telling(site: Site) -> set[str]:
    """The channels in which the piece, its address or its words stand."""
    return {path for path in CHANNELS if any(canary in site.get(path).text for canary in _CANARIES)}


@dataclass(frozen=True)
class Before:
    """What the demo said before the piece was due. page: at its address; never: at one that never was."""

    total: int
    telling: set[str]
    page: Answer
    never: Answer


def before(site: Site) -> Before:
    """Ask now; takes a second, and the piece is due 90 s after the start."""
    return Before(site.total(), telling(site), site.get(PATH), site.get("/the-narrows/no-such-piece/"))
