"""Everything out, and in again into an institute that has nothing: a second export is equal, byte for byte."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from isthmus.demo import loading, reading
from isthmus.importers import actions
from isthmus.importers.own_export import checked, writing
from isthmus.importers.own_export.markdown import markdown_of
from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.mailing import moving_in
from isthmus.mailing.models import Subscriber, Suppression
from isthmus.publications import actions as publications
from isthmus.publications import setup, visibility
from isthmus.publications.models import FormerAddress, HomePage, Publication, StandardPage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PEOPLE = """email,name,subjects,consent_at,consent_how,state,suppressed
carol@example.org,Carol,everything|search?q=ferry=weekly,2024-05-06,paper form,confirmed,
dan@example.org,Dan,everything,2024-05-06,paper form,confirmed,hard_bounce
bob@example.org,Bob,everything,,,pending,
"""


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """The invented institute, with a draft, a piece to come, one withdrawn, a change that waits, and subscribers."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        (settings.DATA / "secrets").mkdir(exist_ok=True)
        content = reading.read()
        setup.prepare_site(content.institute.name)
        loading.load(content)
        first, second, third = Publication.objects.order_by("slug")[:3]
        publications.withdraw(first)
        second.title = "Changed, but not yet for readers"
        publications.save_draft(second)
        third.slug += "-moved"
        publications.release(third)
        FormerAddress.objects.create(path="/who-we-are.php/", page=StandardPage.objects.all()[0])
        draft = Publication(title="Not ready", body=json.dumps([{"type": "text", "value": "<p>Soon.</p>", "id": "a"}]))
        publications.save_draft(draft)
        later = Publication(title="To come")
        publications.save_draft(later)
        publications.schedule(later, clock.now() + timedelta(days=900), zone="Asia/Seoul")
        now = datetime(2026, 11, 23, tzinfo=UTC)
        moving_in.move_in_lines(PEOPLE.splitlines(keepends=True), source="list.csv", now=now)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def exported(everything: None, db: None, tmp_path: Path) -> Path:
    writing.write_export(tmp_path / "first")
    return tmp_path / "first"


OURS = [f"isthmus_{name}" for name in ("publications", "search", "dossiers", "mailing", "importers")]


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _empty() -> None:
    """As a new institute is: with the pages and settings that every institute begins with."""
    for page in StandardPage.objects.order_by("-depth"):
        page.delete()
    HomePage.objects.update(introduction="", featured=None)
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            is_ours = model._meta.app_label in OURS and not issubclass(model, HomePage | StandardPage)
            if is_ours and model.__name__ not in ("User", "User_groups", "User_user_permissions"):
                cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
        cursor.execute("DELETE FROM wagtailcore_revision")
    setup.prepare_site("Another House")


@pytest.fixture
def emptied(exported: Path) -> Callable[[], None]:
    return _empty


def test_what_goes_out_and_comes_in_goes_out_equal(exported: Path, emptied: Callable[[], None], tmp_path: Path) -> None:
    total = visibility.total()
    emptied()

    report = actions.run_import(exported)

    writing.write_export(tmp_path / "second")
    first, second = _files(exported), _files(tmp_path / "second")
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert visibility.total() == total
    assert report.counts["created"] == report.counts["read"] == Publication.objects.count()


def test_a_second_import_changes_nothing(exported: Path, tmp_path: Path) -> None:
    report = actions.run_import(exported)

    writing.write_export(tmp_path / "second")
    assert report.counts["unchanged"] == report.counts["read"] > 0
    assert _files(exported) == _files(tmp_path / "second")


def test_a_dry_run_brings_nothing_and_counts_all(exported: Path, emptied: Callable[[], None]) -> None:
    emptied()

    report = actions.run_import(exported, dry_run=True)

    assert report.counts["created"] > 0
    assert not Publication.objects.exists()
    assert not Subscriber.objects.exists()


