"""Feeds stay readable whatever stands in a piece."""

from xml.etree import ElementTree

import pytest
from django.test import Client

from tests import makers

pytestmark = pytest.mark.django_db


def test_a_control_character_in_one_piece_does_not_cost_readers_the_feed():
    makers.released("Ardor\x08 Fades", people=(makers.person("Robert\x01 King"),), text="<p>Cor\x0cdial\ufffe.</p>")

    answer = Client().get("/feed/")

    entry = ElementTree.fromstring(answer.content).find("{http://www.w3.org/2005/Atom}entry")
    assert entry is not None
    assert entry.findtext("{http://www.w3.org/2005/Atom}title") == "Ardor Fades"
