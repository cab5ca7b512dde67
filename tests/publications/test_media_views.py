"""Files as readers open them: shut off from the site, and still shown."""

from __future__ import annotations

import io
from typing import Any

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.test import Client

from isthmus.publications import actions
from isthmus.publications.models import Attachment, Document
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
