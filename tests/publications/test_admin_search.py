"""The admin's small searches ask the database for names, index nothing, and bear any filter."""

from __future__ import annotations

import pytest
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from isthmus.publications import setup
from isthmus.publications.models import User

pytestmark = pytest.mark.django_db


def test_pages_are_found_by_parts_of_words_of_the_title():
    setup.prepare_site("The Merrow Institute")

    found = get_search_backend().autocomplete("merr inst", Page.objects.all())

    assert [page.title for page in found] == ["The Merrow Institute"]


def test_a_filter_on_any_column_is_borne():
    setup.prepare_site("The Merrow Institute")

    found = get_search_backend().search(
        "about", Page.objects.filter(depth=3, draft_title__contains="A").order_by("slug")
    )

    assert (found.count(), found[0].title) == (1, "About")


def test_an_endless_query_is_cut():
    assert list(get_search_backend().search("word " * 5000, Page.objects.all())) == []


def test_saving_writes_to_no_index():
    from wagtail.search.models import IndexEntry  # type: ignore[import-not-found, unused-ignore]

    User.objects.create_user("alice@example.org")

    assert IndexEntry.objects.count() == 0
