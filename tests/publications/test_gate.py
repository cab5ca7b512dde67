"""Canary words in everything that is not public, and a crawl of every channel: none may be met, nothing may tell.

Search and its feed crawl the same way in tests/search; here stand pages, feeds, sitemap, files, pictures, links.
"""

from __future__ import annotations

import io
import re
from datetime import timedelta

import PIL.Image
import pytest
from django.core.files.base import ContentFile
from django.test import Client

from isthmus.kit import clock
from isthmus.publications import actions, context, visibility
from isthmus.publications.models import (
    Attachment,
    Byline,
    Document,
    FormerAddress,
    HomePage,
    Image,
    Person,
    Publication,
)  # fmt: skip
from isthmus.publications.setup import prepare_site
from tests import makers

pytestmark = pytest.mark.django_db

CANARY = "telluroscope"


def picture(title: str) -> Image:
    stored = io.BytesIO()
    PIL.Image.new("RGB", (900, 600), "navy").save(stored, "PNG")
    return Image.objects.create(title=title, file=ContentFile(stored.getvalue(), f"{title}.png"))


def file(title: str) -> Document:
    return Document.objects.create(title=title, file=ContentFile(b"%PDF-1.4 canary", f"{title}.pdf"))


@pytest.fixture
def public_piece() -> Publication:
    """Released, with a hidden link, a shared series and a draft revision full of canaries."""
    return makers.released("Open", series=makers.series(), people=(makers.person(),))


def hidden_piece(state: str, public: Publication) -> Publication:
    """A piece in one of the states the public may not see, with canaries in everything it has."""
    someone = Person.objects.create(name=f"Author {CANARY}", note=CANARY)
    branch = makers.category(f"Branch {CANARY}", axis="theme")
    piece = Publication(
        title=f"Title {CANARY}", summary=CANARY, series=public.series, lead_image=picture(f"lead-{CANARY}"),
        lead_image_caption=CANARY, photo_credit=CANARY, disclaimer=CANARY, author_note=CANARY,
        body=[
            ("text", f"<h2>{CANARY}</h2><p>{CANARY}</p>"),
            ("image", {"image": picture(f"body-{CANARY}"), "caption": CANARY}),
        ],
    )  # fmt: skip
    piece.bylines = [Byline(person=someone, printed_name=CANARY)]
    piece.attachments = [Attachment(document=file(f"file-{CANARY}"))]
    piece.categories = [branch]
    actions.save_draft(piece)
    FormerAddress.objects.create(path=f"/old/{state}/", publication=piece)
    if state == "scheduled":
        actions.schedule(piece, clock.now() + timedelta(days=1))
    if state == "staged":
        Publication.objects.filter(pk=piece.pk).update(staged_in="run")
    return piece


def link_to(hidden: Publication, public: Publication) -> None:
    """The public piece links to the hidden one; readers see the words, not the address."""
    newest = makers.edited(public, body=[("text", f'<p>See <a linktype="publication" id="{hidden.pk}">that</a>.</p>')])
    actions.release(newest)


def crawl() -> dict[str, bytes]:
    """Every address that links lead to from the front page, the feeds and the sitemap, with what it answers."""
    client, waiting, seen = Client(), ["/", "/feed/", "/sitemap.xml", "/robots.txt"], {}
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith(("/static/", "/admin/", "/search/", "/api/", "/opensearch")):
            continue
        answer = client.get(path)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        seen[path] = content + str(answer.headers).encode()
        text = content.decode(errors="replace").replace("http://localhost:8000", "")
        waiting += [
            found.split("#")[0]
            for found in re.findall(r'(?:href|src)="(/[^"]*)"|<loc>(/[^<]*)', text)
            for found in found
            if found
        ]
    return seen


@pytest.mark.parametrize("state", ["draft", "scheduled", "staged"])
def test_no_channel_tells_of_a_hidden_piece(state, public_piece):
    prepare_site("The Institute")
    hidden = hidden_piece(state, public_piece)
    HomePage.objects.update(featured=hidden)
    link_to(hidden, public_piece)

    met = crawl()

    assert len(met) > 15
    assert [path for path, content in met.items() if CANARY.encode() in content or CANARY in path] == []


