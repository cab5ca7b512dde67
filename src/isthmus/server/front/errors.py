"""What the front says by itself: a request it cannot take, Django away; pages that need nothing but themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from http import HTTPStatus

from isthmus.server.headers import security_headers

_RETRY_AFTER_S = 10
_HTML, _JSON, _PROBLEM = "text/html; charset=utf-8", "application/json", "application/problem+json"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="/static/isthmus/site.css">
</head>
<body class="alone">
<main id="content" class="sheet wrap">
<header class="page-head"><p class="kicker">{status}</p><h1>{title}</h1></header>
<div class="body"><p>{text}</p></div>
</main>
</body>
</html>
"""
_AWAY = "This part of the site will be back in a moment. What has been published can be read meanwhile."
_AWAY_SENT = (
    "The site could not say whether what you sent arrived. Please look before you send it again: "
    "it will be back in a moment."
)


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """Status, header lines without the empty line, and body."""

    status: int
    head: bytes
    body: bytes


def refused(status: int, why: str, *, path: str = "/", allow: str = "", is_https: bool = False) -> ErrorAnswer:
    """A request that is not answered, with a sentence why."""
    more = {"Allow": allow} if allow else {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        more["Retry-After"] = str(_RETRY_AFTER_S)
    return _said(status, HTTPStatus(status).phrase, why, path=path, more=more, is_https=is_https)


def allowed(path: str, allow: str, *, is_https: bool) -> ErrorAnswer:
    """What OPTIONS tells of an address."""
    head = _lines({"Allow": allow, **security_headers(path, content_type="", is_https=is_https)})
    return ErrorAnswer(204, head, b"")


def away(path: str, *, was_sent: bool, is_https: bool) -> ErrorAnswer:
    """Django does not answer: 503, back in a moment."""
    text = _AWAY_SENT if was_sent else _AWAY
    more = {"Retry-After": str(_RETRY_AFTER_S)}
    return _said(503, "Back in a moment", text, path=path, more=more, is_https=is_https)


def health_away(*, is_https: bool) -> ErrorAnswer:
    """The answer of /healthz when the process that looks after everything is not there."""
    wrong = "The web process does not answer: see the log of `isthmus serve`."
    told = {"status": "wrong", "database": "unknown", "index_lag": None, "worker_age_s": None, "wrong": [wrong]}
    return _made(503, json.dumps(told), _JSON, path="/healthz", more={}, is_https=is_https)


def _said(status: int, title: str, text: str, *, path: str, more: dict[str, str], is_https: bool) -> ErrorAnswer:
    if path.startswith("/api/"):
        told = {"type": "about:blank", "title": title, "status": status, "detail": text}
        return _made(status, json.dumps(told), _PROBLEM, path=path, more=more, is_https=is_https)
    page = _PAGE.format(title=escape(title), status=status, text=escape(text))
    return _made(status, page, _HTML, path=path, more=more, is_https=is_https)


def _made(status: int, text: str, kind: str, *, path: str, more: dict[str, str], is_https: bool) -> ErrorAnswer:
    body = text.encode()
    headers = {
        "Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store", **more,
        **security_headers(path, content_type=kind, is_https=is_https),
    }  # fmt: skip
    return ErrorAnswer(status, _lines(headers), body)


def _lines(headers: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("latin-1")
