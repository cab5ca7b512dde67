import html
import re
from urllib.parse import parse_qs, urlsplit

from isthmus.search.asked import Asked
from isthmus.search.facets import Facet, Value
from isthmus.search.facets_shown import chips, columns, row_groups, undated
from isthmus.search.names import Names

NOBODY = Names({}, {}, {})


def years(counts: dict[int, int], *chosen: str) -> Facet:
    values = tuple(Value(str(year), str(year), n, str(year) in chosen) for year, n in sorted(counts.items()))
    return Facet("year", "Year", values, len(values))


def asked_at(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_years_without_pieces_stand_as_gaps_without_links():
    shown = columns(years({2010: 4, 2012: 1, 2013: 2}), Asked("a"))

    assert [(column.label, column.n, column.height) for column in shown] == [
        ("2010", 4, 20), ("2011", 0, 0), ("2012", 1, 5), ("2013", 2, 10),
    ]  # fmt: skip
    assert [column.url is None for column in shown] == [False, True, False, False]
    assert asked_at(shown[0].url or "") == {"q": ["a"], "year": ["2010"]}


def test_a_single_piece_is_seen_beside_thousands():
    assert [column.height for column in columns(years({2010: 5000, 2011: 1, 2012: 9}), Asked())] == [20, 1, 1]


def test_a_few_old_pieces_share_one_column():
    counts = {1946: 1, 1960: 2} | dict.fromkeys(range(1996, 2027), 40)

    shown = columns(years(counts), Asked())

    assert (shown[0].label, shown[0].n, len(shown)) == ("1946–1995", 3, 32)
    assert asked_at(shown[0].url or "") == {"year": ["1946-1995"]}


def test_a_long_archive_is_shown_in_equal_steps():
    shown = columns(years(dict.fromkeys(range(1946, 2027), 10)), Asked())

    assert [column.label for column in shown][:2] == ["1945–1949", "1950–1954"]
    assert sum(column.n for column in shown) == 810
    assert len(shown) <= 32


def test_a_chosen_column_takes_off_whatever_chose_it():
    facet = years({2010: 1, 2011: 1, 2012: 1}, "2010", "2011")

    shown = columns(facet, Asked("a", {"year": ("2010-2011", "2011", "2012")}))

    assert [column.is_selected for column in shown] == [True, True, True]
    assert asked_at(shown[1].url or "") == {"q": ["a"], "year": ["2012"]}


def test_two_years_are_no_histogram_and_undated_pieces_are_a_row():
    facet = Facet("year", "Year", (Value("2010", "2010", 1, False), Value("-", "No date", 3, False)), 2)

    row = undated(facet, Asked("a"))

    assert columns(facet, Asked("a")) == []
    assert row is not None
    assert (row.label, row.n, asked_at(row.url)) == ("No date", 3, {"q": ["a"], "year": ["-"]})


def tree(*chosen: str, n_more: int = 10) -> Facet:
    asia, korea = Value("asia", "Asia", 9, "asia" in chosen), Value("korea", "Korea", 5, "korea" in chosen, "asia")
    rest = [Value(f"c{n}", f"C{n}", 1, False) for n in range(n_more)]
    return Facet("category.region", "Region", (asia, korea, *rest), 2 + n_more)


def labels(facet: Facet, asked: Asked) -> list[str]:
    [group] = row_groups([facet], asked)
    return [("- " if row.is_below else "") + row.label for row in (*group.rows, *group.more)]


def test_branches_open_where_they_lead_to_what_is_chosen_or_are_few():
    assert labels(tree(), Asked())[:2] == ["Asia", "C0"]
    assert labels(tree("asia"), Asked("", {"category.region": ("asia",)}))[:3] == ["Asia", "- Korea", "C0"]
    assert labels(tree("korea"), Asked("", {"category.region": ("korea",)}))[:2] == ["Asia", "- Korea"]
    assert labels(tree(n_more=2), Asked()) == ["Asia", "- Korea", "C0", "C1"]


def test_a_group_without_a_choice_is_left_out():
    only = Facet("kind", "Kind", (Value("post", "Posts", 7, False),), 1)

    assert row_groups([only], Asked()) == []


def test_long_groups_fold_and_say_how_many_are_left():
    facet = Facet("author", "Author", tuple(Value(f"p{n}", f"P{n}", 9, n == 50) for n in range(80)), 300)

    [group] = row_groups([facet], Asked("", {"author": ("p50",)}))

    assert "P50" in [row.label for row in group.rows]
    assert len(group.rows) + len(group.more) + group.n_left == 300


def test_links_of_rows_put_on_and_take_off():
    facet = Facet("kind", "Kind", (Value("post", "Posts", 7, True), Value("a&b", "A", 2, False)), 2)

    [group] = row_groups([facet], Asked("é", {"kind": ("post",)}))

    assert asked_at(group.rows[0].url) == {"q": ["é"]}
    assert asked_at(group.rows[1].url) == {"q": ["é"], "kind": ["post", "a&b"]}


def test_chips_name_what_is_chosen_and_take_it_off():
    asked = Asked("a", {"year": ("2010-2014", "-"), "series": ("papers",)})

    shown = chips(asked, Names({"papers": "Papers"}, {}, {}), {"series": "Series"})

    assert [chip.label for chip in shown] == ["2010–2014", "No date", "Papers"]
    assert asked_at(shown[0].url) == {"q": ["a"], "year": ["-"], "series": ["papers"]}


def test_no_sign_of_html_in_a_value_or_its_label_gets_into_the_page():
    hostile = "a\"'><b>&amp;c"
    facet = Facet("author", "Author", (Value("x", "X", 9, False), Value(hostile, hostile, 2, False)), 2)
    [group] = row_groups([facet], Asked(hostile, {"series": (hostile,)}))

    for row in group.rows:
        attributes = re.fullmatch(r'<li><a class="row" rel="nofollow" href="([^"<>]*)">(.*)</a></li>\n', row.html)
        assert attributes
        assert asked_at(html.unescape(attributes[1]))["q"] == [hostile]
        assert asked_at(html.unescape(attributes[1]))["author"] == ["x" if row.label == "X" else hostile]
        assert "<b>" not in attributes[2]
