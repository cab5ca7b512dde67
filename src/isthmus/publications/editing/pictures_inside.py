"""Pictures for people with a login, whether the public may see them or not: in the admin's lists and in previews."""

from __future__ import annotations

import mimetypes
import re

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from isthmus.publications import media_views, pictures
from isthmus.publications.models import Image

_FOLDERS = ("images/", "original_images/")
# An address of a picture inside an attribute of a page: at its start, or after a comma of a srcset.
_ON_PAGE = re.compile(rb'(?<=["\s,])/images/(?=\d+/)')
# Whatever the file holds, opened by itself it loads and runs nothing.
_INERT = "default-src 'none'; sandbox"


@require_safe
def stored(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture as it is stored, such as the small ones of a list. Raises: Http404."""
    if not name.startswith(_FOLDERS) or ".." in name.split("/"):
        raise Http404
    try:
        response = FileResponse(default_storage.open(name), content_type=mimetypes.guess_type(name)[0])
    except (OSError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response["Content-Security-Policy"] = _INERT
    return response


@require_safe
def as_on_the_page(request: HttpRequest, pk: int, version: str, width: int, form: str = "webp") -> HttpResponseBase:
    """A picture as pages and mails have it, for the preview of what is not public yet. Raises: Http404."""
    row = get_object_or_404(Image, pk=pk)
    if not pictures.has_form(row, width, form):
        raise Http404
    stored_file = media_views.rendition(row, width, form)
    response = FileResponse(stored_file.open("rb"), content_type=pictures.FORMS[form][0])
    response["Content-Security-Policy"] = _INERT
    return response


def show_inside(response: HttpResponse) -> None:
    """Lead the pictures of a rendered preview past the gate, which knows nothing of the editor's login."""
    response.content = _ON_PAGE.sub(b"/admin/pictures/", response.content)
