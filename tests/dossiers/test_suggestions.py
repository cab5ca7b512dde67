"""The archive proposes names that the vocabulary does not know; what was refused or taken in never comes again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from isthmus.dossiers import actions
from isthmus.dossiers.models import Suggestion
from isthmus.dossiers.suggestions import Finder, key_of
from isthmus.kit.clock import FrozenClock
from tests import makers
from tests.dossiers import archive

pytestmark = pytest.mark.django_db

SENTENCES = (
    "Yesterday Orla Verin said that Brannoch was cold.",
    "We met Orla Verin near Brannoch in the evening.",
    "A letter from Orla Verin told of Brannoch.",
)


def looked_through() -> list[str]:
    finder = Finder()
    while finder.tick():
        pass
    return list(Suggestion.objects.filter(state="proposed").values_list("text", flat=True))


@pytest.fixture
def three(db: None) -> None:
    for number, sentence in enumerate(SENTENCES):
        archive.piece(sentence, title=f"Piece {number}")


def test_names_of_several_texts_are_proposed_with_an_example(three: None):
    assert "Orla Verin" in looked_through()

    row = Suggestion.objects.get(text="Orla Verin")
    assert (row.n_texts, row.kind) == (3, "person")
    assert "Orla Verin" in row.example


def test_what_the_vocabulary_knows_is_not_proposed(three: None):
    archive.subject("Madam Verin", "Orla Verin")

    assert "Orla Verin" not in looked_through()


@pytest.mark.parametrize("spelling", ["Orla Verin", "Orla-Verin"])
def test_a_refused_name_never_comes_again_in_any_spelling(three: None, alice: Any, clock: FrozenClock, spelling: str):
    looked_through()
    actions.refuse_suggestion(Suggestion.objects.get(text="Orla Verin"), by=alice)

    for number in range(3):
        archive.piece(f"People asked {spelling} about it.", title=f"More {number}")
    clock.advance(timedelta(days=2))

    assert not {key_of("Orla Verin")} & set(map(key_of, looked_through()))


def test_only_what_the_public_may_read_is_looked_at(three: None):
    for number in range(3):
        makers.draft(f"Draft {number}", text="<p>We met Carla Hidden near Brannoch.</p>")

    assert "Carla Hidden" not in looked_through()


def test_the_archive_is_looked_through_once_a_day_and_only_after_a_change(three: None, clock: FrozenClock):
    looked_through()
    archive.piece("Nothing.", title="One more")
    assert Finder().tick() == 0

    clock.advance(timedelta(days=1, minutes=1))
    assert Finder().tick() > 0


def test_the_same_archive_gives_the_same_proposals(three: None, clock: FrozenClock):
    def rows() -> list[tuple[Any, ...]]:
        return list(Suggestion.objects.values_list("key", "text", "kind", "n_texts", "other_texts", "example"))

    looked_through()
    first = rows()
    archive.piece("Nothing.", title="One more")
    clock.advance(timedelta(days=2))
    looked_through()

    assert rows() == first
