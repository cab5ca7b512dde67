"""Words of what is not public are in no kept byte, tag or header; what was public is gone with its withdrawal."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile

from isthmus.edition import paths, rendering
from isthmus.publications import actions
from isthmus.publications.models import Document, Publication
from tests import makers
from tests.publications.test_gate import picture

CANARY = "zwibbleflux"


def hidden(title, **fields):
    """Text, title, author, category, series, picture and file that nothing else has."""
    file = Document.objects.create(title=f"{CANARY} file", file=ContentFile(b"%PDF-1.7", f"{CANARY}{title}.pdf"))
    return makers.draft(
        f"{CANARY} {title}", people=(makers.person(f"{CANARY.capitalize()} {title}"),),
        categories=(makers.category(f"{CANARY} {title}"),), series=makers.series(f"{CANARY} {title}"),
        lead_image=picture(f"{CANARY}{title}"), **fields,
        body=[("text", f"<p>{CANARY}</p>"), ("file", {"document": file, "title": ""})],
    )  # fmt: skip


@pytest.fixture
def site(edition):
    open_piece = makers.released("Open", series=makers.series(), people=(makers.person(),))
    draft = hidden("draft")
    actions.schedule(hidden("scheduled"), datetime.now(UTC) + timedelta(days=1))
    makers.edited(open_piece, title=f"{CANARY} Open", summary=CANARY)
    link = f'<p>See <a linktype="publication" id="{draft.pk}">this</a>.</p>'
    makers.released("Linking", body=[("text", link)])
    edition.follow()
    return edition


def look_at_everything(edition):
    """Every page there is, and those of what must not be there."""
    rows = list(Publication.objects.all())
    secret = [row.path for row in rows] + [f"{row.path}cite.bib" for row in rows]
    secret += [f"/files/{file.pk}/{file.filename}" for file in Document.objects.all()]
    secret += [
        f"/images/{row.lead_image_id}/{row.lead_image.file_hash[:10]}/480.webp" for row in rows if row.lead_image
    ]
    for key in [*paths.every_key(), *secret]:
        if page := rendering.render(key).page:
            edition.store.put(page)


def said_of(edition):
    """All that a reader, or a cache before us, could get: bytes, headers, keys, tags."""
    pages = [edition.store.get(key) for key in sorted(edition.store.keys())]
    return "\n".join(repr((page.key, page.content, page.headers, sorted(page.tags), page.file)) for page in pages)


def test_what_was_never_released_is_in_no_kept_byte_header_or_tag(site):
    look_at_everything(site)

    said = said_of(site)

    assert "Linking" in said
    assert CANARY not in said.lower()
    unreleased = Publication.objects.filter(live=False).values_list("pk", flat=True)
    assert [pk for pk in unreleased if f"'pub:{pk}'" in said or f"pub:{pk} " in said] == []


def test_what_was_withdrawn_or_expired_is_gone_from_the_edition(site):
    withdrawn, expired = (actions.release(hidden(name)) for name in ("withdrawn", "expired"))
    site.follow()
    look_at_everything(site)
    assert CANARY in said_of(site).lower()

    actions.withdraw(withdrawn)
    Publication.objects.filter(pk=expired.pk).update(expire_at=datetime.now(UTC) - timedelta(seconds=1))
    actions.release_due(datetime.now(UTC))
    site.follow()
    gone = said_of(site).lower()
    look_at_everything(site)

    assert CANARY not in gone
    assert CANARY not in said_of(site).lower()


def test_a_release_is_in_every_list_it_belongs_to(site):
    piece = Publication.objects.get(title__contains="draft", live=False)
    look_at_everything(site)

    actions.release(piece)
    site.follow()
    look_at_everything(site)

    shown = set(site.store.keys(f"pub:{piece.pk}"))
    series, person = piece.series, piece.bylines.first().person
    wanted = {piece.path, "/", "/publications/", "/feed/", series.path, f"{series.path}feed/", person.path}
    assert wanted <= shown
    linking = Publication.objects.get(title="Linking")
    assert piece.path.encode() in site.store.get(linking.path).content
