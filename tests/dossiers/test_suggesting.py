"""Names are found in a text without a vocabulary, and what is no name is not."""

from __future__ import annotations

import pytest

from isthmus.dossiers.extract import sentence_starts
from isthmus.dossiers.extract.suggesting import names_in


def found(text: str) -> dict[str, set[str]]:
    return {one.text: set(one.kinds) for one in names_in(text, sentence_starts(text))}


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Last week Orla Verin said that it was late.", "Orla Verin", "person"),
        ("They met Senator Hollis Quayle in June.", "Hollis Quayle", "person"),
        ("We wrote to the Ministry of Trade and Fisheries.", "Ministry of Trade and Fisheries", "organisation"),
        ("Nobody signed the Korin Accord.", "Korin Accord", "thing"),
        ("It was cold at Korin that year.", "Korin", "place"),
        ("They came from the Merrow States in winter.", "Merrow States", "place"),
    ],
)
def test_a_name_is_found_with_what_speaks_for_its_kind(text: str, name: str, kind: str):
    assert kind in found(text)[name]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Nobody came. However, many wrote.", []),
        ("Talks Resume As Harbours Open\nIt was quiet.", []),
        ("THE HARBOUR IS CLOSED", []),
        ("We saw Orla Verin and Han Sol-bi there.", ["Orla Verin", "Han Sol-bi"]),
        ("They came to the Korin Ferry on November 3.", ["Korin Ferry"]),
        ("Some said that Minister Quayle was late.", []),
    ],
)
def test_sentences_headlines_and_lists_make_no_names(text: str, names: list[str]):
    assert [name for name in found(text) if " " in name] == names


def test_initials_in_brackets_are_kept_with_the_name():
    text = "She leads the Agency for Merrow Culture (AMC) today."

    [one] = [one for one in names_in(text, sentence_starts(text)) if one.short]
    assert (one.text, one.short) == ("Agency for Merrow Culture", "AMC")


def test_a_word_that_is_also_written_small_is_marked():
    text = "We like Harbour talks. The harbour was open, and Harbour rules held."

    assert any(one.is_small for one in names_in(text, sentence_starts(text)) if one.text.startswith("Harbour"))
