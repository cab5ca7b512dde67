import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from isthmus.search.language import MAX_CHARS, MAX_DEPTH, MAX_OPERATORS, MAX_WORDS, n_required, parse, quoted
from isthmus.search.query import Group, In, Node, Not, Phrase, Prefix, Query, Word, nodes_within

SIGNS = 'ab" -(),“”’.정책1 \x00\ud800*:|'
PARTS = st.sampled_from(
    ["korea", "OR", "(", ")", "-", '"', " ", "title:", "year:2019", "author:Kim", "year:soon", "*", "Jong-un", "the",
     "정책", "NOT", "foo:bar", "before:2019-06", "￼", "-(", '-"', ") OR (", "b", "：", "1.5", "lang:", "'", "\u202e"]
)  # fmt: skip
TYPED = st.one_of(
    st.text(max_size=200), st.text(alphabet=SIGNS, max_size=300), st.lists(PARTS, max_size=80).map(" ".join),
    st.lists(PARTS, max_size=80).map("".join),
)  # fmt: skip


def words(query: Query) -> list[str]:
    return [clause.token for clause in query.clauses if isinstance(clause, Word)]


def seen(node: Node | None) -> object:
    """The tree as short as can be: words as strings, all of a group as a set, one of it as a list."""
    match node:
        case Word(token):
            return token
        case Phrase(tokens):
            return " ".join(tokens)
        case Prefix(start):
            return f"{start}*"
        case Not(inner):
            return ("not", seen(inner))
        case In(field, text):
            return f"{field}:{seen(text)}"
        case Group(nodes, n):
            inside = [seen(inner) for inner in nodes]
            return frozenset(inside) if n == len(nodes) else tuple(inside) if n == 1 else (n, *inside)
        case _:
            return node


def asked(question: str) -> object:
    return seen(parse(question).found_by)


def all_of(*parts: object) -> frozenset[object]:
    return frozenset(parts)


def test_words_are_all_required():
    query = parse("trade policy")

    assert words(query) == ["trade", "policy"]
    assert seen(query.found_by) == all_of("trade", "policy")
    assert (query.notes, query.is_plain, query.is_empty) == ((), True, False)


def test_quotation_marks_of_every_kind_make_a_phrase():
    for question in ('"sea of japan"', "“Sea of Japan”", "«Sea of Japan»", "„Sea of Japan“", "＂Sea of Japan＂"):
        assert parse(question).found_by == Phrase(("sea", "of", "japan"))
        assert not parse(question).is_plain


def test_words_and_phrases_mix_and_keep_their_order_for_ranking():
    query = parse('north "working talks" korea')

    assert query.clauses == (Word("north"), Phrase(("working", "talks")), Word("korea"))
    assert seen(query.found_by) == all_of("north", "korea", "working talks")


def test_mark_that_is_never_closed_is_no_phrase_and_it_is_said():
    query = parse('summit "working talks')

    assert words(query) == ["summit", "working", "talks"]
    assert "quotation mark" in query.notes[0]


def test_hyphen_keeps_words_together_or_lets_them_stand_in_one():
    query = parse("Jong-un")

    assert query.clauses == (query.found_by,) == (Phrase(("jong", "un"), joined="jongun"),)
    assert parse('"Jong-un"').found_by == query.found_by
    assert query.is_plain


def test_neighbours_may_stand_in_one():
    assert parse("jong un").clauses == (Word("jong", ("jongun",)), Word("un", ("jongun",)))
    assert parse("jong -x un").clauses == (Word("jong"), Word("un"))


@pytest.mark.parametrize(
    ("typed", "clause"),
    [
        ("O’Brien's", Word("obrien")), ("U.S.", Word("us")), ("COVID-19", Phrase(("covid", "19"), "covid19")),
        ("정책", Phrase(("정", "책"))), ("1.5", Word("1ꞏ5")), ("Kim\u00a0", Word("kim")),
    ],
)  # fmt: skip
def test_names_and_numbers_survive(typed: str, clause: Word | Phrase):
    assert parse(typed).clauses == (clause,)


def test_stop_words_are_left_out_beside_others_and_asked_alone():
    assert words(parse("the rise of the city")) == ["rise", "city"]
    assert words(parse("what is it")) == ["what", "is", "it"]
    assert asked("the -korea") == all_of("the", ("not", "korea"))


def test_or_holds_together_only_what_stands_at_its_sides():
    assert asked("trade tariff OR quota OR levy japan") == all_of("trade", "japan", ("tariff", "quota", "levy"))
    assert asked('north "sea of japan" OR (trade policy)') == all_of(
        "north", ("sea of japan", all_of("trade", "policy"))
    )


def test_small_or_is_a_word_and_so_is_one_in_a_sentence_of_capitals():
    assert asked("trade or quota") == all_of("trade", "quota")
    assert asked("TRADE OR QUOTA") == ("trade", "quota")
    assert parse("INFORMATION ON LIBRARIES OR ARCHIVES FOR ANY ETHNIC GROUPS IN CITIES").is_plain


