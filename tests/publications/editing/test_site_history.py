"""What everybody did, taken out as a table."""

from __future__ import annotations

from typing import Any

import pytest

from tests import makers
from tests.publications.editing.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "@SUM(A1)", "+1", "-1"])
def test_a_title_in_the_exported_history_is_no_formula(alice: Any, title: str):
    makers.released(title)

    answer = browser_of(alice).get("/admin/reports/site-history/", {"export": "csv"})
    cells = b"".join(answer.streaming_content).decode().replace('"', "").replace("\r\n", ",").split(",")

    assert "'" + title in cells
    assert title not in cells
