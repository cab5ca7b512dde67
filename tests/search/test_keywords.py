import pytest

from isthmus.search import keywords
from isthmus.search.keywords import Keyword, Keywords
from isthmus.search.language import parse
from isthmus.search.query import Between, Has, In, Node, Phrase, Prefix, Query, Word

KINDS = keywords.named([("paper", "paper"), ("Policy paper", "paper"), ("Policy papers", "paper"), ("post", "post")])
LANGUAGES = keywords.named([("Korean", "ko"), ("한국어", "ko"), ("Chinese", "zh"), ("chinese", "zh-hans")])
KNOWN: Keywords = {
    **keywords.standard(), "kind": keywords.kind(KINDS), "lang": keywords.language(LANGUAGES),
}  # fmt: skip


def asked(question: str) -> Query:
    return parse(question, KNOWN)


@pytest.mark.parametrize(
    ("typed", "node"),
    [
        ("title:tariff", In("title", Word("tariff"))),
        ("TITLE:Tariff,", In("title", Word("tariff"))),
        ("title:the", In("title", Word("the"))),
        ('author:"Robert R. King"', In("author", Phrase(("robert", "r", "king")))),
        ("author:O’Brien", In("author", Word("obrien"))),
        ("author:Jong-un", In("author", Phrase(("jong", "un"), "jongun"))),
        ("author:Kim*", In("author", Prefix("kim"))),
        ("series:peninsula", In("series", Word("peninsula"))),
        ("category:정책", In("category", Phrase(("정", "책")))),
        ("kind:paper", Has("kind", ("paper",))),
        ("kind:policy-paper", Has("kind", ("paper",))),
        ('kind:"Policy Papers"', Has("kind", ("paper",))),
        ("lang:korean", Has("language", ("ko",))),
        ("lang:한국어", Has("language", ("ko",))),
        ("lang:Chinese", Has("language", ("zh", "zh-hans"))),
        ("lang:pt-br", Has("language", ("pt-br", "pt-BR"))),
        ("year:2019", Between("day", 20190101, 20200101)),
        ("year:2015-2019", Between("day", 20150101, 20200101)),
        ("year:2015–2019", Between("day", 20150101, 20200101)),
        ("year:2019..2015", Between("day", 20150101, 20200101)),
        ("year:2015..", Between("day", 20150101, None)),
        ("year:..2015", Between("day", None, 20160101)),
        ("before:2019", Between("day", None, 20190101)),
        ("before:2019-06", Between("day", None, 20190601)),
        ("before:2019-06-30", Between("day", None, 20190630)),
        ("after:2019-6", Between("day", 20190601, None)),
        ("after:2020-02-29.", Between("day", 20200229, None)),
    ],
)
def test_keyword_chooses(typed: str, node: Node):
    query = asked(typed)

    assert query.found_by == node
    assert (query.notes, query.is_plain) == ((), False)


@pytest.mark.parametrize(
    "typed", ["year:soon", "year:2019-", "before:2019-13", "after:2019-02-30", "kind:novel", "lang:klingon", "year:19"]
)
def test_value_that_is_not_understood_is_searched_as_words_and_it_is_said(typed: str):
    query = asked(typed)

    name = typed.partition(":")[0]
    assert Word(name).token in {clause.token for clause in query.clauses if isinstance(clause, Word)}
    assert query.notes[0].startswith(f"“{typed}” was searched as words: write ")


def test_keyword_with_nothing_right_behind_it_is_a_word_and_it_is_said():
    for typed in ("title: tariff", "title:(tariff)", "tariff title:"):
        query = asked(typed)
        assert {clause.token for clause in query.clauses if isinstance(clause, Word)} == {"title", "tariff"}
        assert "“title:”" in query.notes[0]


def test_words_of_a_title_are_marked_and_names_of_people_only_choose():
    assert asked("title:tariff author:king korea").clauses == (Word("tariff"), Word("korea"))


def test_several_words_behind_one_keyword_are_all_asked_of_it():
    found_by = asked("title:trade,policy").found_by

    assert found_by == asked("title:trade title:policy").found_by


def test_a_later_part_adds_its_keyword(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keywords, "_added", {})
    happened = Keyword(
        "happened", lambda value: Has("happened", (value[0],)), "happened:2019", "Speaks of it.", "dossiers"
    )

    keywords.add(happened)

    assert parse("happened:2019").found_by == Has("happened", ("2019",))


def test_every_keyword_explains_itself_and_its_example_is_understood():
    for keyword in KNOWN.values():
        assert keyword.help.endswith(".")
        assert keyword.reason
        example = keyword.example if keyword.name != "kind" else "kind:paper"
        assert (asked(example).notes, asked(example).is_plain) == ((), False)
