"""What protects the site on every answer, and what keeps logins to the admin.

A public page is the same bytes for every anonymous visitor: no session, cookie, token or message is made for it.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.module_loading import import_string

from isthmus.server import views

GetResponse = Callable[[HttpRequest], HttpResponseBase]

ADMIN = "/admin/"
_ADMIN_CHAIN = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)
_PUBLIC_CHAIN = ("django.middleware.http.ConditionalGetMiddleware", "isthmus.server.security.SteadyGzip")
_TEXT_TYPES = (
    "text/",
    "application/json",
    "application/atom+xml",
    "application/xml",
    "application/rss+xml",
    "image/svg",
)
# Unsubscribing in one click is posted by other people's web mail (RFC 8058); its signed address is all it needs.
_POSTED_FROM_ANYWHERE = ("/subscriptions/leave/",)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_PUBLIC_POLICY = {
    "default-src": "'none'",
    "img-src": "'self'",
    "style-src": "'self'",
    "script-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self' https:",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# Wagtail's date fields and inline panels carry inline scripts and its editor inline styles (8.0.1); no eval, no
# other host, and nobody else may frame it. Its preview is a frame of our own pages.
_ADMIN_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "style-src": "'self' 'unsafe-inline'",
    "script-src": "'self' 'unsafe-inline'",
    "font-src": "'self' data:",
    "media-src": "'self' https: blob:",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'self'",
}
_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
        "microphone", "midi", "payment", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip
# What is drawn and never opens as a page of its own: the two headers about pages would be 250 bytes on each of ten.
_NO_PAGES = ("text/css", "text/javascript", "font/", "image/avif", "image/gif", "image/jpeg", "image/png", "image/webp")
_DRAWN_POLICY = "default-src 'none'; frame-ancestors 'none'"
_HSTS_S = 365 * 24 * 3600
# Pictures, files and fonts of the site may stand in feed readers and on other people's pages.
_SHARED_PREFIXES = ("/images/", "/files/", "/static/")


class SecurityHeaders:
    """Puts the headers of the public site or of the admin on every answer, errors included."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._is_https = settings.PUBLIC_URL.startswith("https://")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with headers."""
        response = self._get_response(request)
        is_admin = is_admin_path(request.path_info)
        is_page = not response.headers.get("Content-Type", "").startswith(_NO_PAGES)
        response.headers["Content-Security-Policy"] = self._policy(response, is_page=is_page, is_admin=is_admin)
        response.headers["X-Frame-Options"] = "SAMEORIGIN" if is_admin else "DENY"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        if is_page:
            response.headers["Permissions-Policy"] = _PERMISSIONS
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        is_shared = request.path_info.startswith(_SHARED_PREFIXES)
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if is_shared else "same-origin"
        if self._is_https:
            response.headers["Strict-Transport-Security"] = f"max-age={_HSTS_S}"
        return response

    def _policy(self, response: HttpResponseBase, *, is_page: bool, is_admin: bool) -> str:
        own: str | None = response.headers.get("Content-Security-Policy")
        if own == self._written(_PUBLIC_POLICY):
            # A preview: a public page that came through the public chain inside this one. It stays strict.
            return self._written({**_PUBLIC_POLICY, "frame-ancestors": "'self'"}) if is_admin else own
        # What a view says of its own answer is stricter than what holds for all: a file may run nothing.
        if own or not is_page:
            return own or _DRAWN_POLICY
        return self._written(_ADMIN_POLICY if is_admin else _PUBLIC_POLICY)

    def _written(self, policy: dict[str, str]) -> str:
        more = {"upgrade-insecure-requests": ""} if self._is_https else {}
        return "; ".join(f"{name} {value}".strip() for name, value in {**policy, **more}.items())


class AdminOnly:
    """Runs sessions, logins, CSRF and messages below /admin/ and nowhere else.

    Below /admin/ it is Django's own middleware, in Django's own order. Everywhere else nobody is anybody, and a
    browser that was sent here by another site may not post.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._admin, self._view_hooks = _chained(_ADMIN_CHAIN, get_response)
        self._public, _ = _chained(_PUBLIC_CHAIN, get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the one chain or the other."""
        if is_admin_path(request.path_info):
            return self._admin(request)
        request.user = AnonymousUser()
        is_open = request.path_info.startswith(_POSTED_FROM_ANYWHERE)
        if request.method not in _SAFE_METHODS and not is_open and not is_own_post(request):
            return views.refused_post(request)
        return self._public(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Django calls this of the outermost middleware only, and the CSRF check happens here."""
        if not is_admin_path(request.path_info):
            return None
        for hook in self._view_hooks:
            if (response := hook(request, view, args, kwargs)) is not None:
                return response
        return None


class SteadyGzip(GZipMiddleware):
    """Compresses public pages to the same bytes each time.

    Django adds random bytes against guessing secrets by length; a public page holds no secret.
    """

    max_random_bytes = 0

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress text; pictures and PDFs are compressed already and may be large."""
        if not response.headers.get("Content-Type", "").startswith(_TEXT_TYPES):
            return response
        return super().process_response(request, response)


def is_admin_path(path: str) -> bool:
    """Whether an address belongs to the admin."""
    return path.startswith(ADMIN)


def is_own_post(request: HttpRequest) -> bool:
    """Whether a form was posted from our own pages, or not by a browser at all.

    Browsers say where a form comes from and cannot be made to lie by the page that sends it. Mail providers that
    post an unsubscription (RFC 8058) say nothing, and public addresses know no cookie that a forger could use.
    """
    said = request.headers.get("Sec-Fetch-Site")
    if said is not None:
        return said in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin in _own_origins(request)


def _own_origins(request: HttpRequest) -> set[str]:
    parts = urlsplit(settings.PUBLIC_URL)
    host = request.get_host()
    return {f"{parts.scheme}://{parts.netloc}", f"http://{host}", f"https://{host}"}


def _chained(names: tuple[str, ...], get_response: GetResponse) -> tuple[GetResponse, list[Any]]:
    """The middleware of these names around `get_response`, as Django chains it, and their view hooks in order."""
    hooks: list[Any] = []
    for name in reversed(names):
        middleware = import_string(name)(get_response)
        if hasattr(middleware, "process_view"):
            hooks.insert(0, middleware.process_view)
        get_response = convert_exception_to_response(middleware)
    return get_response, hooks