def test_or_without_two_sides_is_a_word_and_it_is_said():
    for question in ("OR korea", "korea OR", "(korea OR)"):
        assert asked(question) == "korea"
        assert "OR was searched as a word" in parse(question).notes[0]
    assert asked("OR") == "or"


def test_brackets_group_and_change_nothing_around_plain_words():
    assert asked("korea (tariff OR quota)") == all_of("korea", ("tariff", "quota"))
    assert parse("korea (trade (policy))").found_by == parse("korea trade policy").found_by
    assert parse("korea (trade)").is_plain


def test_bracket_without_a_partner_is_left_out_and_it_is_said():
    for question in ("(korea japan", "korea) japan", "korea japan("):
        assert asked(question) == all_of("korea", "japan")
        assert parse(question).notes == ("A bracket without a partner was left out.",)


def test_minus_leaves_out_a_word_a_phrase_a_bracket_or_what_a_keyword_finds():
    question = 'korea -japan -"south sea" -(tariff OR quota) -title:talks'
    excluded = [("not", part) for part in ("japan", "south sea", ("tariff", "quota"), "title:talks")]

    assert asked(question) == all_of("korea", *excluded)
    assert words(parse(question)) == ["korea"]


def test_minus_inside_a_word_or_between_spaces_is_none():
    for question in ("north - korea", "north – korea", "north--korea", "korea --north", '"north"-korea'):
        assert not any(isinstance(node, Not) for node in nodes_within(parse(question).found_by or Word("none")))
    assert "minus" in parse("korea -").notes[0]


def test_question_that_only_leaves_out_finds_all_the_rest():
    assert asked("-korea") == ("not", "korea")
    assert asked("-korea -japan") == all_of(("not", "korea"), ("not", "japan"))
    assert "only leaves out" in parse("-korea").notes[0]


def test_star_at_the_end_of_a_word_is_a_beginning():
    assert asked("nuclea* U.S* Nuclear*.") == all_of("nuclea*", "us*", "nuclear*")
    assert asked("정책*") == asked("정책")
    assert parse("a" * 4000 + "*").found_by == Prefix("a" * 40)


@pytest.mark.parametrize("question", ["a*", "wom*n", "*tion", '"work* talks"', "COVID-1*"])
def test_star_that_says_nothing_is_left_out_and_it_is_said(question: str):
    query = parse(question)

    assert query.clauses
    assert not any(isinstance(clause, Prefix) for clause in query.clauses)
    assert "star" in query.notes[0]


def test_operators_of_other_engines_are_words():
    query = parse("trade AND policy NOT field:value")

    assert words(query) == ["trade", "policy", "not", "field", "value"]
    assert "minus" in query.notes[0]
    assert "“field:”" in query.notes[1]


@pytest.mark.parametrize(
    "question", ["10:30", "https://example.org/a?b=c", "Track 1.5: dialogue", "Kim: why", "C:\\x", ":-)", "a::b"]
)
def test_colons_of_times_addresses_and_titles_are_no_keywords(question: str):
    query = parse(question)

    assert query.is_plain
    assert not any("colon" in note for note in query.notes)


def test_long_question_needs_two_of_its_different_words_and_says_so():
    query = parse("why did working level talks in stockholm fail after the hanoi summit collapsed talks talks")

    assert (len(query.clauses), seen(query.found_by)[0]) == (11, 2)
    assert "at least 2 of its 9 words" in query.notes[0]


def test_what_signs_ask_of_a_long_question_is_required_besides():
    query = parse('working level talks stockholm fail hanoi collapsed -japan "north korea"')

    assert isinstance(query.found_by, Group)
    some, *others = query.found_by.nodes
    assert isinstance(some, Group)
    assert (some.n_required, [seen(node) for node in others]) == (2, [("not", "japan"), "north korea"])
    assert query.found_by.n_required == 3


def test_quotation_marks_in_a_pasted_text_ask_for_no_phrase():
    text = " ".join(f"word{n}" for n in range(30))

    assert parse(f'{text} "training phase"').is_plain


def test_all_of_a_few_words_are_required_and_two_of_many():
    assert [n_required(n) for n in (0, 1, 6, 7, 9, 10, 512)] == [0, 1, 6, 2, 2, 2, 2]


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\x00"])
def test_nothing_typed_asks_for_everything(question: str):
    assert parse(question).is_empty
    assert parse(question).found_by is None


@pytest.mark.parametrize("question", ["?! ((((", '""', "-", "()", '-"" -()', "*"])
def test_signs_without_a_word_find_nothing_and_it_is_said(question: str):
    query = parse(question)

    assert (query.is_empty, query.found_by, query.clauses) == (False, None, ())
    assert query.notes == ("There is no word in this question.",)


