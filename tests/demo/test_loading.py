"""The whole content in a database: some 5 s for the module."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from isthmus.demo import loading
from isthmus.demo.entries import Content
from isthmus.publications import visibility
from isthmus.publications.models import HomePage, Image, JournalEntry, Publication, SiteSettings

pytestmark = pytest.mark.slow

_UNRESOLVED = re.compile(r"\[\^[^\]\s<>]{1,40}\]|pub:[a-z]|/\.pub/|linktype=|<a>|href=\"None\"")


@pytest.fixture
def pages(demo: Content, client: Client) -> Iterator[tuple[str, str]]:
    """Address and HTML of every piece and every page proper."""

    def each() -> Iterator[tuple[str, str]]:
        paths = [piece.path for piece in visibility.publications().select_related("series")]
        for path in [*paths, "/", "/about/", "/contact/", "/privacy/"]:
            answer = client.get(path)
            assert answer.status_code == 200, path
            yield path, answer.content.decode()

    return each()


def test_every_piece_has_its_page_with_nothing_unresolved_in_it(demo: Content, pages: Iterator[tuple[str, str]]):
    n_pages = 0
    for path, page in pages:
        n_pages += 1
        assert not _UNRESOLVED.findall(page), path

    assert n_pages == len(demo.pieces) + 4


def test_every_footnote_links_both_ways(demo: Content, pages: Iterator[tuple[str, str]]):
    n_notes = 0
    for path, page in pages:
        marks = dict(re.findall(r'<a id="(fnref-[^"]+)" href="#(fn-[^"]+)"', page))
        notes = set(re.findall(r'<li id="(fn-[^"]+)"', page))
        backs = set(re.findall(r'href="#(fnref-[^"]+)"', page))
        assert set(marks.values()) == notes, path
        assert set(marks) == backs, path
        n_notes += len(notes)

    assert n_notes >= 30


def test_every_piece_is_released_once_and_is_no_news(demo: Content):
    ids = set(visibility.publications().values_list("pk", flat=True))
    rows = JournalEntry.objects.filter(subject__startswith="pub:")

    assert len(ids) == len(demo.pieces)
    assert sorted(row.subject for row in rows) == sorted(f"pub:{pk}" for pk in ids)
    assert {row.what for row in rows} == {"released"}
    assert not rows.filter(is_news=True).exists()


def test_notes_and_disclaimers_are_frozen_by_the_rules(demo: Content):
    def piece(slug: str) -> Publication:
        return Publication.objects.get(slug=slug)

    report = piece("cables-across-the-merrow")
    assert report.disclaimer.startswith("Two Shores Papers are reviewed")
    assert report.bylines.all()[0].note == "Sofia Marchetti is a Fellow for energy and cables at the Merrow Institute."
    assert piece(loading.FLAGSHIP).disclaimer == "The views expressed here are his own."
    assert piece("nine-days").disclaimer.startswith("The Merrow Institute takes no position")


def test_own_disclaimer_is_printed_only_under_a_sole_author(demo: Content):
    of_two = Publication.objects.get(slug="a-table-laid-in-aldmark")
    where_he_spoke = Publication.objects.get(slug="what-a-third-summit-would-need")

    assert of_two.disclaimer.startswith("The Merrow Institute takes no position")
    assert where_he_spoke.disclaimer.startswith("The Merrow Institute takes no position")


def test_date_is_printed_as_at_its_place(demo: Content):
    flagship = Publication.objects.get(slug=loading.FLAGSHIP)

    assert flagship.published_on.isoformat() == "2020-01-20"
    assert flagship.published_at.isoformat() == "2020-01-20T08:00:00+00:00"
    assert flagship.published_offset_min == 60


def test_flagship_carries_every_element_of_a_piece(demo: Content, client: Client):
    page = client.get(f"/the-narrows/{loading.FLAGSHIP}/").content.decode()

    for part in (
        "Search All Site Content", f"Total Index: {len(demo.pieces)} publications.", "Published", "January 20, 2020",
        'href="/people/robert-hale/"', ">Robert Hale</a>", 'href="/categories/region/vardhal/"', "By Robert E. Hale",
        "The President Has Done Most of the Walking</h2>", "is a Non-Resident Fellow at the Merrow Institute",
        "The views expressed here are his own.", "Picture by Piet van der Zee", "Return to the Narrows",
    ):  # fmt: skip
        assert part in page, part


def test_front_page_shows_the_flagship_first(demo: Content, client: Client):
    assert HomePage.objects.get().featured.slug == loading.FLAGSHIP
    assert "Ardor Cools across the Narrows" in client.get("/").content.decode()


def test_pictures_of_public_pages_are_public_and_the_unused_are_not(demo: Content):
    used = {row.lead_image_id for row in visibility.publications() if row.lead_image_id}
    used.add(SiteSettings.current().logo_id)
    used.update(person.photo_id for person in visibility.people() if person.photo_id)

    assert all(visibility.image_is_public(pk) for pk in used)
    assert len(used) >= 15
    unused = Image.objects.create(title="Spare", file=Image.objects.first().file.name, width=1, height=1)
    assert not visibility.image_is_public(unused.pk)


def test_pdf_of_the_report_opens(demo: Content, client: Client):
    page = client.get("/two-shores-papers/cables-across-the-merrow/").content.decode()
    (address,) = set(re.findall(r'href="(/files/[^"]+\.pdf)"', page))

    answer = client.get(address)

    assert answer.status_code == 200
    assert next(iter(answer.streaming_content)).startswith(b"%PDF-")


def test_korean_piece_says_its_language_and_links_forward(demo: Content, client: Client):
    page = client.get("/the-narrows/six-years-and-one-table-ko/").content.decode()

    assert 'lang="ko"' in page
    assert 'href="/the-narrows/six-years-and-one-table/"' in page


def test_one_picture_lacks_the_version_of_its_licence(demo: Content):
    assert len([row for row in Image.objects.all() if "the licence's version" in row.missing_credit_parts]) == 1


def test_editors_of_the_demo_keep_synonyms_and_a_pin(demo: Content):
    from isthmus.search import editors, pins, queries

    assert queries.question("hotline").notes == ("Also searched for: telephone line, 직통 전화.",)
    assert queries.question("Vardhal").notes == ("Also searched for: Aldmark.",)
    assert queries.question("Aldmark").notes == ()
    assert len(pins.for_question(queries.question("Sanctions"))) == 2
    assert len(editors.kept().pins) == 1
