"""The security headers of every answer, whoever makes it: Django's middleware, the front, a page of its own for errors.

Pure: it imports nothing of Django, so that a process without Django sends the same headers.
"""

from __future__ import annotations

ADMIN = "/admin/"
# Pictures, files and fonts of the site may stand in feed readers and on other people's pages.
_SHARED_PREFIXES = ("/images/", "/files/", "/static/")
# What is drawn and never opens as a page of its own: the two headers about pages would be 250 bytes on each of ten.
_NO_PAGES = ("text/css", "text/javascript", "font/", "image/avif", "image/gif", "image/jpeg", "image/png", "image/webp")
_DRAWN_POLICY = "default-src 'none'; frame-ancestors 'none'"
_HSTS_S = 365 * 24 * 3600

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
# Wagtail's editor writes styles into the page (8.0.1); the scripts it writes there are taken out (editing.starting).
# No eval, no other host, and nobody else may frame it. Its preview is a frame of our own pages.
_ADMIN_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "style-src": "'self' 'unsafe-inline'",
    "script-src": "'self'",
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


def security_headers(path: str, *, content_type: str, is_https: bool, own_policy: str = "") -> dict[str, str]:
    """The headers that an answer at `path` must carry, errors included.

    path: of the request, root-relative. content_type: of the answer; empty counts as a page.
    is_https: whether `public_url` is https. own_policy: the Content-Security-Policy a view wrote for its own answer.
    """
    is_admin = is_admin_path(path)
    is_page = not content_type.startswith(_NO_PAGES)
    headers = {
        "Content-Security-Policy": _policy(own_policy, is_page=is_page, is_admin=is_admin, is_https=is_https),
        "X-Frame-Options": "SAMEORIGIN" if is_admin else "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Resource-Policy": "cross-origin" if path.startswith(_SHARED_PREFIXES) else "same-origin",
    }
    if is_page:
        headers["Permissions-Policy"] = _PERMISSIONS
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if is_https:
        headers["Strict-Transport-Security"] = f"max-age={_HSTS_S}"
    return headers


def is_admin_path(path: str) -> bool:
    """Whether an address belongs to the admin."""
    return path.startswith(ADMIN)


def _policy(own: str, *, is_page: bool, is_admin: bool, is_https: bool) -> str:
    if own == _written(_PUBLIC_POLICY, is_https=is_https):
        # A preview: a public page that came through the public chain inside this one. It stays strict.
        framed = {**_PUBLIC_POLICY, "frame-ancestors": "'self'"}
        return _written(framed, is_https=is_https) if is_admin else own
    # What a view says of its own answer is stricter than what holds for all: a file may run nothing.
    if own or not is_page:
        return own or _DRAWN_POLICY
    return _written(_ADMIN_POLICY if is_admin else _PUBLIC_POLICY, is_https=is_https)


def _written(policy: dict[str, str], *, is_https: bool) -> str:
    more = {"upgrade-insecure-requests": ""} if is_https else {}
    return "; ".join(f"{name} {value}".strip() for name, value in {**policy, **more}.items())
