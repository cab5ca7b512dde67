"""A followed search has one way of being written, and finds in a new piece what its page of results would find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from isthmus.search import queries, saved
from isthmus.search.engine import Engine
from isthmus.search.engines.fake import Disk, FakeEngine
from isthmus.search.engines.tantivy import TantivyEngine
from isthmus.search.models import SynonymSet
from tests import makers
from tests.contracts.documents import document

pytestmark = pytest.mark.django_db

ENGINES = {"tantivy": lambda: TantivyEngine.create(None), "fake": lambda: FakeEngine(Disk())}


@pytest.fixture(params=ENGINES)
def make(request: Any) -> Callable[[], Engine]:
    """How an empty engine in memory is made."""
    return ENGINES[request.param]


def _q(typed: str, **chosen: str) -> str:
    return saved.canonical(urlencode({"q": typed, **chosen}))


def test_order_page_and_space_make_no_other_search():
    plain = saved.canonical("q=sanctions+2017&kind=post&kind=paper&series=the-peninsula")

    assert plain == saved.canonical(
        "?page=7&series=the-peninsula&sort=newest&kind=paper&q=++sanctions%20%20 2017&kind=post&kind=post&utm=x"
    )
    assert saved.canonical(plain) == plain


@hypothesis_settings(max_examples=150)
@given(st.text(max_size=80), st.lists(st.text(max_size=12), max_size=3), st.lists(st.text(max_size=12), max_size=3))
def test_whatever_is_typed_is_kept_in_one_way_or_refused(typed: str, kinds: list[str], authors: list[str]):
    try:
        written = saved.canonical(
            urlencode({"q": typed, "kind": kinds, "author": authors}, doseq=True, errors="replace")
        )
    except saved.QuestionInvalid:
        return

    assert written.isascii()
    assert len(written) <= saved.MAX_CHARS
    assert saved.canonical(written) == written
    assert saved.in_words(written).isprintable()


@pytest.mark.parametrize(
    ("query_string", "said"),
    [
        ("", "empty search"),
        ("q=", "empty search"),
        ("page=2&sort=newest", "empty search"),
        ("q=+++", "empty search"),
        ("q=???", "no word"),
        ("q=" + "x+" * 400, "too long"),
        ("&".join(f"author={'y' * 180}{n}" for n in range(39)), "too long"),
        ("&".join(f"q{n}=1" for n in range(500)), "no address of a search"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_a_sentence(query_string: str, said: str):
    with pytest.raises(saved.QuestionInvalid, match=said):
        saved.canonical(query_string)


def test_a_search_is_named_in_words():
    makers.released(series=makers.series(), people=(makers.person(),), categories=(makers.category(),))

    written = saved.canonical(
        "q=sanctions&series=the-peninsula&author=robert-king&year=2019&year=2018&category.region=north-korea"
    )

    assert saved.in_words(written) == "“sanctions”, The Peninsula, Robert King, 2018 or 2019, North Korea"


def test_a_search_with_quotation_marks_gets_no_more_of_them():
    assert saved.in_words(_q('"third summit" -ferry')) == '"third summit" -ferry'


def test_a_name_that_is_not_public_is_not_told():
    makers.series("Secret plans", is_public=False)

    assert saved.in_words(saved.canonical("q=x&series=secret-plans")) == "“x”, secret-plans"


def test_words_phrases_and_filters_match_as_they_locate(make):
    piece = document(
        17, "Sanctions on the DPRK", "North Korea answers with a missile.\nTrade stops at the pier.",
        kind="post", series_slug="the-peninsula", series_title="The Peninsula",
    )  # fmt: skip
    answered = {
        _q("sanction"), _q("missiles trade"), _q('"North Korea"'), _q("dprk"),
        _q("sanctions", kind="post"), saved.canonical("series=the-peninsula&kind=paper&kind=post"),
    }  # fmt: skip
    others = {
        _q("ferry"), _q('"Korea North"'), _q("sanctions ferry"), _q("sanctions", kind="paper"),
        _q("sanctions", series="other"), saved.canonical("year=2011"),
    }  # fmt: skip

    assert saved.matching(piece, answered | others, make=make) == answered


def test_operators_match_as_they_locate(make):
    piece = document(17, "Sanctions on the DPRK", "North Korea answers with a missile.", by="Robert King", kind="post")
    answered = {
        _q("korea -ferry"), _q("ferry OR missile"), _q("title:dprk"), _q("author:king"), _q("kind:post sanct*"),
        _q("after:2020 (ferry OR korea)"), _q("-ferry"),
    }  # fmt: skip
    others = {
        _q("korea -missile"), _q("ferry OR pier"), _q("title:missile"), _q("author:seo"), _q("year:2011 korea"),
        _q("-korea"), _q("ferr*"),
    }  # fmt: skip

    assert saved.matching(piece, answered | others, make=make) == answered


def test_a_piece_that_only_comes_close_is_no_match(make):
    piece = document(17, "Ferry timetable", "The ferry leaves at nine.")

    assert saved.matching(piece, {_q("ferry sanctions")}, make=make) == set()


def test_several_pieces_are_matched_in_one_go(make):
    pieces = [document(1, "Ferry"), document(2, "Sanctions"), document(3, "Ferry and sanctions")]

    found = saved.matches(pieces, [_q("ferry"), _q("sanctions"), _q("cables")], make=make)

    assert found == {_q("ferry"): [1, 3], _q("sanctions"): [2, 3]}


def test_synonyms_hold_for_followed_searches_too(make):
    SynonymSet.objects.create(terms="DPRK, North Korea")

    assert saved.matching(document(1, "Talks with North Korea"), {_q("DPRK")}, make=make) == {_q("DPRK")}


def test_one_search_that_cannot_be_run_keeps_no_other_from_being_matched(make, monkeypatch, caplog):
    read, questions = queries.question, {_q("broken"), _q("ferry")}

    def breaking(typed: str, *kept: Any) -> Any:
        if typed == "broken":
            raise RuntimeError("no")
        return read(typed, *kept)

    monkeypatch.setattr(queries, "question", breaking)

    assert saved.matching(document(1, "Ferry"), questions, make=make) == questions - {"q=broken"}
    assert "could not be matched" in caplog.text


def test_nothing_followed_costs_nothing(monkeypatch):
    assert saved.matching(document(1, "Ferry"), (), make=lambda: pytest.fail("an index was made")) == set()


_WORDS = ("ferry", "ferries", "pier", "sanctions", "korea", "north", "jong-un", "zürich")


@pytest.mark.slow
@hypothesis_settings(max_examples=60)
@given(
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=6),
    st.lists(st.lists(st.sampled_from([*_WORDS, '"north korea"', "-pier", "OR"]), min_size=1, max_size=4), max_size=8),
)
def test_alone_in_memory_or_among_others_a_piece_is_located_by_the_same_questions(
    body: list[str], typed: list[list[str]]
):
    piece = document(7, "A title", " ".join(body))
    questions = set()
    for words in typed:
        try:
            questions.add(_q(" ".join(words)))
        except saved.QuestionInvalid:
            continue
    engine = TantivyEngine.create(None)
    engine.apply([piece, *(document(number, word, word * 2) for number, word in enumerate(_WORDS, 20))], (), seq=1)

    found = saved.matching(piece, questions)

    reader = saved._Reader()
    asked = {written: reader.read(written)[1] for written in questions}
    located = {w for w, query in asked.items() if 7 in {hit.id for hit in engine.search(query, limit=20).hits}}
    assert found == located
