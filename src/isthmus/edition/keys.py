"""Which requests ask for something that may be kept, and the one key of each."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve
from django.utils.encoding import escape_uri_path

from isthmus.edition.page import key_of
from isthmus.publications.kept_views import parameters_of

PAGE = "page"
# Longer addresses belong to nothing of ours, and would only fill the store.
_MAX_PATH_CHARS = 1000
# As `views._page_number` takes it, in the one way of writing a number.
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")


def key_for(request: HttpRequest) -> str | None:
    """The key of what a request asks for; None for what is not to be kept, or only under another address.

    Of the query only what the view reads counts: other names make no other page. Cookies, Host, languages and what a
    client accepts count for nothing.
    """
    path = escape_uri_path(request.path_info)
    if request.method not in ("GET", "HEAD") or len(path) > _MAX_PATH_CHARS or path_info_of(path) != request.path_info:
        return None
    known = _known_parameters(request.path_info)
    if known is None:
        return None
    asked = QueryDict(request.META.get("QUERY_STRING", "")) if known else {}
    named = [name for name in asked if name in known]
    if not named:
        return key_of(path)
    numbers = asked.getlist(PAGE) if isinstance(asked, QueryDict) else []
    is_page = named == [PAGE] and len(numbers) == 1 and _NUMBER.fullmatch(numbers[0])
    return key_of(path, int(numbers[0])) if is_page else None


def _known_parameters(path: str) -> frozenset[str] | None:
    try:
        return parameters_of(resolve(path).func)
    except Http404:
        return None


def path_info_of(path: str) -> str:
    """What Django makes of a percent-encoded path."""
    return unquote_to_bytes(path).decode("utf-8", "replace")
