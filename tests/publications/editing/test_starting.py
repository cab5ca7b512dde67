"""No page of the admin has a script written into it, and what those scripts started is started from data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import wagtail
from django.test import Client
from wagtail.admin.widgets import AdminPageChooser
from wagtail.admin.widgets.workflows import AdminTaskChooser

from isthmus.publications.setup import prepare_site
from tests.publications.editing.people import browser_of, user

pytestmark = pytest.mark.django_db
_INLINE = re.compile(
    r"<script(?![^>]*(?:src=|application/json|text/x-template))[^>]*>|<[^>]+\son[a-z]+=", re.IGNORECASE
)
_STARTED = Path(__file__).parents[3] / "src/isthmus/theme/static/isthmus/admin/start.js"


@pytest.fixture
def browser(db) -> Client:
    prepare_site("The Institute")
    return browser_of(user("boss", "administrator"))


@pytest.mark.parametrize("path", [
    "", "publications/add/", "people/add/", "reports/audit/", "reports/site-history/", "account/", "images/add/",
    "workflows/add/", "users/add/", "mail/campaigns/add/", "second-step/set-up/",
])  # fmt: skip
def test_no_page_has_a_script_or_a_handler_written_into_it(browser, path):
    page = browser.get(f"/admin/{path}", follow=True).content.decode()

    assert _INLINE.findall(page) == []
    for given in re.findall(r'data-isthmus-with="([^"]*)"', page):
        json.loads(given.replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&"))


def test_only_what_the_script_names_is_started(browser):
    page = browser.get("/admin/publications/add/").content.decode()

    named = set(re.findall(r'"(\w+)"', _STARTED.read_text().split("function start")[0])) - {"use strict"}
    started = set(re.findall(r'data-isthmus-start="(\w+)"', page))

    assert {"InlinePanel", "SnippetChooser", "ImageChooser", "initDateChooser"} <= started <= named


@pytest.mark.parametrize("chooser", [AdminPageChooser, AdminTaskChooser])
def test_a_choosers_id_is_data_and_never_markup(chooser):
    html = chooser().render("x", None, {"id": 'x"><script>alert(1)</script>'})

    assert "<script" not in html.partition("data-isthmus-start")[2]


def test_wagtails_own_pages_have_no_other_script_than_those_taken_out():
    """A new version of Wagtail may bring one; then `start.js` and the theme's templates have to learn it."""
    root = Path(wagtail.__file__).parent
    found = {
        str(path.relative_to(root))
        for path in root.rglob("templates/**/*.html")
        if re.search(r"<script(?![^>]*src=)[^>]*>", path.read_text(encoding="utf-8")) and "contrib" not in path.parts
    }

    assert found == {
        f"admin/templates/wagtailadmin/{name}.html"
        for name in ("panels/inline_panel", "panels/multiple_chooser_panel", "widgets/date_input",
                     "widgets/datetime_input", "widgets/time_input")
    }  # fmt: skip
