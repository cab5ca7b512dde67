import pytest

from isthmus.publications import actions
from isthmus.publications.models import Publication
from isthmus.search.keeper import Keeper
from isthmus.search.language import parse
from isthmus.search.queries import search
from isthmus.search.shelf import shelf
from isthmus.search.spelling import corrected, missing, named, without
from tests import makers
from tests.search.notes import tariff_notes


@pytest.fixture
def archive(keeper: Keeper) -> Keeper:
    """Six pieces on tariffs, one on sanctions."""
    tariff_notes(6)
    makers.released("Sanctions", text="<p>Sanctions on the Zürich negotiations, by Haddadin.</p>")
    keeper.tick()
    return keeper


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sanctons", "sanctions"),
        ("snactions", "sanctions"),
        ("sanctionns", "sanctions"),
        ("asnctions", "sanctions"),
        ("negotations", "negotiations"),
        ("Hadadin", "haddadin"),
        ("cordial tarif", "cordial tariff"),
        ("ZURICG", "zurich"),
    ],
)
def test_the_nearest_word_is_offered(archive: Keeper, typed: str, meant: str):
    found = corrected(parse(typed), shelf().current())

    assert (found.text if found else typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["sanctions", "xyzzyxyzzy", "tar", '"sanctons"', "-sanctons", "정책연구", "12345", "", "?!", "title:sanctons"],
)
def test_known_words_far_words_and_questions_with_signs_are_left_alone(archive: Keeper, typed: str):
    assert corrected(parse(typed), shelf().current()) is None


def test_the_rest_of_the_question_stays_as_it_was_typed(archive: Keeper):
    found = corrected(parse("The  Sanctons, of Zürich"), shelf().current())

    assert found is not None
    assert found.text == "The  sanctions, of Zürich"
    assert found.fixed == (("sanctons", "sanctions"),)


def test_an_offer_was_searched_and_says_how_many_it_locates(archive: Keeper):
    offer = search("sanctons").offer

    assert offer is not None
    assert (offer.text, offer.total) == ("sanctions", search("sanctions").total) == ("sanctions", 1)


def test_a_word_that_leads_to_nothing_is_not_offered(archive: Keeper):
    assert search("sanctons", chosen={"year": ("1999",)}).offer is None


def test_a_withdrawn_word_is_not_offered_while_the_index_still_has_it(archive: Keeper):
    actions.withdraw(Publication.objects.get(title="Sanctions"))

    assert search("sanctons").offer is None


def test_missing_words_are_named_as_they_were_typed(archive: Keeper):
    found = search("Cordial XYZZY tariffs")

    assert found.total == 0
    assert found.missing == ("XYZZY",)
    assert [(way.label, way.n) for way in found.wider] == [("Only “Cordial tariffs”", 6)]
    assert missing(parse("tariff"), shelf().current()) == []


def test_words_that_stand_apart_are_offered_one_by_one(archive: Keeper):
    found = search("cordial sanctions")

    assert found.missing == ()
    assert {(way.label, way.n) for way in found.wider} == {("Without “cordial”", 1), ("Without “sanctions”", 6)}


def test_whatever_was_typed_can_be_left_out_where_that_helps(archive: Keeper):
    ways_from = {
        '"sanctions tariffs"': set(),
        '"cordial sanctions" zürich': {('Without "cordial sanctions"', 1)},
        '"negotiations zürich" sanctions': {("Without quotation marks", 1), ('Without "negotiations zürich"', 1)},
        "title:tariffs sanctions": {("Without “title:tariffs”", 1), ("Without “sanctions”", 6)},
        "tariff -cordial": {("Without “tariff”", 1), ("Without “-cordial”", 6)},
        "(tariff OR quota) sanctions": set(),
    }

    for typed, ways in ways_from.items():
        assert {(way.label, way.n) for way in search(typed).wider} == ways, typed
    assert named("1.5,") == "“1.5”"


def test_nothing_with_what_is_chosen_says_what_helps(archive: Keeper):
    found = search("cordial", chosen={"year": ("1999",), "kind": ("post",)})

    assert {(way.label, way.n) for way in found.wider} == {("Everywhere, with nothing chosen", 6), ("Not only 1999", 6)}


def test_without_takes_words_out_of_a_question():
    assert without("The Sanctons, of Zürich", ["sanctons"]) == "The of Zürich"
    assert without("knd:Sanctons Zürich", ["sanctons"]) == "Zürich"
    assert without("a b", ["a", "b"]) == ""


def test_a_word_that_is_new_in_the_index_is_offered_at_once(archive: Keeper):
    assert corrected(parse("phytosanitray"), shelf().current()) is None

    makers.released("Phytosanitary rules")
    archive.tick()

    found = corrected(parse("phytosanitray"), shelf().current())
    assert found is not None
    assert found.text == "phytosanitary"
