"""The tags and filters that every template may use."""

from __future__ import annotations

from datetime import date

import pytest
from django.template import engines
from django.utils.translation import override

from tests import makers


def _rendered(source: str, **context: object) -> str:
    return engines["django"].from_string("{% load isthmus %}" + source).render(context)


@pytest.mark.django_db
def test_total_index_counts_one_publication_in_the_singular() -> None:
    makers.released("Alice writes alone")

    assert _rendered("{% total_index %}") == '<span class="total-index">Total Index: 1 publication.</span>'


@pytest.mark.django_db
def test_total_index_leaves_drafts_out() -> None:
    makers.released("Seen")
    makers.released("Seen too")
    makers.draft("Kept back")

    assert "Total Index: 2 publications." in _rendered("{% total_index %}")


def test_long_date_writes_the_month_out_in_english() -> None:
    with override("en"):
        assert _rendered("{{ day|long_date }}", day=date(2020, 1, 20)) == "January 20, 2020"


def test_long_date_follows_the_language_of_the_page() -> None:
    with override("de"):
        assert _rendered("{{ day|long_date }}", day=date(2020, 1, 20)) == "20. Januar 2020"


def test_a_missing_date_leaves_nothing() -> None:
    assert _rendered("{{ day|long_date }}{{ day|iso }}", day=None) == ""
