"""The real archive, where it lies beside the checkout or where ISTHMUS_TEST_ARCHIVES says; skipped without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from isthmus.importers import actions
from isthmus.publications import visibility
from isthmus.publications.models import Publication

ARCHIVES = Path(os.environ.get("ISTHMUS_TEST_ARCHIVES", "") or Path(__file__).parents[3] / "shared" / "archives")
PATH = ARCHIVES / "real-archive.jsonl.gz"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.large,
    pytest.mark.django_db,
    pytest.mark.skipif(
        not PATH.exists(), reason="the real archive is not here; ISTHMUS_TEST_ARCHIVES may name its folder"
    ),
]


def test_the_real_archive_comes_in_whole_and_only_once() -> None:
    first = actions.run_import(PATH).as_json()
    second = actions.run_import(PATH).as_json()

    assert first["counts"] == {"read": 9166, "created": 9166, "updated": 0, "unchanged": 0, "skipped": 0}
    assert second["counts"] == {"read": 9166, "created": 0, "updated": 0, "unchanged": 9166, "skipped": 0}
    assert visibility.total() == 9166
    assert Publication.objects.filter(live=True, published_on=None).count() == 416
    assert [warning["id"] for warning in first["warnings"] if warning["kind"] == "no title"] == [
        "digitalgov:news/example"
    ]
    assert Publication.objects.filter(bylines=None).count() == 681
