"""Editors say how a verb sounds, and the archive is read with it; the shipped words can be restored."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from isthmus.dossiers.models import Relation, ToneWord
from tests.dossiers import archive
from tests.publications.editing.people import browser_of, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db: None) -> Client:
    """The browser of an editor."""
    return browser_of(user("bea", "editor"))


def said(desk: Client, name: str, *args: int, **posted: str) -> str:
    return desk.post(reverse(name, args=args), posted, follow=True).content.decode()


def test_what_editors_say_of_a_verb_holds_until_they_forget_it(desk: Client, miner: Any):
    def tone() -> str:
        while miner.tick():
            pass
        return Relation.objects.get().tone

    archive.two()
    archive.piece(archive.QUARREL)
    assert tone() == "cool"

    page = said(desk, "isthmus_tone_word_keep", word=" Denounce ", tone="neutral")
    assert "“denounce” is neutral from now on" in page
    assert tone() == "neutral"

    said(desk, "isthmus_tone_word_forget", ToneWord.objects.get().pk)
    assert tone() == "cool"


def test_the_shipped_words_are_restored_at_once(desk: Client):
    for word in ("denounce", "call for"):
        said(desk, "isthmus_tone_word_keep", word=word, tone="warm")

    assert "2 of your own were forgotten" in said(desk, "isthmus_tone_words_restore")
    assert not ToneWord.objects.exists()


@pytest.mark.parametrize("posted", [{"word": "", "tone": "warm"}, {"word": "hail", "tone": "loud"}, {"word": "x" * 61}])
def test_what_is_no_verb_or_no_tone_is_refused(desk: Client, posted: dict[str, str]):
    assert "Write a verb" in said(desk, "isthmus_tone_word_keep", **posted)
    assert not ToneWord.objects.exists()