def test_what_was_not_public_is_not_public_afterwards(exported: Path, emptied: Callable[[], None]) -> None:
    hidden = {"Not ready", "To come"}
    emptied()

    actions.run_import(exported)

    assert not visibility.publications().filter(title__in=hidden).exists()
    assert Publication.objects.filter(title__in=hidden, live=False).count() == 2
    assert Publication.objects.get(title="To come").approved_schedule


def test_subscribers_keep_their_consent_and_whoever_is_suppressed_stays_so(
    exported: Path, emptied: Callable[[], None]
) -> None:
    emptied()

    actions.run_import(exported)

    carol = Subscriber.objects.get(email="carol@example.org")
    assert carol.consents.get().form == "paper form"
    assert {one.subject.partition(":")[0] for one in carol.subscriptions.all()} == {"everything", "search"}
    assert Subscriber.objects.get(email="bob@example.org").state == "pending"
    assert Suppression.objects.get().reason == "hard_bounce"


def test_keys_travel_only_when_asked_for(everything: None, db: None, tmp_path: Path) -> None:
    writing.write_export(tmp_path / "a")
    writing.write_export(tmp_path / "b", with_keys=True)

    assert not (tmp_path / "a" / "secrets").exists()
    assert any((tmp_path / "b" / "secrets").iterdir())


def test_a_directory_that_holds_something_else_is_left_alone(everything: None, db: None, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(UsageError, match="no export"):
        writing.write_export(tmp_path)


DAMAGES: list[Callable[[Path], object]] = [
    lambda folder: (folder / "people.jsonl").write_text("{"),
    lambda folder: (folder / "isthmus-export.json").write_text('{"isthmus_export": 999}'),
    lambda folder: shutil.rmtree(folder / "files"),
    lambda folder: (folder / "media.jsonl").write_text('{"kind": "image", "file": "../../x", "sha256": "0"}\n'),
    lambda folder: (folder / "series.jsonl").write_text('["a"]\n'),
]


def test_a_damaged_export_is_refused_whole(exported: Path, emptied: Callable[[], None], tmp_path: Path) -> None:
    emptied()

    for number, damage in enumerate(DAMAGES):
        damaged = shutil.copytree(exported, tmp_path / f"damaged-{number}")
        damage(damaged)
        with pytest.raises(IsthmusError):
            actions.run_import(damaged)
        assert not Publication.objects.exists()


def test_nothing_that_runs_comes_in_with_a_forged_body() -> None:
    body = checked.safe_body(
        [
            {"type": "text", "value": '<p onclick="x()">a<script>x()</script><a href="javascript:x()">b</a></p>'},
            {"type": "html", "value": "<img src=x onerror=x()>"},
            {"type": "text", "value": '<p>kept <a linktype="publication" id="/a/b/">as</a> it <b>is</b> &amp; was</p>'},
            {"type": "embed", "value": {"url": "java\nscript:x()", "title": "t"}},
        ]
    )

    said = json.dumps(body)
    assert "onclick" not in said
    assert "onerror" not in said
    assert "script" not in said
    assert body[2]["value"] == '<p>kept <a linktype="publication" id="/a/b/">as</a> it <b>is</b> &amp; was</p>'


def test_a_piece_reads_as_markdown() -> None:
    row = {
        "title": "A", "live": True, "attachments": [],
        "bylines": [{"person": "alice", "printed_name": "Alice B. Moore"}],
        "body": [
            {"type": "text", "value": '<h2>One</h2><p>a <b>b </b>*c* <a href="/x/">d</a>[^1]</p><ul><li>e</li></ul>'},
            {"type": "quote", "value": {"text": "Q", "source": "S"}},
            {"type": "footnotes", "value": [{"type": "item", "value": {"label": "1", "text": "<p>f</p>"}}]},
        ],
    }  # fmt: skip

    assert markdown_of(row) == (
        '---\ntitle: "A"\nauthors: ["Alice B. Moore"]\n---\n\n## One\n\na **b** \\*c\\* [d](/x/)[^1]\n\n- e\n\n'
        "> Q\n>\n> — S\n\n[^1]: f\n"
    )
