"""Who is meant by a name, and by a family name alone; and who is not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.dossiers.extract import sentence_starts
from isthmus.dossiers.extract.family_names import family_name
from isthmus.dossiers.extract.names import Dated, Matcher, Name, Office, changed_ways, holds_any
from isthmus.dossiers.extract.written import ways_to_write, written

ORLA, HAN, TESSA, YOUNG_HAN, LAND, NORTH = 1, 2, 3, 4, 5, 6
PEOPLE = (
    Name(ORLA, "Orla Verin", is_person=True),
    Name(HAN, "Han Sol-bi", is_person=True),
    Name(TESSA, "Tessa O’Dell", is_person=True),
    Name(LAND, "U.S."),
    Name(NORTH, "the North"),
)


def named(text: str, *names: Name | Office, **given: object) -> list[tuple[str, int, bool]]:
    """What the text names: the words, the subject, whether it is sure."""
    found = matcher(*names).find(text, starts=sentence_starts(text), **{"published_on": date(2020, 5, 1), **given})
    return [(text[one.start : one.end], one.subject, one.is_sure) for one in found]


def matcher(*names: Name | Office) -> Matcher:
    chosen = names or PEOPLE
    return Matcher(
        [name for name in chosen if isinstance(name, Name)], [name for name in chosen if isinstance(name, Office)]
    )


@pytest.mark.parametrize(
    "way", ["Han Sol-bi", "Han Sol Bi", "Han Sol‑bi", "Han\u00a0Sol-Bi", "HAN SOL-BI", "Han Solbi"]
)
def test_name_is_found_in_every_way_of_writing_it(way: str):
    assert named(f"Then {way} spoke.") == [(way, HAN, True)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Orla Verin’s plan", "Orla Verin"),
        ("the Orla Verin-led talks", "Orla Verin"),
        ("Tessa O'Dell left", "Tessa O'Dell"),
        ("a US-made pump", "US"),
        ("in the U.S. The", "U.S."),
    ],
)
def test_possessive_and_hyphen_end_a_word(text: str, words: str):
    assert [found[0] for found in named(text)] == [words]


@pytest.mark.parametrize("text", ["Orla Verinson", "orla verin", "BUSY", "us all", "Mail orla@U.S.example", "U.S.S.R."])
def test_part_of_a_word_and_other_case_are_no_name(text: str):
    assert named(text) == []


def test_longest_name_wins():
    names = (Name(1, "Korin Bay"), Name(2, "Korin Bay Council"))

    assert [found[1] for found in named("The Korin Bay Council met at Korin Bay.", *names)] == [2, 1]


def test_family_name_alone_is_found_only_behind_the_full_name():
    text = "Verin was tired. Orla Verin met Han Sol-bi, and Verin thanked Han."

    assert named(text) == [
        ("Orla Verin", ORLA, True), ("Han Sol-bi", HAN, True), ("Verin", ORLA, True), ("Han", HAN, True)
    ]  # fmt: skip


def test_full_name_in_the_title_counts_as_read_before():
    assert named("Verin went home.", lead="Orla Verin Comes Back") == [("Verin", ORLA, True)]


@pytest.mark.parametrize(
    "stranger", ["Piet Verin", "Verin Airport", "Orla Verin Jr.", "Dr. Max Verin", "the Verin Foundation"]
)
def test_family_name_in_another_name_is_somebody_else(stranger: str):
    found = named(f"Orla Verin came. Later {stranger} was there.")

    assert found == [("Orla Verin", ORLA, True)]


def test_name_that_begins_with_the_family_is_somebody_else():
    assert named("Han Sol-bi came. Han Dae-ro did not.") == [("Han Sol-bi", HAN, True)]


@pytest.mark.parametrize("before", ["President", "Mr.", "On Tuesday", "When", "O. "])
def test_title_day_or_initial_in_front_leaves_the_family_name(before: str):
    text = f"Orla Verin came. {before} Verin left."

    assert ("Verin", ORLA, True) in named(text)


def test_shared_family_name_is_asked_of_the_sentence_then_of_the_paragraph_else_unsure():
    names = (Name(HAN, "Han Sol-bi", is_person=True), Name(YOUNG_HAN, "Han Mi-ro", is_person=True))
    text = "Han Sol-bi met Han Mi-ro.\nHan left.\nHan Mi-ro stayed because Han wished it.\nHan Sol-bi wrote. Han slept."

    found = named(text, *names)

    assert [(subject, is_sure) for words, subject, is_sure in found if words == "Han"] == [
        (HAN, False), (YOUNG_HAN, False), (YOUNG_HAN, True), (HAN, True)
    ]  # fmt: skip


def test_stranger_of_the_same_family_takes_the_name_in_his_sentence():
    text = "Orla Verin came with Piet Verin, and Verin spoke.\nPiet Verin is a pilot, and Verin likes it."

    assert named(text) == [("Orla Verin", ORLA, True), ("Verin", ORLA, False)]


def test_alias_with_a_companion_needs_it_in_the_text():
    king = Name(1, "King", companions=("Robert", "envoy"))

    assert named("King spoke.", king) == []
    assert named("King spoke; the envoy was brief.", king) == [("King", 1, True)]


def test_ambiguous_alias_is_never_sure():
    assert named("Delta was there.", Name(1, "Delta", is_ambiguous=True)) == [("Delta", 1, False)]


def test_alias_of_two_subjects_means_the_one_named_otherwise_before():
    names = (Name(1, "Council"), Name(2, "Council"), Name(2, "Council of Ports"))

    assert named("Council sat.", *names) == [("Council", 1, False), ("Council", 2, False)]
    assert named("The Council of Ports met. Council sat.", *names)[1:] == [("Council", 2, True)]


def test_article_belongs_to_the_name():
    assert [found[0] for found in named("North wind. The North answered the North Korin envoy.")] == ["The North"]


OFFICES = (
    Name(1, "Orla Verin", is_person=True),
    Name(2, "Lars Holm", is_person=True),
    Office(1, "Harbour Minister", date(2015, 1, 1), date(2019, 6, 30)),
    Office(2, "Harbour Minister", date(2019, 7, 1), None),
)


def test_office_is_held_by_whoever_held_it_when_the_text_was_written():
    text = "The Harbour Minister declined."

    assert named(text, *OFFICES) == [("Harbour Minister", 2, True)]
    assert named(text, *OFFICES, published_on=date(2016, 1, 1)) == [("Harbour Minister", 1, True)]
    assert named(text, *OFFICES, published_on=date(2014, 1, 1)) == []


def test_date_of_the_sentence_goes_before_that_of_the_text():
    text = "In 2016 the Harbour Minister declined. The Harbour Minister agreed."
    dated = [Dated(0, 38, date(2016, 1, 1), date(2017, 1, 1))]

    assert [found[1] for found in named(text, *OFFICES, dated=dated)] == [1, 2]


def test_office_in_a_year_of_two_holders_or_of_no_known_day_is_unsure():
    text = "The Harbour Minister declined."

    both = [("Harbour Minister", 1, False), ("Harbour Minister", 2, False)]
    assert named(text, *OFFICES, dated=[Dated(0, 30, date(2019, 1, 1), date(2020, 1, 1))]) == both
    assert named(text, *OFFICES, published_on=None) == both


@pytest.mark.parametrize(
    "text",
    [
        "Harbour Minister Ann Lee spoke.",
        "the Danish Harbour Minister spoke.",
        "the former Harbour Minister spoke.",
        "the Harbour Minister of Norway spoke.",
    ],
)
def test_office_of_somebody_else_is_nobodys(text: str):
    assert named(text, *OFFICES) == []


def test_office_and_family_name_say_who():
    found = named("Harbour Minister Verin met Harbour Minister Holm. Verin smiled.", *OFFICES)

    assert [(words, subject) for words, subject, _ in found] == [
        ("Harbour Minister Verin", 1), ("Harbour Minister Holm", 2), ("Verin", 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "family", "first"),
    [
        ("Kim Jong-un", "Kim", True), ("Xi Jinping", "Xi", True), ("Park Chung Hee", "Park", True),
        ("Wang Yi", "Wang", True), ("Shinzo Abe", "Abe", False), ("Young Kim", "Kim", False),
        ("Lee Hamilton", "Hamilton", False), ("Chris Van Hollen", "Van Hollen", False),
        ("Ursula von der Leyen", "von der Leyen", False), ("John Smith Jr.", "Smith", False),
        ("Jean-Marie Le Pen", "Le Pen", False),
    ],
)  # fmt: skip
def test_family_name_is_told_from_the_shape_of_the_name(name: str, family: str, first: bool):
    found = family_name(name)

    assert found is not None
    assert (found.text, found.comes_first) == (family, first)


def test_changed_vocabulary_says_by_which_words():
    before, after = [*PEOPLE], [*PEOPLE[1:], Name(ORLA, "Orla Verin", is_person=True, is_ambiguous=True)]

    assert changed_ways(before, after) == {"Orla Verin", "ORLA VERIN", "Verin"}
    assert holds_any(changed_ways(before, after))("So said Orla Verin.")
    assert not holds_any(changed_ways(before, after))("So said Han Sol-bi.")
    assert not holds_any(changed_ways(before, before))("Anything.")


@given(st.text(max_size=300))
def test_written_keeps_every_place(text: str):
    assert len(written(text)) == len(text)


@given(
    st.lists(st.sampled_from(["Orla Verin", "Verin", "Han", "Sol-bi", "U.S.", ".", "\n", "the North", "Jr", "\u00a0"]))
)
def test_every_name_found_stands_where_it_is_said_to_stand(words: list[str]):
    text = " ".join(words)
    ways = {way for name in PEOPLE for way in ways_to_write(name.text, is_person=name.is_person)} | {"Verin", "Han"}

    found = named(text)

    assert {written(quote) for quote, _, _ in found} <= ways
    assert found == named(text)
