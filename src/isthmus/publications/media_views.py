"""Pictures and files, served through the gate and never from a mounted directory."""

from __future__ import annotations

import mimetypes

from django.core.files import File
from django.db import DatabaseError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.views.decorators.http import require_safe
from wagtail.images.models import Filter
from willow.image import UnrecognisedImageFormatError

from isthmus.kit import collecting
from isthmus.publications import pictures, visibility
from isthmus.publications.kept_views import kept
from isthmus.publications.models import Document, Image

# A picture may be withdrawn at any minute, so what keeps a copy has to ask again.
_ASK_AGAIN = "public, max-age=0, must-revalidate"
# Shown by the browser itself; everything else is offered for saving, so that no uploaded page runs as ours.
_SHOWN_INLINE = frozenset({"application/pdf", "text/plain"})

# A file opened in the browser is a page of its own, of nobody's origin: it may load, run and send nothing, and nobody
# may frame it. Chromium 156 shows a PDF under it as it does without (older ones did not, for which there is "Save as").
_FILE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)


@kept()
@require_safe
def image(request: HttpRequest, pk: int, version: str, width: int, form: str) -> HttpResponse:
    """A picture at one of the widths pages use; a picture that nothing public shows does not exist."""
    row = visibility.images().filter(pk=pk).first()
    if row is None or not pictures.has_form(row, width, form):
        raise Http404
    current = pictures.image_url(row, width, form)
    if request.path != current:
        return HttpResponsePermanentRedirect(current)
    _note_users(row)
    found = rendition(row, width, form)
    return _file(request, found, kind=pictures.FORMS[form][0], stamp=f"{pk}-{version}-{width}-{form}")


def _note_users(medium: Image | Document) -> None:
    """It is there for readers as long as what shows it is."""
    if collecting.current() is not None:
        collecting.note(*visibility.public_users_of(medium))


def rendition(row: Image, width: int, form: str = "webp") -> File:
    """A picture at a width, stored for the next time where there is room; asks no gate.

    Raises: Http404 for a file that is lost or no picture.
    """
    wanted = Filter(f"width-{width}|{pictures.FORMS[form][1]}")
    try:
        return row.get_rendition(wanted).file
    except (FileNotFoundError, UnrecognisedImageFormatError) as error:
        raise Http404 from error
    except (OSError, DatabaseError):
        # It cannot be stored now: the disk is full or the database busy. It is made for this reader alone.
        return _made_now(row, wanted)


def _made_now(row: Image, wanted: Filter) -> File:
    try:
        return row.generate_rendition_file(wanted)
    except (OSError, UnrecognisedImageFormatError) as error:
        raise Http404 from error


@kept()
@require_safe
def document(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A file that something public offers; its name is part of its address and must be right."""
    row = visibility.documents().filter(pk=pk).first()
    if row is None or name != row.filename:
        raise Http404
    _note_users(row)
    kind = mimetypes.guess_type(row.filename)[0] or "application/octet-stream"
    response = _file(request, row.file, kind=kind, stamp=f"{pk}-{row.file_hash or row.file_size}")
    shown = "inline" if kind in _SHOWN_INLINE else "attachment"
    response["Content-Disposition"] = f'{shown}; filename="{row.filename}"'
    response["Content-Security-Policy"] = _FILE_POLICY
    return response


def _file(request: HttpRequest, stored: File, *, kind: str, stamp: str) -> HttpResponse:
    tag = f'"{stamp}"'
    if tag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        try:
            response = FileResponse(stored.open("rb"), content_type=kind)
        except FileNotFoundError as error:
            raise Http404 from error
    response["ETag"] = tag
    response["Cache-Control"] = _ASK_AGAIN
    return response
