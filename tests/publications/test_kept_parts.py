"""Header, footer and cards from memory: the same bytes as if each page had them rendered for itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Engine

from isthmus.kit import collecting
from isthmus.publications import kept_parts, setup

SITE = SimpleNamespace(name="Merrow", menu=[{"url": "/about/", "label": "About"}])


class Read:
    """A word of a site that counts how often a template takes it."""

    def __init__(self) -> None:
        self.n = 0

    def __str__(self) -> str:
        self.n += 1
        return "Merrow"


@pytest.fixture(autouse=True)
def _nothing_kept():
    kept_parts.forget()
    yield
    kept_parts.forget()


def shown(part: str, *, total: str = "7 publications", **page: Any) -> str:
    """What a page with these values gets for a part."""
    engine = Engine(
        loaders=[("django.template.loaders.locmem.Loader", {"part.html": part})],
        libraries={"isthmus": "isthmus.publications.templatetags.isthmus"},
    )
    context = Context({"site": SITE, **page})
    context.template = engine.from_string("")
    return kept_parts.shown(context, "part.html", {}, total=lambda: total)


def test_a_part_is_rendered_once_for_one_site():
    site = SimpleNamespace(name=Read(), menu=[])

    texts = [shown("<b>{{ site.name }}</b>", site=site, request_path=path) for path in ("/a/", "/b/", "/c/")]

    assert texts == ["<b>Merrow</b>"] * 3
    assert site.name.n == 1


def test_another_site_is_another_part():
    assert shown("{{ site.name }}") == "Merrow"

    assert shown("{{ site.name }}", site=SimpleNamespace(name="Korin", menu=[])) == "Korin"


def test_the_entry_of_the_menu_that_leads_to_the_page_is_marked_on_that_page_alone():
    menu = "{% for item in site.menu %}{{ item.label }}{% if item.url == request_path %}!{% endif %}{% endfor %}"

    assert [shown(menu, request_path=path) for path in ("/", "/about/", "/b/", "/about/")] == [
        "About", "About!", "About", "About!",
    ]  # fmt: skip


def test_what_was_searched_for_stands_as_it_was_typed_and_escaped():
    field = '{% if results.query_text %}<input value="{{ results.query_text }}">{% endif %}'

    for words in ("war", '"><script>', "~0~ [[0]]", ""):
        results = {"query_text": words, "index_total": 7}
        escaped = words.replace(">", "&gt;").replace("<", "&lt;").replace('"', "&quot;")
        assert shown(field, results=results) == (f'<input value="{escaped}">' if words else "")


@pytest.mark.django_db
def test_the_total_is_that_of_the_page():
    part = "{% load isthmus %}{% total_index %}"

    assert "7 publications" in shown(part)
    assert "8 publications" in shown(part, total="8 publications")
    with collecting.gathering("now") as gathered:
        assert gathered.place in shown(part, total=gathered.placed())


@pytest.mark.parametrize(
    ("part", "page", "other"),
    [
        ("{{ piece }}", {"piece": "One"}, {"piece": "Two"}),
        ("{{ request_path }}", {"request_path": "/a/"}, {"request_path": "/b/"}),
        ("{{ results.n }}", {"results": {"query_text": "a", "n": 1}}, {"results": {"query_text": "a", "n": 2}}),
        ("{{ results.query_text|upper }}", {"results": {"query_text": "a"}}, {"results": {"query_text": "b"}}),
        ("{% if forloop.first %}a{% endif %}", {"forloop": {"first": True}}, {"forloop": {"first": False}}),
        ("{% if piece %}a{% endif %}", {}, {"piece": "Two"}),
    ],
)  # fmt: skip
def test_a_part_of_a_theme_that_looks_at_its_page_is_rendered_for_each(part: str, page: Any, other: Any):
    texts = [shown(part, **values) for values in (page, other, page)]

    assert texts[0] == texts[2] != texts[1]


@pytest.mark.django_db
def test_a_part_that_reads_rows_is_rendered_for_each():
    setup.prepare_site("The Merrow Institute")
    part = "{% load isthmus %}{% institute_name %}"

    for state in (1, 2):
        with collecting.gathering(state) as gathered:
            shown(part)
        assert gathered.tags == {"site"}
