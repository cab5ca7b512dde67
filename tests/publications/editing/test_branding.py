"""The admin is the institute's: its name in titles, at the login and beside the menu, and a search of its own work."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from isthmus.publications.models import SiteSettings
from tests import makers
from tests.publications.editing.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/admin/", "/admin/publications/", "/admin/images/", "/admin/account/"])
def test_titles_name_the_institute_and_nobody_else(alice: Any, address: str):
    page = browser_of(alice).get(address).content.decode()

    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]
    assert title.split(" - ")[-1].strip() == "The Merrow Institute"
    assert "wagtail.org" not in page
    assert "editor guide" not in page


def test_the_login_names_the_institute_as_it_is_called_now(institute: Any):
    SiteSettings.objects.get().delete()
    SiteSettings.objects.create(name="The Narrows Centre")

    page = Client().get("/admin/login/").content.decode()

    assert "Sign in to The Narrows Centre" in page
    assert "Wagtail<" not in page


def test_the_first_page_searches_publications_and_finds_drafts(alice: Any):
    makers.draft("Ardor Cools")
    page = browser_of(alice).get("/admin/").content.decode()

    form = re.search(r'<form[^>]*action="([^"]*)"[^>]*role="search".*?name="(\w+)"', page, re.DOTALL)
    found = browser_of(alice).get(form[1], {form[2]: "cools"}).content.decode()

    assert "Search all pages" not in page
    assert "Ardor Cools" in found
