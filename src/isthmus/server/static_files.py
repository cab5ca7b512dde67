"""The theme's and the admin's own files, straight from where they are installed: nothing to collect or to forget.

`/static/<version>/…` may be kept for ever; the same file under an old version, or none, for a minute.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import rcssmin
import rjsmin
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from isthmus.kit import collecting
from isthmus.publications.kept_views import kept

_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_A_MINUTE = "public, max-age=60"
_COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml", "font/ttf")
# A sheet, script or font loads nothing by itself and is no page. Stricter than a page's policy, and 150 bytes shorter
# on each of the six that an article needs.
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Our own sheets and scripts are written to be read, and lose their comments on the way: 1 kB of an article.
_SHORTENED: dict[str, Callable[[bytes], bytes]] = {".css": rcssmin.cssmin, ".js": rjsmin.jsmin}
_OUR_OWN = "/static/isthmus/"
# The admin's largest script has 700 kB; what is larger is sent from disk as it is.
_HELD_MAX_BYTES = 1024 * 1024
# 96 files, most of them some kB compressed: under 4 MB with the whole admin visited.
_N_HELD = 96


@dataclass(frozen=True, slots=True)
class _Held:
    """A file as it is sent: its bytes, and whether they are compressed."""

    content: bytes
    is_gzip: bool
    etag: str


@kept()
def serve(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file. Raises: Http404."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    version, _, rest = name.partition("/")
    path = _path(rest) if rest and _is_version(version) else _path(name)
    if path is None:
        raise Http404(name)
    response = _response(request, path)
    is_current = f"/static/{version}/" == settings.STATIC_URL
    if not is_current:
        # A version may be any twelve digits.
        collecting.never_keep()
    response.headers["Cache-Control"] = _FOR_EVER if is_current else _FOR_A_MINUTE
    return response


def _is_version(segment: str) -> bool:
    return len(segment) == 12 and all(digit in "0123456789abcdef" for digit in segment)


def _path(name: str) -> Path | None:
    try:
        found = finders.find(name) if name and "\0" not in name else None
    except SuspiciousFileOperation:
        # It would lead out of the finders' directories.
        return None
    return Path(found) if found and Path(found).is_file() else None


def _response(request: HttpRequest, path: Path) -> HttpResponseBase:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    kind = "text/javascript" if kind == "application/javascript" else kind
    status = path.stat()
    if status.st_size > _HELD_MAX_BYTES:
        return FileResponse(path.open("rb"), content_type=kind)
    accepts_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    wants_gzip = accepts_gzip and kind.startswith(_COMPRESSIBLE)
    held = _held(path, status.st_mtime_ns, wants_gzip)
    # The middleware that compares tags answers 304.
    headers = {"ETag": held.etag, "Content-Security-Policy": _POLICY}
    response = HttpResponse(held.content, content_type=kind, headers=headers)
    if held.is_gzip:
        response.headers["Content-Encoding"] = "gzip"
    if kind.startswith(_COMPRESSIBLE):
        patch_vary_headers(response, ("Accept-Encoding",))
    return response


@lru_cache(maxsize=_N_HELD)
def _held(path: Path, changed_ns: int, wants_gzip: bool) -> _Held:
    content = _without_comments(path)
    digest = hashlib.sha256(content).hexdigest()[:20]
    if not wants_gzip:
        return _Held(content, is_gzip=False, etag=f'"{digest}"')
    # mtime 0: the same bytes in every process and after every start.
    return _Held(gzip.compress(content, 9, mtime=0), is_gzip=True, etag=f'"{digest}-gzip"')


def _without_comments(path: Path) -> bytes:
    content = path.read_bytes()
    shortened = _SHORTENED.get(path.suffix) if _OUR_OWN in path.as_posix() else None
    return shortened(content) if shortened else content
