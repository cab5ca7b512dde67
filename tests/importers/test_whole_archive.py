"""A WordPress export moves in whole: pieces, pages, people, links and old addresses; and what was hidden stays so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from django.test import Client

from isthmus.importers import actions
from isthmus.importers.models import ImportedItem, ImportedPage
from isthmus.publications import setup, visibility
from isthmus.publications.models import Publication, StandardPage
from tests.importers import samples

pytestmark = pytest.mark.django_db
EXPORT = Path(__file__).parent / "exports" / "wordpress.xml"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    setup.prepare_site("The Narrows")
    return Path(shutil.copy(EXPORT, tmp_path / "wordpress.xml"))


def counts(report: actions.Report) -> tuple[int, ...]:
    return tuple(report.as_json()["counts"].values())


def body_of(source_id: str) -> str:
    return str(Publication.objects.get(imported_item__source_id=source_id).body.raw_data[0]["value"])


def test_only_what_was_public_becomes_public(export: Path) -> None:
    report = actions.run_import(export)

    assert counts(report) == (12, 6, 0, 0, 6)
    assert sorted(visibility.publications().values_list("title", flat=True)) == ["Blocks", "Ferries & Letters “Open”"]
    later = Publication.objects.get(title="Later")
    assert (later.live, later.go_live_at.isoformat()) == (False, "2031-01-01T08:00:00+00:00")
    hidden = {row["id"]: row["text"] for row in report.warnings if row["kind"] == "not public"}
    assert hidden == {
        "14": "behind a password on the old site; it is a draft here",
        "16": "a draft on the old site; it is a draft here",
    }


def test_people_are_named_by_their_profiles(export: Path) -> None:
    actions.run_import(export)

    blocks = Publication.objects.get(title="Blocks")
    assert [line.name for line in blocks.bylines.all()] == ["Carol Finch", "Bob Hale"]
    assert blocks.published_at.isoformat() == "2024-01-10T09:00:00+00:00"


def test_old_addresses_lead_to_the_new_ones(export: Path) -> None:
    actions.run_import(export)
    client, ferries = Client(), Publication.objects.get(imported_item__source_id="11")

    for old in ("/2019/03/ferries/", "/2019/03/boats/", "/?p=11"):
        assert client.get(old)["Location"] == ferries.path
    assert client.get("/?page_id=13")["Location"] == "/about/"
    assert client.get("/locked/").status_code == 404


def test_links_between_pieces_become_links_between_ours(export: Path) -> None:
    actions.run_import(export)
    blocks = Publication.objects.get(title="Blocks")

    notes = next(
        block
        for block in Publication.objects.get(imported_item__source_id="11").body.raw_data
        if block["type"] == "footnotes"
    )

    assert f'<a linktype="publication" id="{blocks.pk}">twice</a>' in str(notes)
    assert Client().get("/publications/ferries/").content.decode().count(f'href="{blocks.path}"') >= 1


def test_links_of_pages_are_made_and_named_as_those_of_pieces(export: Path) -> None:
    report = actions.run_import(export)

    assert 'href="/publications/blocks/"' in Client().get("/about/").content.decode()
    named = {row["id"]: row["text"] for row in report.warnings if row["kind"] == "unmapped link"}
    assert named["13"] == "https://narrows.example/gone/"


def test_a_link_to_nothing_that_came_in_is_named(tmp_path: Path) -> None:
    link = '<p><a href="https://old.example/gone/">Gone</a> <a href="https://other.example/x/">Other</a></p>'
    path = samples.write_records(
        tmp_path / "a.jsonl", [samples.record(1, html=link, source_url="https://old.example/1/")]
    )

    report = actions.run_import(path)

    assert [(row["kind"], row["text"]) for row in report.warnings] == [("unmapped link", "https://old.example/gone/")]


def test_a_link_to_a_piece_that_comes_with_a_later_run_is_made_when_its_source_changes(tmp_path: Path) -> None:
    first = samples.record(
        1, html='<p><a href="https://old.example/2/">Two</a></p>', source_url="https://old.example/1/"
    )
    second = samples.record(2, source_url="https://old.example/2/")
    path = tmp_path / "a.jsonl"
    actions.run_import(samples.write_records(path, [first]))
    actions.run_import(samples.write_records(path, [first, second]))

    report = actions.run_import(samples.write_records(path, [{**first, "summary": "New."}, second]))

    assert counts(report) == (2, 0, 1, 1, 0)
    assert 'linktype="publication"' in body_of("notes/1")
    assert ImportedItem.objects.get(source_id="notes/1").links == []


def test_a_placeholder_is_filled_and_a_page_of_our_own_stays(export: Path) -> None:
    actions.run_import(export)

    assert "Who we are." in Client().get("/about/").content.decode()
    assert StandardPage.objects.filter(slug__startswith="about").count() == 1
    assert visibility.total() == 2


def test_a_page_written_here_is_not_overwritten(export: Path) -> None:
    about = StandardPage.objects.get(slug="about")
    about.body = [("text", "<p>Alice's own words.</p>")]
    about.save_revision().publish()

    actions.run_import(export)

    assert "own words" in Client().get("/about/").content.decode()
    assert "Who we are." in Client().get("/about-2/").content.decode()
    assert Client().get("/?page_id=13")["Location"] == "/about-2/"


def test_a_page_follows_its_source_until_it_is_edited_here(export: Path) -> None:
    actions.run_import(export)
    export.write_text(export.read_text("utf-8").replace("Who we are.", "Who we were."), "utf-8")

    assert counts(actions.run_import(export)) == (12, 0, 1, 5, 6)
    assert "Who we were." in Client().get("/about/").content.decode()

    page = ImportedPage.objects.get().page
    page.title = "About Alice"
    page.save_revision().publish()
    export.write_text(export.read_text("utf-8").replace("Who we were.", "Who they are."), "utf-8")
    report = actions.run_import(export)

    assert "Who we were." in Client().get("/about/").content.decode()
    assert [row["kind"] for row in report.warnings if row["id"] == "13"] == ["edited here"]


def test_undoing_puts_pages_back(export: Path) -> None:
    report = actions.run_import(export)

    undone = actions.undo(report.run)

    assert (undone.n_removed, undone.n_restored, undone.kept) == (5, 1, [])
    assert "Write here who" in Client().get("/about/").content.decode()
    assert counts(actions.run_import(export)) == (12, 5, 1, 0, 6)
    assert "Who we are." in Client().get("/about/").content.decode()


def test_a_held_run_shows_nothing_of_its_pages(export: Path) -> None:
    actions.run_import(export, hold=True)

    assert "Write here who" in Client().get("/about/").content.decode()
    actions.run_import(None, release=True)
    assert "Who we are." in Client().get("/about/").content.decode()


def test_a_dry_run_says_what_the_real_one_says_and_writes_nothing(export: Path) -> None:
    dry = actions.run_import(export, dry_run=True)

    assert not Publication.objects.exists()
    assert not ImportedPage.objects.exists()
    real = actions.run_import(export)
    assert {**dry.as_json(), "run": real.run} == real.as_json()


def test_a_dry_run_with_another_map_counts_only_what_it_would_change(export: Path, tmp_path: Path) -> None:
    actions.run_import(export)
    rules = tmp_path / "map.toml"
    rules.write_text('[categories]\nFisheries = "region/The Narrows"\n', "utf-8")

    dry = actions.run_import(export, map_file=rules, dry_run=True)

    assert counts(dry) == counts(actions.run_import(export, map_file=rules)) == (12, 0, 1, 5, 6)


def test_a_dry_run_writes_the_draft_of_a_map_that_changes_nothing_as_it_stands(export: Path, tmp_path: Path) -> None:
    rules = tmp_path / "map.toml"

    dry = actions.run_import(export, map_file=rules, dry_run=True)
    actions.run_import(export, map_file=rules)

    assert re.search(r'^"Fisheries" = "category/Fisheries"  # 1$', rules.read_text("utf-8"), re.MULTILINE)
    assert re.search(r'^"Quays" = "topics/Quays"  # 1$', rules.read_text("utf-8"), re.MULTILINE)
    assert str(rules) in dry.said[-1]
    piece = Publication.objects.get(imported_item__source_id="11")
    assert sorted((row.axis.slug, row.label) for row in piece.categories.all()) == [
        ("category", "Fisheries"), ("tag", "Sea & Shore"), ("topics", "Quays"),
    ]  # fmt: skip


def test_a_source_known_already_is_placed_as_before(export: Path, tmp_path: Path) -> None:
    actions.run_import(export, series="The Lantern")
    again = Path(shutil.copy(export, tmp_path / "another-name.xml"))

    report = actions.run_import(again)

    assert counts(report) == (12, 0, 0, 6, 6)
    assert "as run" in report.said[0]
    assert {row.series.title for row in visibility.publications()} == {"The Lantern"}
    actions.run_import(again, series="")
    assert {row.series for row in visibility.publications()} == {None}


def test_what_the_old_site_hides_later_does_not_become_public_with_an_update(export: Path) -> None:
    actions.run_import(export)
    words = (
        export.read_text("utf-8").replace("Who we are.", "Canary one.").replace("The ferries stopped.", "Canary two.")
    )
    export.write_text(words.replace("<wp:status>publish</wp:status>", "<wp:status>private</wp:status>"), "utf-8")

    report = actions.run_import(export)

    assert counts(report) == (12, 0, 0, 6, 6)
    assert [row["id"] for row in report.warnings if row["kind"] == "hidden at the source"] == ["13", "11", "12"]
    assert "Canary" not in Client().get("/about/").content.decode()
    assert "Canary" not in Client().get("/publications/ferries/").content.decode()


def test_a_private_page_does_not_fill_a_placeholder_that_readers_see(export: Path) -> None:
    words = export.read_text("utf-8").replace("<wp:status>publish</wp:status>", "<wp:status>private</wp:status>")
    export.write_text(words, "utf-8")

    actions.run_import(export)

    assert "Write here who" in Client().get("/about/").content.decode()
    assert Client().get("/about-2/").status_code == 404
    assert visibility.total() == 0