def test_what_is_beyond_the_limits_is_left_out_and_said():
    many, long = parse(" ".join(f"w{n}" for n in range(600))), parse("a" * 10_000)

    assert len(many.clauses) == MAX_WORDS
    assert "512 words" in many.notes[0]
    assert len(long.text) == MAX_CHARS
    assert "4,096 characters" in long.notes[0]


@pytest.mark.parametrize("operator", ['"b c" ', "-b ", "a OR b OR ", "ab* ", "title:b ", "(a OR b) "])
def test_operators_beyond_the_limit_ask_nothing_and_it_is_said(operator: str):
    query = parse(operator * 40)

    nodes = list(nodes_within(query.found_by or Word("none")))
    assert sum(isinstance(node, Not | Prefix | In | Group) for node in nodes) <= MAX_OPERATORS + 2
    assert any("24 signs" in note for note in query.notes)
    assert sum(isinstance(node, Word) and node.token == "b" for node in nodes) <= MAX_OPERATORS + 1


def test_brackets_beyond_the_depth_are_ignored_and_it_is_said():
    deep = parse("(" * 10_0 + "korea OR japan" + ")" * 100)

    assert seen(deep.found_by) == ("korea", "japan")
    assert any("8 brackets" in note for note in deep.notes)
    assert not parse("(" * 8 + "korea" + ")" * 8).notes


def test_quoted_words_are_read_back_as_one_phrase():
    assert quoted('Robert "Bob" R. King\n') == '"Robert Bob R. King"'
    assert asked(f"author:{quoted('Robert R. King')}") == "author:robert r king"


def depth(node: Node) -> int:
    """Groups in each other."""
    if isinstance(node, Not):
        return depth(node.node)
    return 1 + max(map(depth, node.nodes)) if isinstance(node, Group) else 0


@settings(max_examples=600)
@given(TYPED)
@example('a (b OR (c (d OR (e (f OR (g (h OR (i (j OR (k (l OR "m n")))))))))))')
def test_no_text_is_an_error_and_all_bounds_hold(typed: str):
    query = parse(typed)

    assert query.is_empty == (query.text == "")
    assert (query.found_by is None) <= (query.is_empty or query.notes != ())
    nodes = list(nodes_within(query.found_by)) if query.found_by else []
    # A bracket is all of its parts, one of which may be a group of alternatives; and so is the question.
    assert not nodes or depth(nodes[0]) <= 2 * (MAX_DEPTH + 1)
    assert all(0 < node.n_required <= len(node.nodes) for node in nodes if isinstance(node, Group))
    assert sum(isinstance(node, Not) for node in nodes) <= MAX_OPERATORS
    for clause in query.clauses:
        tokens = clause.tokens if isinstance(clause, Phrase) else [getattr(clause, "token", "") or clause.start]
        assert all(token and token.encode("utf-8") and token.split() == [token] for token in tokens)


@given(st.lists(st.from_regex(r"[a-z]{3,8}", fullmatch=True), min_size=1, max_size=6, unique=True))
def test_plain_words_are_read_as_these_words(typed: list[str]):
    query = parse(" ".join(typed))

    assert query.is_plain
    assert query.notes == ()
    assert set(words(query)) <= set(typed)
    assert {seen(node) for node in nodes_within(query.found_by) if isinstance(node, Word)} == set(words(query))


@given(TYPED)
def test_text_of_a_question_is_the_same_question(typed: str):
    query = parse(typed)

    assert parse(query.text).found_by == query.found_by


BAD = {
    "brackets": "(" * 10_000, "quotation marks": '"' * 1_000_000, "NOT": "NOT " * 20_000, "minus": "-" * 20_000,
    "apart": "- " * 10_000, "hyphens": "a-" * 50_000, "hangul": "정" * 1_000_000, "apostrophes": "'" * 5000,
    "excluded": "-a " * 20_000, "words": "a b " * 250_000, "surrogates": "\ud800" * 1_000_000, "NUL": "\0" * 1_000_000,
    "right to left": "\u202e" * 1_000_000, "marks": "\u0301\u0316" * 500_000, "stars": "a*" * 3000,
    "pairs": "(" * 2000 + "a" + ")" * 2000, "full pairs": "(" * 1500 + "w " * 500 + ")" * 1500, "OR": "a OR " * 20_000,
    "nested OR": "(a OR " * 500 + ")" * 500, "nested minus": "-(" * 1000 + "a" + ")" * 1000, "colons": ":" * 5000,
    "keywords": "title:" * 3000, "ligatures": "\ufdfa" * 4096, "points": "a." * 50_000, "spaces": " " * 1_000_000,
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_pathological_texts_are_read_at_once(bad: str):
    began = time.process_time()
    parse(bad)

    # Measured at 20 ms and less, on a busy machine at 290 ms. In quadratic time the longest would take minutes.
    assert time.process_time() - began < 5
