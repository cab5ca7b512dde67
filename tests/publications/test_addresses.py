"""Addresses are final, changed ones lead on, gone ones say so, and what never was public does not exist."""

import pytest
from django.test import Client

from isthmus.publications import actions
from isthmus.publications.models import FormerAddress, Publication
from tests import makers

pytestmark = pytest.mark.django_db


def test_the_second_piece_of_a_title_gets_a_number():
    makers.released("Ardor Fades")

    assert makers.released("Ardor Fades").path == "/publications/ardor-fades-2/"


def test_no_piece_takes_the_address_of_the_feed():
    assert makers.released("Feed").path == "/publications/feed-2/"


def test_a_changed_slug_leads_to_the_new_address():
    piece = makers.released()
    actions.release(makers.edited(piece, slug="ardor-cools"))

    answer = Client().get("/publications/ardor-fades/")

    assert (answer.status_code, answer["Location"]) == (301, "/publications/ardor-cools/")


def test_a_renamed_series_leads_its_pieces_along():
    piece = makers.released(series=makers.series())
    piece.series.slug = "peninsula-blog"
    piece.series.save()

    assert Client().get("/the-peninsula/ardor-fades/")["Location"] == "/peninsula-blog/ardor-fades/"
    assert Client().get("/the-peninsula/")["Location"] == "/peninsula-blog/"


def test_a_withdrawn_piece_answers_with_title_and_date_and_nothing_else():
    piece = makers.released(text="<p>Sensitive words.</p>")
    actions.withdraw(piece)

    answer = Client().get(piece.path)

    assert answer.status_code == 410
    assert "Ardor Fades" in answer.content.decode()
    assert "Sensitive" not in answer.content.decode()


def test_a_deleted_piece_answers_with_title_and_date():
    piece = makers.released()
    Publication.objects.filter(pk=piece.pk).delete()

    assert Client().get(piece.path).status_code == 410


def test_an_old_address_of_a_withdrawn_piece_says_that_it_is_gone():
    piece = makers.released()
    piece = actions.release(makers.edited(piece, slug="ardor-cools"))
    actions.withdraw(piece)

    assert Client().get("/publications/ardor-fades/").status_code == 410


def test_the_old_address_of_a_piece_that_never_was_public_does_not_exist():
    piece = makers.draft()
    FormerAddress.objects.create(path="/blog/2019/ardor/", publication=piece)

    hidden, absent = Client().get("/blog/2019/ardor/"), Client().get("/blog/2019/nothing/")

    assert (hidden.status_code, hidden.content) == (404, absent.content)


def test_another_piece_does_not_take_the_address_of_a_withdrawn_one():
    actions.withdraw(makers.released("Ardor Fades"))

    assert makers.released("Ardor Fades").path == "/publications/ardor-fades-2/"


def test_a_released_again_piece_takes_its_own_address():
    piece = makers.released()
    actions.withdraw(piece)

    actions.release(Publication.objects.get(pk=piece.pk))

    assert Client().get(piece.path).status_code == 200


def test_the_old_addresses_of_a_deleted_piece_say_that_it_is_gone():
    piece = actions.release(makers.edited(makers.released(), slug="ardor-cools"))
    actions.withdraw(piece)
    Publication.objects.filter(pk=piece.pk).delete()

    assert Client().get("/publications/ardor-fades/").status_code == 410


@pytest.mark.parametrize(
    "address", ["/images/{}/0/480.webp", "/images/1/0/{}.webp", "/files/{}/x.pdf", "/sitemap-publications-{}.xml"]
)
@pytest.mark.parametrize("n_digits", [10, 19, 20, 4000])
def test_a_number_that_no_database_holds_is_no_address(address: str, n_digits: int):
    assert Client().get(address.format("9" * n_digits)).status_code == 404


@pytest.mark.parametrize("address", ["/publications", "/publications/ardor-fades", "/people?page=1", "/admin"])
def test_an_address_without_its_last_slash_leads_to_the_one_with_it(address: str):
    makers.released()
    FormerAddress.objects.create(path="/publications/", publication=Publication.objects.get())
    path, mark, query = address.partition("?")

    answer = Client().get(address)

    assert (answer.status_code, answer["Location"]) == (301, f"{path}/{mark}{query}")


def test_a_draft_and_nothing_at_all_are_the_same_without_the_last_slash():
    makers.draft("Ardor Cools")

    draft, nothing = (Client().get(f"/publications/{slug}") for slug in ("ardor-cools", "never-was"))

    assert (draft.status_code, draft.content) == (404, nothing.content)


def test_there_is_no_part_of_the_sitemap_before_the_first():
    assert Client().get("/sitemap-publications-0.xml").status_code == 404
