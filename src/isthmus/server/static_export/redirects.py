"""What leads on from former addresses where no program answers: a small page each, and lists for servers that redirect.

A page with a refresh of no seconds and a canonical link is what search engines take for a permanent redirect.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

from isthmus.publications import queries, visibility
from isthmus.publications.models import FormerAddress

# Netlify, Cloudflare Pages and others read the first; the second is for `include` in nginx's http block.
RULES, NGINX_MAP = "_redirects", "_redirects.nginx"
_SLICE = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """A former address, root-relative and perhaps with a query, and where its piece is now."""

    path: str
    target: str


def all_moved() -> Iterator[Moved]:
    """Every former address whose target the public may see; those of a moved series' pieces among them."""
    for path in _former_paths():
        target = queries.visible_target_of(path)
        if target and target != path:
            yield Moved(path, target)


def _former_paths() -> Iterator[str]:
    last = 0
    rows = FormerAddress.objects.order_by("pk").values_list("pk", "path", "series_id")
    while some := list(rows.filter(pk__gt=last)[:_SLICE]):
        last = some[-1][0]
        for _, path, series_id in some:
            yield path
            if series_id is not None:
                pieces = visibility.publications().filter(series_id=series_id)
                yield from (f"{path}{slug}/" for slug in pieces.values_list("slug", flat=True))


def page(target: str, public_url: str) -> bytes:
    """The small page. target: root-relative, percent-encoded."""
    to, whole = html.escape(target), html.escape(public_url + target)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Moved</title>'
        f'<meta http-equiv="refresh" content="0; url={to}"><link rel="canonical" href="{whole}">'
        f'<meta name="robots" content="noindex"></head>'
        f'<body><p>This has moved to <a href="{to}">{to}</a>.</p></body></html>\n'
    ).encode()


def rules(moved: list[Moved]) -> bytes:
    """For hosts that read `_redirects`: one line each; a query cannot be told there."""
    lines = (f"{one.path} {one.target} 301\n" for one in moved if "?" not in one.path and " " not in one.path)
    return "".join(lines).encode()


def nginx_map(moved: list[Moved]) -> bytes:
    """For nginx: a map of the whole request address, queries of older systems among them."""
    lines = "".join(f"    {_quoted(one.path)} {_quoted(one.target)};\n" for one in moved)
    head = "# In http { }: include this file. In server { }: if ($isthmus_moved) { return 301 $isthmus_moved; }\n"
    return f'{head}map $request_uri $isthmus_moved {{\n    default "";\n{lines}}}\n'.encode()


def _quoted(text: str) -> str:
    # A dollar would begin a variable, which nginx cannot be told to take as it stands.
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "%24") + '"'
