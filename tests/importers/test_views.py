"""The report of an import as a page: counts, losses by reason, and the release of a run that is held."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isthmus.importers import actions
from isthmus.publications import visibility
from tests.importers import samples
from tests.publications.editing.people import browser_of, user

pytestmark = pytest.mark.django_db


def archive(folder: Path) -> Path:
    broken = samples.record(2, html='<p><img src="x.png" alt="<b>An x</b>"></p>')
    path = samples.write_records(folder / "a.jsonl", [samples.record(1), broken])
    path.write_text(path.read_text("utf-8") + "{no json\n", "utf-8")
    return path


def test_an_editor_reads_what_came_in_and_what_did_not(tmp_path: Path) -> None:
    run = actions.run_import(archive(tmp_path)).run
    browser = browser_of(user("alice", "editor"))

    listed = browser.get("/admin/imports/").content.decode()
    page = browser.get(f"/admin/imports/{run}/").content.decode()
    report = json.loads(browser.get(f"/admin/imports/{run}/report.json").content)

    assert f'href="/admin/imports/{run}/"' in listed
    assert "3 read = 2 created + 0 updated + 0 unchanged + 1 skipped" in page
    assert "a.jsonl:3" in page
    assert "Missing image (1)" in page
    assert report["counts"]["skipped"] == len(report["skipped"]) == 1


def test_a_held_run_is_released_by_a_publisher_and_not_by_an_editor(tmp_path: Path) -> None:
    run = actions.run_import(archive(tmp_path), hold=True).run
    address = f"/admin/imports/{run}/release/"

    browser_of(user("bob", "editor")).post(address)
    assert visibility.total() == 0
    publisher = browser_of(user("alice", "publisher"))
    assert "Release the run" in publisher.get(f"/admin/imports/{run}/").content.decode()
    publisher.post(address)

    assert visibility.total() == 2
    assert "is not held" in publisher.post(address, follow=True).content.decode()


def test_an_author_sees_no_reports(tmp_path: Path) -> None:
    run = actions.run_import(archive(tmp_path)).run
    browser = browser_of(user("carol", "author"))

    assert browser.get("/admin/imports/").status_code == 302
    assert browser.get(f"/admin/imports/{run}/report.json").status_code == 302
