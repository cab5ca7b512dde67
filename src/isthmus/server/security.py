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

from isthmus.publications.audit import acting
from isthmus.server import exports, views
from isthmus.server.headers import is_admin_path, security_headers

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_ADMIN_CHAIN = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "isthmus.server.second_factor.gate.SecondStep",
    "django.contrib.messages.middleware.MessageMiddleware",
)
_PUBLIC_CHAIN = (
    "django.middleware.http.ConditionalGetMiddleware",
    "isthmus.server.security.SteadyGzip",
    "isthmus.edition.middleware.Edition",
)
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


class SecurityHeaders:
    """Puts the headers of the public site or of the admin on every answer, errors included."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._is_https = settings.PUBLIC_URL.startswith("https://")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with headers."""
        response = self._get_response(request)
        said = security_headers(
            request.path_info,
            content_type=response.headers.get("Content-Type", ""),
            is_https=self._is_https,
            own_policy=response.headers.get("Content-Security-Policy", ""),
        )
        for name, value in said.items():
            response.headers[name] = value
        return response


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
            with acting.on_behalf_of(acting.editor_behind(request, trusted=settings.ISTHMUS.trusted_proxies)):
                return exports.noted(request, self._admin(request))
        with acting.on_behalf_of(acting.reader):
            return self._answer_reader(request)

    def _answer_reader(self, request: HttpRequest) -> HttpResponseBase:
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
