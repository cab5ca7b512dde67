"""One click takes a suggested name in or refuses it for good."""

from __future__ import annotations

import pytest

from isthmus.dossiers import actions
from isthmus.dossiers.actions import SuggestionDecided
from isthmus.dossiers.models import Subject, Suggestion
from tests.dossiers import archive

pytestmark = pytest.mark.django_db


def suggestion(text: str = "Orla Verin", *others: str) -> Suggestion:
    return Suggestion.objects.create(
        key=text.lower(), text=text, kind="person", other_texts=list(others), n_texts=7, example=f"{text} met Han."
    )


def test_a_suggestion_becomes_a_closed_subject_with_its_other_spellings(alice):
    made = actions.accept_as_subject(suggestion("Orla Verin", "O. Verin"), by=alice)

    assert set(made.aliases.values_list("text", flat=True)) == {"Orla Verin", "O. Verin"}
    assert (made.kind, made.is_open) == ("person", False)
    assert Suggestion.objects.get().decided_by == alice


def test_a_suggestion_becomes_an_alias_of_a_known_subject(alice):
    verin = archive.subject("Orla Verin")

    actions.accept_as_alias(suggestion("Madam Verin", "Orla Verin"), of=verin, by=alice)

    assert list(verin.aliases.values_list("text", flat=True)) == ["Madam Verin"]
    assert Subject.objects.count() == 1


def test_the_second_of_two_editors_is_told_that_it_was_decided(alice, bob):
    row = suggestion()
    actions.refuse_suggestion(row, by=bob)

    with pytest.raises(SuggestionDecided):
        actions.accept_as_subject(row, by=alice)

    assert not Subject.objects.exists()


def test_a_refusal_can_be_taken_back(alice):
    row = suggestion()
    actions.refuse_suggestion(row, by=alice)

    actions.propose_again(row)

    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("proposed", None)
