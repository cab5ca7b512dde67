"""Feeds stay readable whatever stands in a piece."""

from xml.etree import ElementTree

import pytest
from django.test import Client

from isthmus.publications import actions
from isthmus.publications.models import HomePage, Publication
from isthmus.publications.setup import prepare_site
from tests import makers

pytestmark = pytest.mark.django_db


def test_a_control_character_in_one_piece_does_not_cost_readers_the_feed():
    makers.released("Ardor\x08 Fades", people=(makers.person("Robert\x01 King"),), text="<p>Cor\x0cdial\ufffe.</p>")

    answer = Client().get("/feed/")

    entry = ElementTree.fromstring(answer.content).find("{http://www.w3.org/2005/Atom}entry")
    assert entry is not None
    assert entry.findtext("{http://www.w3.org/2005/Atom}title") == "Ardor Fades"


def _entry_id() -> str:
    feed = ElementTree.fromstring(Client().get("/feed/").content)
    return str(feed.findtext("{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}id"))


def test_an_entry_keeps_its_id_when_site_address_slug_and_release_change(settings):
    piece = makers.released()
    before = _entry_id()

    settings.PUBLIC_URL = "https://moved.example"
    piece = actions.release(makers.edited(piece, slug="ardor-cools", title="Ardor Cools"))
    actions.withdraw(piece)
    actions.release(Publication.objects.get(pk=piece.pk))

    assert before.startswith("urn:uuid:")
    assert _entry_id() == before


def _feed_id(path: str) -> str:
    feed = ElementTree.fromstring(Client().get(path).content)
    return str(feed.findtext("{http://www.w3.org/2005/Atom}id"))


def test_a_feed_keeps_its_id_when_the_site_moves_and_shares_it_with_no_other(settings):
    prepare_site("The Merrow Institute")
    makers.released(series=makers.series())
    before = _feed_id("/feed/")

    settings.PUBLIC_URL = "https://moved.example"

    assert before.startswith("urn:uuid:")
    assert _feed_id("/feed/") == before != _feed_id("/the-peninsula/feed/")


def test_two_institutes_have_two_feeds():
    prepare_site("The Merrow Institute")
    one = _feed_id("/feed/")
    HomePage.objects.get().delete()
    prepare_site("The Institute of the Narrows")

    assert _feed_id("/feed/") != one


def test_two_pieces_have_two_ids():
    makers.released()
    one = _entry_id()
    Publication.objects.all().delete()
    makers.released()

    assert _entry_id() != one
