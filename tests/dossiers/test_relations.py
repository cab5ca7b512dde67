"""Who acts or speaks towards whom, and how it sounds; and what says nothing of the kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.dossiers.extract import sentence_around, sentence_starts
from isthmus.dossiers.extract.names import Matcher, Name
from isthmus.dossiers.extract.relations import Tones, deeds, shipped_tones
from isthmus.dossiers.extract.verbs import Form, forms_of

ORLA, HAN, LAND = 1, 2, 3
NAMES = (
    Name(ORLA, "Verin", is_person=True),
    Name(HAN, "Han", is_person=True),
    Name(LAND, "Korin"),
)
WHO = {ORLA: "Verin", HAN: "Han", LAND: "Korin"}
TONES = Tones(shipped_tones())
MATCHER = Matcher(NAMES)


def told(text: str) -> list[tuple[str, str, str, str]]:
    """Who does what to whom in the first sentence, and how it sounds."""
    starts = sentence_starts(text)
    place = sentence_around(text, starts, 0)
    named = [one for one in MATCHER.find(text, starts=starts, published_on=None) if one.end <= place[1]]
    return [(WHO[one.actor], one.verb, WHO[one.towards], one.tone) for one in deeds(text, place, named, TONES)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Verin praised Han.", ("Verin", "praise", "Han", "warm")),
        ("Verin has repeatedly thanked President Han in public.", ("Verin", "thank", "Han", "warm")),
        ("In May Verin publicly denounced Han as a fool.", ("Verin", "denounce", "Han", "cool")),
        ("Verin will meet with Korin Prime Minister Han.", None),
        ("Verin will meet with Prime Minister Han.", ("Verin", "meet with", "Han", "neutral")),
        ("Verin sent a long letter to Han.", ("Verin", "send", "Han", "neutral")),
        ("Verin imposed new sanctions on Korin.", ("Verin", "impose", "Korin", "cool")),
        ("Verin cancelled the summit with Han.", ("Verin", "cancel", "Han", "cool")),
        ("Verin, who met Han in June, left.", ("Verin", "meet", "Han", "neutral")),
        ("Verin threatened to attack Korin.", ("Verin", "threaten", "Korin", "cool")),
        ("Verin refused to meet Han.", ("Verin", "refuse", "Han", "cool")),
        ("Verin is threatening Han again.", ("Verin", "threaten", "Han", "cool")),
        ("Han was criticised by Verin in May.", ("Verin", "criticize", "Han", "cool")),
        ("Han had been invited personally by Verin.", ("Verin", "invite", "Han", "warm")),
        ("Verin, the harbour minister of the islands, praised Han.", ("Verin", "praise", "Han", "warm")),
        ("Verin continues to praise Han.", ("Verin", "praise", "Han", "warm")),
        ("Verin gave Han a letter.", ("Verin", "give", "Han", "neutral")),
        ("Verin held talks with Han in May.", ("Verin", "hold talks", "Han", "neutral")),
        ("Verin discussed Korin with Han.", ("Verin", "discuss", "Han", "neutral")),
        ("Verin reaffirmed a “close, warm friendship” with Han.", ("Verin", "reaffirm", "Han", "warm")),
        ("Verin accepted Han’s kind invitation.", ("Verin", "accept", "Han", "warm")),
        ("Verin condemned Korin’s latest missile tests.", ("Verin", "condemn", "Korin", "cool")),
        ("Some recall Verin’s speech in May taunting Han as a clerk.", ("Verin", "taunt", "Han", "cool")),
        ("Verin threatened that he would send Korin a fleet.", ("Verin", "threaten", "Korin", "cool")),
        ("Verin sent word to Han asking for talks.", ("Verin", "send", "Han", "neutral")),
    ],
)
def test_plain_sentence_says_who_does_what_to_whom(text: str, expected: tuple[str, ...] | None):
    assert told(text) == ([expected] if expected else [])


@pytest.mark.parametrize(
    "text",
    [
        "Verin met Han’s sister.",
        "Verin met Han aides.",
        "Verin’s envoy praised Han.",
        "The envoy to Verin thanked Han.",
        "Verin criticized the visit to Han.",
        "Verin denied that Han had left.",
        "Verin smiled, and somebody praised Han.",
        "Verin was praised for an attack on Han.",
        "Verin praised efforts against Korin.",
        "When Verin spoke Han left.",
        "Verin and Han.",
        "Verin thank Han.",
        "Did she hear how Verin praised Han?",
        "Verin asked aides to thank Han.",
        "Verin sent aides to thank Han.",
        "Verin denied Korin had tested anything.",
        "Verin feared Han would leave.",
        "Verin agreed not to attack Korin.",
        "Verin wanted to thank Han.",
        "Verin failed to thank Han.",
        "Verin praised Han’s sister’s courage.",
        "Verin, the minister said, praised Han.",
        "Verin’s speech praised nobody, insulting Han.",
        "Verin discussed Korin.",
    ],
)
def test_sentence_that_is_not_plain_says_nothing(text: str):
    assert told(text) == []


def test_two_who_meet_meet_each_other():
    assert told("Verin and Chairman Han met in Korin.") == [
        ("Verin", "meet", "Han", "neutral"), ("Han", "meet", "Verin", "neutral")
    ]  # fmt: skip


def test_several_act_and_several_are_reached():
    assert told("Verin and Han thanked Korin.") == [
        ("Verin", "thank", "Korin", "warm"),
        ("Han", "thank", "Korin", "warm"),
    ]
    assert told("Korin welcomed Verin and Mr. Han on Monday.") == [
        ("Korin", "welcome", "Verin", "warm"), ("Korin", "welcome", "Han", "warm")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("Verin did not thank Han.", "cool"),
        ("Verin never trusted Han.", "cool"),
        ("Verin didn’t criticize Han.", "neutral"),
        ("Verin did not praise Han.", "neutral"),
        ("Verin did not meet Han.", "neutral"),
        ("Neither side nor Verin praised Han.", "neutral"),
        ("Verin did not agree to meet Han.", "cool"),
    ],
)
def test_not_turns_a_verb_or_takes_its_tone(text: str, tone: str):
    assert [found[3] for found in told(text)] == [tone]


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("Verin agreed to attack Korin.", "cool"),
        ("Verin promised to help Han.", "warm"),
        ("Verin declined to meet Han.", "cool"),
        ("Verin refused to blame Han.", "neutral"),
    ],
)
def test_verb_that_leads_to_another_sounds_as_both_do(text: str, tone: str):
    assert [found[3] for found in told(text)] == [tone]


def test_subject_of_two_verbs_does_both():
    assert told("Verin met Han and thanked Korin.") == [
        ("Verin", "meet", "Han", "neutral"), ("Verin", "thank", "Korin", "warm")
    ]  # fmt: skip
    assert told("Verin met Han and visits to Korin followed.") == [("Verin", "meet", "Han", "neutral")]


def test_words_in_quotation_marks_are_marked():
    for text, is_quoted in (("“Verin praised Han,” he said.", True), ("“Well.” Verin praised Han.", False)):
        starts = sentence_starts(text)
        named = MATCHER.find(text, starts=starts, published_on=None)
        found = deeds(text, (0, len(text)), named, TONES)
        assert [one.is_quoted for one in found] == [is_quoted]


def test_word_of_the_editors_goes_before_the_shipped_one():
    assert Tones({**shipped_tones(), "praise": "cool"}).tone("praise", is_negated=False) == "cool"


@pytest.mark.parametrize(
    ("verb", "past", "going_on"),
    [("meet", "met", "meeting"), ("praise", "praised", "praising"), ("ban", "banned", "banning"),
     ("decry", "decried", "decrying"), ("lie", "lied", "lying"), ("free", "freed", "freeing"),
     ("fight", "fought", "fighting")],
)  # fmt: skip
def test_verbs_have_their_forms(verb: str, past: str, going_on: str):
    forms = forms_of(verb)

    assert Form.PAST in forms[past]
    assert Form.GOING_ON in forms[going_on]


def test_every_shipped_word_has_one_tone_and_two_hundred_and_fifty_there_are():
    assert len(shipped_tones()) >= 250


@given(
    st.lists(st.sampled_from(["Verin", "Han", "Korin", "met", "by", "was", "not", "to", ",", "and", "“", "praised"]))
)
def test_nobody_acts_towards_himself_and_every_verb_stands_there(words: list[str]):
    text = " ".join(words)
    place = sentence_around(text, [0], 0)
    named = MATCHER.find(text, starts=[0], published_on=None)

    for one in deeds(text, place, named, TONES):
        assert one.actor != one.towards
        assert text[one.start : one.end] in ("met", "praised")
        assert (one.actor_quote, one.towards_quote) == (WHO[one.actor], WHO[one.towards])
