"""Feeds stay readable whatever stands in a piece."""

from xml.etree import ElementTree

import pytest
from django.test import Client

from isthmus.publications import actions
from isthmus.publications.models import Publication
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


def test_two_pieces_have_two_ids():
    makers.released()
    one = _entry_id()
    Publication.objects.all().delete()
    makers.released()

    assert _entry_id() != one
