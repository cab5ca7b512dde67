"""Keeps the answers of Django that may be kept, and gives them out where no front stands before it.

Innermost of the public chain: what compresses and answers 304 treats a kept page as any other.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from isthmus.edition import editions, rendering
from isthmus.edition.keys import key_for
from isthmus.edition.page import Page
from isthmus.edition.rendering import CanonicalRequest
from isthmus.edition.store import EditionAway, Store

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Edition:
    """Answers from the edition, or for nobody in particular, and keeps that; leaves everything else alone."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer; without an edition on this machine, Django's own."""
        # An editor's preview comes through here under the address of the piece, or of the front page before it has one.
        is_preview = getattr(request, "is_dummy", False)
        if is_preview or isinstance(request, CanonicalRequest) or (store := editions.own()) is None:
            return self._get_response(request)
        key = key_for(request)
        if key is None:
            return self._get_response(request)
        return _kept(store, key) or self._made(store, key, request)

    def _made(self, store: Store, key: str, request: HttpRequest) -> HttpResponseBase:
        rendered = rendering.render(key)
        if rendered.page is not None:
            store.put(rendered.page)
            return _answer(rendered.page, rendered.stamp)
        if request.META.get("QUERY_STRING") or rendered.response.status_code == 200:
            # A redirect may carry the query along, and what may not be kept may depend on the visitor.
            return self._get_response(request)
        return rendered.response


def _kept(store: Store, key: str) -> HttpResponseBase | None:
    page = store.get(key)
    if page is None:
        return None
    try:
        return _answer(page, store.stamp.text)
    except (EditionAway, FileNotFoundError):
        return None


def _answer(page: Page, stamp: str) -> HttpResponseBase:
    if page.file:
        response: HttpResponseBase = FileResponse(Path(page.file).open("rb"))  # noqa: SIM115  (the response closes it)
        tag = page.etag
    else:
        response = HttpResponse(page.stamped(stamp.encode()))
        tag = page.etag_with(stamp)
    for name, value in page.headers:
        response.headers[name] = value
    response.headers["ETag"] = f'"{tag}"'
    return response