@pytest.mark.parametrize("state", ["draft", "scheduled", "staged"])
def test_what_is_hidden_answers_like_what_does_not_exist(state, public_piece):
    hidden = hidden_piece(state, public_piece)
    image, attached = hidden.lead_image, hidden.attachments.get().document
    addresses = [
        hidden.path, f"{hidden.path}cite.bib", f"/people/author-{CANARY}/", f"/people/author-{CANARY}/feed/",
        f"/categories/theme/branch-{CANARY}/", f"/categories/theme/branch-{CANARY}/feed/", f"/old/{state}/",
        f"/files/{attached.pk}/{attached.filename}", f"/images/{image.pk}/{image.file_hash[:10] or '0'}/800.webp",
    ]  # fmt: skip

    for address in addresses:
        family = address.split("/")[1]
        nothing = f"/{family}/999999/none.pdf" if family == "files" else f"/{family}/no-such-thing/"
        answer, absent = Client().get(address), Client().get(nothing)
        assert (answer.status_code, answer.content) == (404, absent.content), address
        assert dict(answer.headers) == dict(absent.headers), address


def test_the_draft_of_a_released_piece_shows_nowhere(public_piece):
    draft = makers.edited(public_piece, title=f"New {CANARY}", slug=CANARY, body=[("text", f"<p>{CANARY}</p>")])
    assert draft.has_unpublished_changes

    met = crawl()

    assert [path for path, content in met.items() if CANARY.encode() in content] == []


def test_a_withdrawn_piece_keeps_only_title_and_date(public_piece):
    hidden = hidden_piece("draft", public_piece)
    hidden.title = "Withdrawn title"
    actions.save_draft(hidden)
    released = actions.release(hidden)
    image = released.lead_image
    shown = Client().get(f"/images/{image.pk}/{image.file_hash[:10] or '0'}/800.webp").status_code
    actions.withdraw(released)

    met = crawl() | {released.path: Client().get(released.path).content}

    assert shown == 200
    assert [path for path, content in met.items() if CANARY.encode() in content] == []
    assert Client().get(f"/images/{image.pk}/{image.file_hash[:10] or '0'}/800.webp").status_code == 404


def test_a_release_opens_every_channel(public_piece):
    hidden = hidden_piece("draft", public_piece)
    link_to(hidden, public_piece)

    released = actions.release(hidden)

    met = crawl()
    attached = released.attachments.get().document
    assert {released.path, f"/people/author-{CANARY}/", f"/categories/theme/branch-{CANARY}/"} <= met.keys()
    assert f"/files/{attached.pk}/{attached.filename}" in met


def test_the_count_is_the_same_on_every_channel(public_piece):
    hidden_piece("scheduled", public_piece)
    for n in range(25):
        makers.released(f"No. {n}")

    met = crawl()

    total = visibility.total()
    assert total == 26
    assert met["/sitemap-publications-1.xml"].count(b"<loc>") == total
    assert f"Total Index: {total} publications." in met["/"].decode()
    assert f"<span>{total} publications</span>" in met["/publications/"].decode()


def test_a_public_page_is_the_same_bytes_for_every_visitor(public_piece):
    plain = Client().get(public_piece.path)
    other = Client(
        HTTP_COOKIE="sessionid=x; csrftoken=y", HTTP_USER_AGENT="Other", HTTP_X_FORWARDED_HOST="evil.example"
    ).get(public_piece.path, HTTP_HOST="evil.example")

    assert plain.content == other.content
    assert not plain.cookies
    assert "Cookie" not in plain.headers.get("Vary", "")


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_test_meets_no_settings_of_the_test_before_it(turn, settings):
    met = context.current_site().name

    prepare_site("The Merrow Institute")

    assert (met, context.current_site().name) == (settings.ISTHMUS.name, "The Merrow Institute")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_public_pages_answer_only_to_readers(method, public_piece):
    assert getattr(Client(), method)(public_piece.path).status_code in (403, 405)
