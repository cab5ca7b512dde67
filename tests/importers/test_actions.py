"""An import from outside: counts, release in one moment, again and again, held, changed, undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.importers import actions, queries
from isthmus.importers.models import ImportRun
from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.publications import actions as publications
from isthmus.publications import journal, visibility
from isthmus.publications.models import Person, Publication, Series
from tests.importers import samples

pytestmark = pytest.mark.django_db


def archive(folder: Path, *numbers: int, **fields: object) -> Path:
    return samples.write_records(folder / "export.jsonl", [samples.record(n, **fields) for n in numbers])


def counts(report: actions.Report) -> tuple[int, ...]:
    return tuple(report.as_json()["counts"].values())


def test_everything_comes_in_public_with_its_journal_rows(tmp_path: Path) -> None:
    report = actions.run_import(archive(tmp_path, *range(20)))

    assert counts(report) == (20, 20, 0, 0, 0)
    assert visibility.total() == 20
    assert len([row for row in journal.read_after(0) if row.what == "released" and not row.is_news]) == 20
    assert {person.name for person in Person.objects.all()} == {"Alice Moore", "Bob Hale", "Carol Finch"}


def test_a_second_run_changes_nothing_and_says_so(tmp_path: Path) -> None:
    path = archive(tmp_path, *range(20))
    actions.run_import(path)
    seq = journal.latest_seq()

    report = actions.run_import(path)

    assert counts(report) == (20, 0, 0, 20, 0)
    assert journal.latest_seq() == seq


def test_the_date_is_kept_as_printed(tmp_path: Path) -> None:
    actions.run_import(archive(tmp_path, 1, published="2019-03-04T01:30:00+09:00"))

    piece = Publication.objects.get()
    assert piece.published_on.isoformat() == "2019-03-04"
    assert piece.published_at.isoformat() == "2019-03-03T16:30:00+00:00"
    assert piece.published_offset_min == 540


def test_equal_titles_get_addresses_of_their_own(tmp_path: Path) -> None:
    actions.run_import(archive(tmp_path, 1, 2, 3, title="Press briefing"))

    assert sorted(Publication.objects.values_list("slug", flat=True)) == [
        "press-briefing",
        "press-briefing-2",
        "press-briefing-3",
    ]


def test_an_id_twice_in_one_file_comes_in_once(tmp_path: Path) -> None:
    path = samples.write_records(
        tmp_path / "a.jsonl", [samples.record(1), samples.record(1, title="Other"), samples.record(2)]
    )

    report = actions.run_import(path)

    assert counts(report) == (3, 2, 0, 0, 1)
    assert "the same id as a.jsonl:1" in report.skipped[0]["reason"]


def test_a_changed_item_is_updated_and_its_history_kept(tmp_path: Path) -> None:
    actions.run_import(archive(tmp_path, 1, 2))

    report = actions.run_import(archive(tmp_path, 1, 2, html="<p>Rewritten.</p>"))

    assert counts(report) == (2, 0, 2, 0, 0)
    piece = Publication.objects.get(slug="note-1-from-the-narrows")
    assert piece.body.raw_data[0]["value"] == "<p>Rewritten.</p>"
    assert "Canary1" in str(piece.revisions.order_by("pk").first().content["body"])
    assert counts(actions.run_import(archive(tmp_path, 1, 2, html="<p>Rewritten.</p>"))) == (2, 0, 0, 2, 0)


def test_what_was_edited_here_wins_over_the_source(tmp_path: Path) -> None:
    actions.run_import(archive(tmp_path, 1))
    piece = Publication.objects.get()
    piece.title = "Alice's own title"
    publications.save_draft(piece).publish(skip_permission_checks=True)

    report = actions.run_import(archive(tmp_path, 1, title="The source's new title", summary="New."))

    piece.refresh_from_db()
    assert (piece.title, piece.summary) == ("Alice's own title", "New.")
    assert [warning["kind"] for warning in report.warnings] == ["edited here"]


def test_a_colleagues_draft_is_not_published_by_an_update(tmp_path: Path) -> None:
    actions.run_import(archive(tmp_path, 1))
    piece = Publication.objects.get()
    piece.title = "Bob's unfinished title"
    publications.save_draft(piece)

    actions.run_import(archive(tmp_path, 1, summary="New."))

    piece = Publication.objects.get()
    assert (piece.title, piece.summary) == ("Note 1 from the narrows", "New.")
    draft = piece.get_latest_revision_as_object()
    assert (draft.title, draft.summary) == ("Bob's unfinished title", "New.")


def test_a_held_run_is_public_only_after_its_release(tmp_path: Path) -> None:
    path = archive(tmp_path, *range(5))

    held = actions.run_import(path, hold=True)

    assert visibility.total() == 0
    assert "held" in held.said[0]
    released = actions.run_import(None, release=True)
    assert visibility.total() == 5
    assert "released" in released.said[0]


def test_a_date_in_the_future_makes_a_piece_scheduled(tmp_path: Path, clock: object) -> None:
    from datetime import UTC, datetime

    actions.run_import(archive(tmp_path, 1, published="2030-01-01T00:00:00+00:00"))

    assert visibility.total() == 0
    assert publications.release_due(datetime(2029, 12, 31, tzinfo=UTC)) == 0
    assert publications.release_due(datetime(2030, 1, 2, tzinfo=UTC)) == 1
    assert visibility.total() == 1
    assert journal.read_after(0)[-1].is_news


def test_a_draft_of_the_old_site_stays_a_draft(tmp_path: Path) -> None:
    actions.run_import(archive(tmp_path, 1, status="private"))

    assert visibility.total() == 0
    assert Publication.objects.get().staged_in == ""


def test_undo_takes_a_run_back_and_the_same_archive_gets_its_addresses_again(tmp_path: Path) -> None:
    path = archive(tmp_path, *range(10), title="Note")
    report = actions.run_import(path)
    before = dict(Publication.objects.values_list("identity", "slug"))

    undone = actions.undo(report.run)

    assert (undone.n_removed, visibility.total(), Publication.objects.count()) == (10, 0, 0)
    actions.run_import(path)
    assert dict(Publication.objects.values_list("identity", "slug")) == before


def test_undo_keeps_and_names_what_was_edited_here(tmp_path: Path) -> None:
    report = actions.run_import(archive(tmp_path, 1, 2))
    piece = Publication.objects.get(slug="note-1-from-the-narrows")
    piece.summary = "Alice's."
    publications.save_draft(piece).publish(skip_permission_checks=True)

    undone = actions.undo(report.run)

    assert undone.kept == ["Note 1 from the narrows"]
    assert visibility.total() == 1
    assert "Note 1" in undone.summary()
    with pytest.raises(IsthmusError, match="already"):
        actions.undo(report.run)


def test_undo_of_an_update_puts_the_old_values_back(tmp_path: Path) -> None:
    actions.run_import(archive(tmp_path, 1))
    second = actions.run_import(archive(tmp_path, 1, summary="New."))

    undone = actions.undo(second.run)

    assert (undone.n_removed, undone.n_restored, Publication.objects.get().summary) == (0, 1, "")


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    report = actions.run_import(archive(tmp_path, 1, 2), dry_run=True)

    assert counts(report) == (2, 2, 0, 0, 0)
    assert (Publication.objects.count(), Person.objects.count(), len(queries.runs())) == (0, 0, 0)


def test_a_map_says_where_labels_go(tmp_path: Path) -> None:
    rules = tmp_path / "map.toml"
    rules.write_text(
        '[categories]\nNotes = "region/The Narrows"\n[tags]\n"tag 1" = "kind/event"\n[sources]\nnarrows = "series/Harbour Notes"\n'  # noqa: E501
    )

    actions.run_import(archive(tmp_path, 1), map_file=rules)

    piece = Publication.objects.get()
    assert [(category.axis.slug, category.label) for category in piece.categories.all()] == [("region", "The Narrows")]
    assert (piece.kind, piece.series.title) == ("event", "Harbour Notes")


def test_a_saved_page_keeps_every_promise_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(samples.PAGE, "utf-8")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")

    report = actions.run_import(tmp_path)

    assert counts(report) == (2, 1, 0, 0, 1)
    piece = Publication.objects.get()
    (byline,) = piece.bylines.all()
    assert (byline.person.name, byline.printed_name) == ("Alice Moore", "Alice B. Moore")
    assert piece.series == Series.objects.get(title="The Lantern")
    assert piece.disclaimer == "The views expressed here are her own."
    assert piece.path == "/the-lantern/ferries-stop-between-aldmark-and-ostrand-but-the-minister-keeps-writing/"


@pytest.mark.parametrize("name", ["absent.jsonl", "strange.bin"])
def test_a_path_that_cannot_be_imported_is_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "strange.bin").write_bytes(b"\x00\x01")

    with pytest.raises(UsageError) as caught:
        actions.run_import(tmp_path / name)

    assert name in str(caught.value)
    assert ImportRun.objects.count() == 0


def test_a_report_that_cannot_be_written_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        actions.run_import(archive(tmp_path, 1), report_file=tmp_path / "nowhere" / "report.json")

    assert visibility.total() == 0
    assert not ImportRun.objects.exists()
