"""The first segments of addresses that belong to the site itself, so that no series can take them."""

RESERVED_SEGMENTS = frozenset(
    {
        "admin", "api", "categories", "chronology", "dossiers", "feed", "files", "healthz", "images", "media",
        "people", "publications", "robots.txt", "search", "series", "sitemap.xml", "static", "subscribe",
        "subscriptions", "theme.css", "favicon.ico", "documents", "mail", "opensearch.xml", "campaigns",
    }
)  # fmt: skip


def is_reserved(slug: str) -> bool:
    """Whether a first segment is the site's own, or that of one of its pages proper."""
    if slug.lower() in RESERVED_SEGMENTS or slug.startswith("sitemap"):
        return True
    from wagtail.models import Page

    return Page.objects.filter(depth=3, slug=slug).exists()
