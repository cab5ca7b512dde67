from dataclasses import replace

from isthmus.publications.pages_of import ShownPage
from isthmus.search import results_shown
from isthmus.search.asked import Asked
from isthmus.search.facets import Facet, Value
from isthmus.search.hits import Hit
from isthmus.search.language import parse
from isthmus.search.names import Names
from isthmus.search.pager import shown_page
from isthmus.search.queries import Offer, Results

EVIL = "<b>&'"
SAFE = "&lt;b&gt;&amp;&#x27;"


def results(typed: str = "rice", total: int = 0, hits: tuple[Hit, ...] = (), **asked: object) -> Results:
    query = parse(typed)
    found = Asked(query.text, **asked)  # type: ignore[arg-type]
    return Results(query, found, Names({}, {}, {}), total, 99, 1, 10, hits)


def page(n: int = 1, number: int = 1) -> ShownPage:
    return shown_page(number, n, results_shown.addresses(Asked("rice")))


def test_the_heading_says_how_many_and_for_what():
    assert "<h1>1 publication located" in results_shown.head(results(total=1), page())
    assert "<q>rice</q>" in results_shown.head(results(total=2), page())
    assert '<span class="as-typed">&quot;rice&quot;</span>' in results_shown.head(results('"rice"'), page())
    assert results_shown.head(results(""), page()) == "<h1>0 publications located</h1>\n"


def test_nothing_that_was_typed_or_kept_is_markup():
    facets = (Facet("kind", EVIL, (Value("post", EVIL, 1, True), Value("paper", EVIL, 2, False)), 2),)
    found = replace(
        results(EVIL, 3, (None,), chosen={"kind": (EVIL,)}),  # type: ignore[arg-type]
        facets=facets, offer=Offer(EVIL, 4),
    )  # fmt: skip

    shown = results_shown.head(found, page()) + results_shown.rail(found)

    assert EVIL not in shown
    assert shown.count(SAFE) >= 6


def test_whatever_is_chosen_can_be_taken_off_alone_and_together():
    one = results_shown.head(results(chosen={"kind": ("post",)}), page())
    two = results_shown.head(results(chosen={"kind": ("post", "paper")}), page())

    assert one.count("Take off") == 1
    assert "All off" not in one
    assert two.count("Take off") == 2
    assert '<li class="all"><a rel="nofollow" href="/search/?q=rice">All off</a></li>' in two


def test_orders_are_offered_where_they_differ():
    hits: tuple[Hit, ...] = (None,)  # type: ignore[assignment]

    assert "Best match" in results_shown.head(results("rice", 2, hits), page())
    assert "Best match" not in results_shown.head(results("", 2, hits), page())
    assert "Newest first" not in results_shown.head(results("rice", 1, hits), page())


def test_the_pager_leads_to_every_neighbour_and_says_where_it_is():
    shown = results_shown.pager(page(9, number=2))

    assert results_shown.pager(page(1)) == ""
    assert '<a rel="prev" href="/search/?q=rice">Previous</a>' in shown
    assert '<a rel="next" href="/search/?q=rice&amp;page=3">Next</a>' in shown
    assert '<a href="/search/?q=rice&amp;page=2" aria-current="page" aria-label="Page 2">2</a>' in shown
    assert '<li class="gap">…</li>' in shown
    assert results_shown.addresses(Asked())(2) == Asked().address(page=2)


def test_without_a_choice_there_is_no_rail():
    only = (Facet("kind", "Kind", (Value("post", "Post", 1, False),), 1),)

    assert results_shown.rail(replace(results(), facets=only)) == ""
