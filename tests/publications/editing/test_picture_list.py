"""The list of pictures says whose credit is not complete."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.publications.models import Image
from tests.publications.editing.people import browser_of
from tests.publications.test_gate import picture

pytestmark = pytest.mark.django_db

CREDITS = {
    "Whole": {"creator": "Dan", "licence": "All rights reserved"},
    "Open": {"creator": "Dan", "licence": "CC BY", "licence_version": "4.0", "source_url": "https://example.org/"},
    "Nameless": {"licence": "All rights reserved"},
    "Unversioned": {"creator": "Dan", "licence": "CC BY-SA", "source_url": "https://example.org/"},
}


@pytest.fixture
def pictures(db: None) -> None:
    for title, credit in CREDITS.items():
        Image.objects.filter(pk=picture(title).pk).update(**credit)


@pytest.mark.parametrize(
    ("wanted", "titles"), [("missing", {"Nameless", "Unversioned"}), ("complete", {"Whole", "Open"})]
)
def test_the_list_can_be_narrowed_to_what_lacks_credit(pictures: None, erin: Any, wanted: str, titles: set[str]):
    answer = browser_of(erin).get("/admin/images/", {"credit": wanted})

    assert {row.title for row in answer.context["object_list"]} == titles


@pytest.mark.django_db
def test_the_filter_means_what_the_picture_itself_says(pictures: None, erin: Any):
    answer = browser_of(erin).get("/admin/images/", {"credit": "missing"})

    assert {row.pk for row in answer.context["object_list"]} == {
        row.pk for row in Image.objects.all() if row.missing_credit_parts
    }


def test_both_layouts_name_what_is_missing(pictures: None, erin: Any):
    grid = browser_of(erin).get("/admin/images/").content.decode()
    table = browser_of(erin).get("/admin/images/", {"layout": "list"}).content.decode()

    assert grid.count("Credit missing") == 2
    assert "who made it" in table
    assert "the licence" in table
