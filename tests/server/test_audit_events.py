"""Every kind of entry of the audit log is made by really doing the thing, and names who did it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import isthmus
from isthmus.importers import actions as importers
from isthmus.kit import clock as kit_clock
from isthmus.mailing import actions as people
from isthmus.mailing import ledger, noted
from isthmus.mailing.models import Mailing, Subscriber
from isthmus.publications import actions, roles
from isthmus.publications.audit import acting
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.acting import Actor
from isthmus.publications.audit.models import Entry
from isthmus.publications.models import Publication, SiteSettings, User
from isthmus.publications.setup import prepare_site
from tests import makers
from tests.publications.editing.people import browser_of, user
from tests.server.second_factor.phone import PASSWORD, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def kinds() -> list[str]:
    """Of what was noted so far, the oldest first."""
    return [*Entry.objects.order_by("pk").values_list("what", flat=True)]


@pytest.fixture
def boss(db) -> User:
    prepare_site("The Institute")
    return user("boss", "administrator")


def test_what_becomes_public_or_not(boss, clock):
    piece = makers.draft("Ardor Fades")
    actions.schedule(piece, clock() + timedelta(minutes=5))
    clock.advance(timedelta(minutes=6))
    actions.release_due(clock())
    actions.withdraw(Publication.objects.get(pk=piece.pk))

    assert [kind for kind in kinds() if kind in ("scheduled", "released", "withdrawn")] == [
        "scheduled", "released", "withdrawn",
    ]  # fmt: skip


def test_what_an_administrator_deletes_in_the_admin(boss):
    piece = makers.released("Ardor Fades")

    browser_of(boss).post(f"/admin/publications/delete/{piece.pk}/")

    found = {entry.what: entry for entry in Entry.objects.filter(subject=piece.subject)}
    assert {"withdrawn", "deleted"} <= found.keys()
    assert found["withdrawn"].who == boss.email
    assert found["withdrawn"].network == "127.0.0.1"


def test_logins_that_worked_failed_and_were_refused(boss, clock, mailoutbox):
    alice = User.objects.create_user("alice@institute.example", PASSWORD)
    roles.assign(alice, "editor")
    browser = log_in(alice.email)
    browser.post("/admin/logout/")
    for _ in range(8):
        log_in(alice.email, password="a guess")
    log_in("dan@elsewhere.example", password="his secret")
    Client().post("/admin/password_reset/", {"email": alice.email})

    entries = [entry for entry in Entry.objects.order_by("pk") if entry.network]
    assert [entry.what for entry in entries] == [
        "logged_in", "logged_out", *["login_failed"] * 5, "login_refused", "login_failed", "password_reset_asked",
    ]  # fmt: skip
    assert entries[-2].said == "an account that is not there"
    assert not Entry.objects.filter(said__contains="dan@").exists()


def test_logins_and_roles_that_are_changed(boss):
    carol = user("carol", "author")
    roles.assign(carol, "administrator")
    carol.set_password("another long password")
    carol.is_active = False
    carol.save()
    roles.Group.objects.get(name="Author").permissions.clear()
    roles.Group.objects.get(name="Editor").permissions.remove(
        roles.Permission.objects.get(codename="add_publication", content_type__app_label="isthmus_publications")
    )
    carol.delete()

    of_carol = [entry.what for entry in Entry.objects.order_by("pk") if "carol" in entry.said]
    assert of_carol[0] == "login_added"
    assert {"role_changed", "password_changed", "login_changed", "login_deleted"} <= set(of_carol)
    assert "rights_changed" in kinds()


def test_lists_that_leave_the_admin(boss):
    browser = browser_of(boss)

    for path in ("mail/subscribers.csv", "reports/site-history/?export=csv", "reports/audit/?export=xlsx"):
        assert browser.get(f"/admin/{path}").status_code == 200
    browser_of(user("bob", "author")).get("/admin/reports/audit/?export=csv")

    said = [*Entry.objects.filter(what="exported").order_by("pk").values_list("said", "who")]
    assert said == [(f"/admin/{path}", boss.email) for path in
                    ("mail/subscribers.csv", "reports/site-history/", "reports/audit/")]  # fmt: skip


def test_an_export_of_the_log_holds_no_formula(boss):
    with acting.on_behalf_of(lambda: Actor("=HYPERLINK(1)", 1, "203.0.113.9")):
        makers.released("=1+1")

    table = b"".join(browser_of(boss).get("/admin/reports/audit/?export=csv").streaming_content).decode()

    assert "'=1+1" in table
    assert ",=" not in table


def test_a_subscriber_who_is_erased_is_named_by_number_alone(boss, institute_dir):
    (institute_dir / "data" / "secrets").mkdir(exist_ok=True)
    now = datetime.now(UTC)
    carol = Subscriber.objects.create(email="carol@example.org", address_hash="0" * 64, created_at=now)
    number = carol.pk

    people.suppress("1" * 64, reason="editor", now=now)
    people.lift("1" * 64, by="Alice", now=now)
    people.erase(number, now=now)

    assert kinds()[-3:] == ["suppressed", "suppression_lifted", "erased"]
    assert Entry.objects.get(what="erased").subject == f"subscriber:{number}"
    assert "carol" not in repr([*Entry.objects.values()])


def test_a_list_of_people_that_came_in(boss, institute_dir):
    (institute_dir / "data" / "secrets").mkdir(exist_ok=True)
    file = SimpleUploadedFile("people.csv", b"email\ncarol@example.org\n")

    browser_of(boss).post("/admin/mail/subscribers/import/", {"list": file})

    entry = Entry.objects.get(what="people_imported")
    assert entry.who == boss.email
    assert "1 person read" in entry.said


def test_an_import_that_is_held_released_and_undone(boss, tmp_path: Path):
    record = {"id": "1", "source": "old", "title": "Old Piece", "published": "2019-01-02", "body": "<p>Text.</p>"}
    (tmp_path / "old.jsonl").write_text(json.dumps(record) + "\n")

    report = importers.run_import(tmp_path / "old.jsonl", hold=True)
    importers.run_import(None, release=True)
    importers.undo(report.run)

    assert [kind for kind in kinds() if kind.startswith("import_")] == [
        "import_staged", "import_released", "import_undone",
    ]  # fmt: skip


def test_settings_that_are_changed_are_named(boss):
    row, _ = SiteSettings.objects.get_or_create()
    row.tagline = "Of ferries."
    row.save()

    assert "tagline" in Entry.objects.get(what="settings_changed").said


def test_commands_and_worker_say_who_they_are(boss, monkeypatch):
    for be, who in ((acting.be_worker, "worker"), (acting.be_command_line, "command line as ")):
        monkeypatch.setattr(acting, "_process", acting._process)
        be()
        audit.note(audit.Act.HANDED_OVER)
        assert Entry.objects.first().who.startswith(who)
    assert kit_clock.now() >= Entry.objects.first().at


def test_mail_that_is_sent_held_paused_and_cancelled(boss):
    now = kit_clock.now()
    made = {"kind": "digest", "title": "News", "n_candidates": 12, "created_at": now, "starts_at": now}
    mailing = Mailing.objects.create(key="digest:daily:2026-11-23", **made)

    noted.began(mailing)
    ledger.pause(mailing)
    ledger.resume(mailing)
    ledger.hold(mailing, "It was due before.")
    ledger.cancel(mailing, now=now)

    sent = Entry.objects.filter(subject=f"mailing:{mailing.pk}").order_by("pk")
    assert [entry.what for entry in sent] == [
        "send_begun", "send_paused", "send_resumed", "send_held", "send_cancelled",
    ]  # fmt: skip
    assert sent[0].said == "digest “News”, to 12"


def test_every_kind_is_written_somewhere():
    source = Path(isthmus.__file__).parent
    code = "".join(path.read_text() for path in source.rglob("*.py") if path.name != "kinds.py")

    assert [act.name for act in audit.Act if f"Act.{act.name}" not in code] == []
