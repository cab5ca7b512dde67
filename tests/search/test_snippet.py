import time
from html import unescape
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from isthmus.search.engines import tantivy_schema
from isthmus.search.engines.fake import Disk, FakeEngine
from isthmus.search.fields import ATTACHED_MARK
from isthmus.search.language import parse
from isthmus.search.query import Query, Word
from isthmus.search.snippet import MAX_CHARS, Snippet, snippet

FORMS = FakeEngine(Disk()).forms
ENGLISH = tantivy_schema.stems


def shown(question: str, *passages: str) -> Snippet:
    return snippet("\n".join(passages), parse(question), FORMS)


def test_passage_with_most_of_the_question_is_taken():
    assert shown("trade tariff", "Trade only.", "A tariff on trade.", "Tariff only.").text == "A tariff on trade."


def test_other_forms_of_a_word_are_marked():
    assert shown("policy", "Many policies.").html == "Many <mark>policies</mark>."


def test_html_in_a_text_is_shown_and_not_run():
    assert shown("bold", "<b>bold</b> & 'so'").html == "&lt;b&gt;<mark>bold</mark>&lt;/b&gt; &amp; &#x27;so&#x27;"


def test_syllables_of_a_word_are_one_mark_and_stand_together():
    assert shown("정책", "책정된 정책연구원").html == "책정된 <mark>정책</mark>연구원"


def test_phrase_is_marked_only_where_it_is_one():
    assert shown('"sea of japan"', "The sea. The Sea of Japan.").html == "The sea. The <mark>Sea of Japan</mark>."


def test_name_is_marked_however_it_is_written():
    assert shown("Jongun", "Rice.", "Kim Jong-un.").html == "Kim <mark>Jong-un</mark>."
    assert shown("Jong-un", "Kim Jongun’s.").html == "Kim <mark>Jongun’s</mark>."
    assert shown("zurich", "In Zürich.").html == "In <mark>Zürich</mark>."
    assert shown("us", "The U.S. said.").html == "The <mark>U.S.</mark> said."
    assert shown("1.5", "In 15 or 1.5 years.").html == "In 15 or <mark>1.5</mark> years."


def test_word_is_marked_where_its_stem_ends_otherwise():
    assert snippet("I am hoping.", parse("hope"), ENGLISH).html == "I am <mark>hoping</mark>."
    assert (
        snippet("The police. Our policies.", parse("policy"), ENGLISH).html == "The police. Our <mark>policies</mark>."
    )


def test_name_in_parts_is_marked_beside_words_that_are_whole():
    assert shown("OBrien rice", "Rice of O’Brien’s.").html == "<mark>Rice</mark> of <mark>O’Brien’s</mark>."
    assert shown("us rice", "The U.S. eats rice; we use it.").html.startswith("The <mark>U.S.</mark> eats <mark>rice")
    assert shown("ive", "Now I’ve rice, give or take.").html == "Now <mark>I’ve</mark> rice, give or take."


def test_phrase_is_marked_with_and_without_its_accents():
    assert shown('"sao paulo"', "In São Paulo.").html == "In <mark>São Paulo</mark>."
    assert shown('"são paulo"', "In Sao Paulo’s port.").html == "In <mark>Sao Paulo’s</mark> port."
    assert shown("zur*", "In Zürich.").html == "In <mark>Zürich</mark>."


def test_words_that_stand_together_are_shown_rather_than_far_apart():
    apart = f"Rice is dear. {'It is so. ' * 60} A tariff fell."
    together = f"{'Nothing here. ' * 40} A tariff on rice."

    assert shown("rice tariff", apart, together).html.endswith("<mark>tariff</mark> on <mark>rice</mark>.")


def test_words_late_in_a_long_text_are_found():
    late = "\n".join(["Rice was dear that year."] * 2_000 + ["The telluroscope counted rice."])

    assert shown("telluroscope rice", late).text == "The telluroscope counted rice."


def test_beginning_is_shown_where_nothing_matches():
    assert shown("absent", "", "The first words.", "More.").html == "The first words."


def test_long_passage_is_cut_between_words_around_the_match():
    passage = "before " * 100 + "needle " + "after " * 100

    cut = shown("needle", passage)

    assert cut.text.startswith("…before")
    assert cut.text.endswith("after…")
    assert "<mark>needle</mark>" in cut.html
    assert len(cut.text) <= MAX_CHARS + 2


def test_fragment_tells_a_passage_from_one_before_it_that_begins_alike():
    opening = "QUESTION: Thank you, Mr. Secretary, for the time. "
    first = opening + "Will you meet the Minister of Fisheries, who waits outside, this very week?"
    second = opening + "Will you meet the pilots of the harbour on Monday, or must they wait again?"
    page = f"{first}\n{second}"

    start, end = map(unquote, shown("pilots", first, second).fragment.removeprefix(":~:text=").split(","))

    assert page.index(start) == page.index(second)
    assert page.index(end, page.index(start)) + len(end) == len(page)
    assert len(start) > len(unquote(shown("fisheries", first, second).fragment.split(",")[0]))


def test_fragment_lands_on_the_words_and_escapes_what_has_a_meaning():
    assert shown("x", "x-ray, a & b").fragment == ":~:text=x%2Dray%2C%20a%20%26%20b"
    assert (
        shown("n5", " ".join(f"n{i}" for i in range(20))).fragment
        == ":~:text=n0%20n1%20n2%20n3%20n4,n15%20n16%20n17%20n18%20n19"
    )


def test_nothing_to_show_is_shown_as_nothing():
    assert shown("x") == Snippet("", "", "")


@given(st.lists(st.text(max_size=400), max_size=5), st.text(max_size=40))
def test_marks_change_no_letter_and_the_length_is_bounded(passages: list[str], question: str):
    found = snippet("\n".join(passages), parse(question), FORMS)

    # A text may itself say <mark>: there it is escaped, so what is left after taking ours out is only escaped text.
    assert unescape(found.html.replace("<mark>", "").replace("</mark>", "")) == found.text
    assert len(found.text) <= MAX_CHARS + 2
    assert found.html.count("<mark>") == found.html.count("</mark>")


def test_passage_of_a_file_says_so_and_promises_no_place_on_the_page():
    cut = shown("lamp", "On the page.", f"{ATTACHED_MARK}The lamp & <the> pier.")

    assert cut.text == "In the attached file: The lamp & <the> pier."
    assert cut.html == "In the attached file: The <mark>lamp</mark> &amp; &lt;the&gt; pier."
    assert cut.fragment == ""


def test_passage_of_the_page_wins_over_an_equal_one_of_the_file():
    assert shown("lamp", "The lamp.", f"{ATTACHED_MARK}A lamp, a lamp, a lamp.").text == "The lamp."


def test_passage_of_the_file_wins_with_more_of_the_question():
    assert shown("lamp pier", "The lamp.", f"{ATTACHED_MARK}A lamp on a pier.").text.endswith("A lamp on a pier.")


def test_piece_that_is_a_file_alone_begins_with_the_file():
    assert shown("absent", f"{ATTACHED_MARK}The annals.") == Snippet(
        "In the attached file: The annals.", "In the attached file: The annals.", ""
    )


def test_word_typed_a_thousand_times_costs_no_more_than_once():
    text = "\n".join(["korea " * 2000] * 20)

    began = time.process_time()
    snippet(text, Query("korea", None, (Word("korea"),) * 500), list)

    # Measured at 90 ms; each time counted and compared with each other took minutes.
    assert time.process_time() - began < 2
