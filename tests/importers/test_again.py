"""Imports told something else than last time, taken back, or given nothing; and the addresses of the old site."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from isthmus.importers import actions
from isthmus.importers.models import ImportRun
from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.publications import actions as publications
from isthmus.publications import visibility
from isthmus.publications.models import Publication, Series
from tests.importers import samples

pytestmark = pytest.mark.django_db


def archive(folder: Path, *numbers: int, **fields: object) -> Path:
    return samples.write_records(folder / "export.jsonl", [samples.record(n, **fields) for n in numbers])


def counts(report: actions.Report) -> tuple[int, ...]:
    return tuple(report.as_json()["counts"].values())


def region_map(folder: Path) -> Path:
    rules = folder / "map.toml"
    rules.write_text('[categories]\nNotes = "region/The Narrows"\n')
    return rules


def test_another_series_moves_known_pieces_and_their_addresses_lead_on(tmp_path: Path):
    path = archive(tmp_path, 1, 2)
    actions.run_import(path)
    old = Publication.objects.first().path

    report = actions.run_import(path, series="The Lantern")

    assert counts(report) == (2, 0, 2, 0, 0)
    assert {piece.series.title for piece in visibility.publications()} == {"The Lantern"}
    assert Client().get(old)["Location"] == Publication.objects.first().path
    assert counts(actions.run_import(path, series="The Lantern")) == (2, 0, 0, 2, 0)


def test_another_map_places_known_pieces_anew_and_undo_puts_them_back(tmp_path: Path):
    path = archive(tmp_path, 1)
    actions.run_import(path)

    report = actions.run_import(path, map_file=region_map(tmp_path))
    placed = [(row.axis.slug, row.label) for row in Publication.objects.get().categories.filter(axis__slug="region")]
    actions.undo(report.run)

    assert (counts(report), placed) == ((1, 0, 1, 0, 0), [("region", "The Narrows")])
    assert not Publication.objects.get().categories.filter(axis__slug="region").exists()


def test_another_map_that_says_nothing_of_a_piece_leaves_it_unchanged(tmp_path: Path):
    path = archive(tmp_path, 1, categories=["Letters"])
    actions.run_import(path)

    assert counts(actions.run_import(path, map_file=region_map(tmp_path))) == (1, 0, 0, 1, 0)


def test_a_series_chosen_here_wins_over_another_series_of_the_import(tmp_path: Path):
    path = archive(tmp_path, 1)
    actions.run_import(path)
    piece = Publication.objects.get()
    piece.series = Series.objects.create(title="Alice's Choice")
    publications.release(_saved(piece))

    report = actions.run_import(path, series="The Lantern")

    assert Publication.objects.get().series.title == "Alice's Choice"
    assert [(row["kind"], row["text"].split()[0]) for row in report.warnings] == [("edited here", "series_id")]


def _saved(piece: Publication) -> Publication:
    publications.save_draft(piece)
    return piece


def test_undo_of_a_run_that_changed_nothing_says_so(tmp_path: Path):
    path = archive(tmp_path, 1)
    actions.run_import(path)
    again = actions.run_import(path)

    said = actions.undo(again.run).summary()

    assert said == f"Run {again.run} had changed nothing, so there was nothing to take back."
    assert visibility.total() == 1


def test_an_empty_folder_is_one_sentence_and_no_run(tmp_path: Path):
    with pytest.raises(IsthmusError, match=r"holds no file: name the file or the folder") as said:
        actions.run_import(tmp_path)

    assert not isinstance(said.value, UsageError)
    assert not ImportRun.objects.exists()


def test_a_map_that_is_not_there_is_named_without_an_error_number(tmp_path: Path):
    with pytest.raises(UsageError) as said:
        actions.run_import(archive(tmp_path, 1), map_file=tmp_path / "nofile.toml")

    assert "Errno" not in str(said.value)
    assert f"The map {tmp_path / 'nofile.toml'} cannot be read (No such file or directory)" in str(said.value)


def test_an_address_that_names_a_piece_by_its_number_leads_to_it(tmp_path: Path):
    actions.run_import(archive(tmp_path, 1, guid="https://narrows.example/?p=123"))

    answer = Client().get("/?p=123")

    assert (answer.status_code, answer["Location"]) == (301, "/publications/note-1-from-the-narrows/")


def test_the_number_of_a_piece_that_is_not_public_is_the_front_page_as_for_any_number(tmp_path: Path):
    actions.run_import(archive(tmp_path, 1, guid="https://narrows.example/?p=123", status="private"))

    hidden, absent, front = (Client().get(address) for address in ("/?p=123", "/?p=124", "/"))

    assert (hidden.status_code, hidden.content) == (200, absent.content)
    assert hidden.content == front.content


@pytest.mark.parametrize("address", ["/?p=123", "/blog/2019/note/"])
def test_addresses_of_the_old_site_say_after_an_undo_that_the_piece_is_gone(tmp_path: Path, address: str):
    path = archive(
        tmp_path, 1, guid="https://narrows.example/?p=123", source_url="https://narrows.example/blog/2019/note/"
    )
    report = actions.run_import(path)
    actions.undo(report.run)

    gone = Client().get(address)
    actions.run_import(path)
    back = Client().get(address)

    assert gone.status_code == 410
    assert "Note 1 from the narrows" in gone.content.decode()
    assert (back.status_code, back["Location"]) == (301, Publication.objects.get().path)


def test_two_files_that_count_apart_bring_both_their_pieces_and_the_same_again(tmp_path: Path):
    samples.write_records(tmp_path / "a.jsonl", [samples.record(1), samples.record(2)])
    samples.write_records(
        tmp_path / "b.jsonl",
        [samples.record(1, title="Another piece", published="2001-01-01"), samples.record(2, html="<p>Newer.</p>")],
    )

    report = actions.run_import(tmp_path)

    assert counts(report) == (4, 3, 0, 0, 1)
    assert report.skipped[0]["reason"] == "the same id as a.jsonl:2"
    assert Publication.objects.filter(title="Another piece").count() == 1
    assert counts(actions.run_import(tmp_path)) == (4, 0, 0, 3, 1)
