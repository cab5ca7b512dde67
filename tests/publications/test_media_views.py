"""Files as readers open them: shut off from the site, and still shown."""

from __future__ import annotations

import io
from typing import Any

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.test import Client

from isthmus.publications import actions, pictures
from isthmus.publications.models import Attachment, Document, Image
from tests import makers

pytestmark = pytest.mark.django_db

# One red page and no more; readers of PDF find their way without the table of offsets.
RED_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>endobj
4 0 obj<</Length 26>>stream
1 0 0 rg 0 0 600 800 re f
endstream endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@pytest.fixture
def offered() -> Document:
    """A PDF that a released piece offers."""
    document = Document.objects.create(title="Red", file=ContentFile(RED_PDF, "red.pdf"))
    piece = makers.draft()
    piece.attachments = [Attachment(document=document)]
    actions.save_draft(piece)
    actions.release(piece)
    return document


def test_a_file_may_load_run_send_and_be_framed_nowhere(offered: Document):
    policy = Client().get(offered.url).headers["Content-Security-Policy"]

    assert [part.strip() for part in policy.split(";")] == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "sandbox",
    ]


@pytest.mark.browser
@pytest.mark.slow
def test_chromium_shows_a_pdf_under_that_policy(offered: Document, chromium: Any):
    answer = Client().get(offered.url)
    body, headers = b"".join(answer.streaming_content), dict(answer.headers)
    page = chromium.new_page(viewport={"width": 800, "height": 600})
    page.route("**/*.pdf", lambda route: route.fulfill(status=200, headers=headers, body=body))

    page.goto(f"http://institute.example{offered.url}")

    for _ in range(40):
        shot = PIL.Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        if shot.getpixel((400, 400)) == (255, 0, 0):
            break
        page.wait_for_timeout(250)
    page.close()
    assert shot.getpixel((400, 400)) == (255, 0, 0)


@pytest.fixture
def shown(db: None) -> Image:
    """A see-through picture of 1,000 pixels that a released piece shows."""
    stored = io.BytesIO()
    PIL.Image.new("RGBA", (1000, 500), (0, 0, 0, 0)).save(stored, "PNG")
    row = Image.objects.create(title="Pier", file=ContentFile(stored.getvalue(), "pier.png"))
    row.get_file_hash()
    makers.released(lead_image=row)
    return row


@pytest.mark.parametrize(("form", "kind"), [("webp", "WEBP"), ("jpg", "JPEG")])
def test_a_picture_is_there_for_pages_and_for_mail(client: Client, shown: Image, form: str, kind: str):
    answer = client.get(pictures.image_url(shown, 800, form))

    assert PIL.Image.open(io.BytesIO(b"".join(answer))).format == kind


def test_a_see_through_picture_is_white_in_mail_and_not_black(client: Client, shown: Image):
    answer = client.get(pictures.image_url(shown, 480, "jpg"))

    made = PIL.Image.open(io.BytesIO(b"".join(answer)))
    assert made.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(("width", "form"), [(800, "png"), (800, "gif"), (801, "jpg"), (96, "svg")])
def test_forms_that_nothing_shows_are_not_there(client: Client, shown: Image, width: int, form: str):
    assert client.get(pictures.image_url(shown, width, form)).status_code == 404


def test_a_logo_stays_see_through_in_mail(client: Client, shown: Image):
    answer = client.get(pictures.image_url(shown, 96, "png"))

    assert PIL.Image.open(io.BytesIO(b"".join(answer))).mode == "RGBA"


@pytest.mark.parametrize(
    ("width", "offered_at", "shown_at"),
    [
        (60, [60], 60),
        (96, [96], 96),
        (400, [96, 400], 400),
        (700, [96, 480, 700], 700),
        (1000, [96, 480, 800], 800),
        (2000, [96, 480, 800, 1600], 800),
    ],
)
def test_a_picture_stands_on_the_page_as_wide_as_it_is_and_the_column_allows(width, offered_at, shown_at):
    row = Image(pk=1, width=width, height=width // 2)

    assert pictures.widths_of(row) == offered_at
    assert pictures.picture(row).width == shown_at
