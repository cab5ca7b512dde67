"""The audit log is only ever added to, in the transaction of the act, and forgets only what is old."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from isthmus.publications import actions as publications
from isthmus.publications.audit import acting, actions, triggers
from isthmus.publications.audit.acting import Actor
from isthmus.publications.audit.kinds import Act
from isthmus.publications.audit.models import Entry, LogIsAppendOnly
from tests import makers

pytestmark = pytest.mark.django_db


def _entry(at: datetime) -> Entry:
    Entry(at=at, what="released", who="alice@institute.example", subject="pub:1", said="").save()
    return Entry.objects.first()


def test_an_entry_is_not_changed_by_code():
    entry = _entry(datetime.now(UTC))
    entry.who = "dan@elsewhere.example"

    for attempt in (entry.save, entry.delete, Entry.objects.all().delete, lambda: Entry.objects.update(who="x")):
        with pytest.raises(LogIsAppendOnly):
            attempt()

    assert Entry.objects.get().who == "alice@institute.example"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE isthmus_audit_entry SET who = 'dan@elsewhere.example'",
        "UPDATE isthmus_audit_entry SET at = '2001-01-01 00:00:00+00'",
        "DELETE FROM isthmus_audit_entry",
    ],
)
def test_the_database_refuses_what_code_would_not_do(statement):
    _entry(datetime.now(UTC))

    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Entry.objects.get().who == "alice@institute.example"
    assert triggers.are_up(connection)


def test_old_entries_go_and_their_going_is_noted():
    now = datetime.now(UTC)
    for days in (900, 800, 100, 0):
        _entry(now - timedelta(days=days))

    n_gone = actions.prune(keep_days=730, now=now)

    assert n_gone == 2
    newest, *kept = Entry.objects.all()
    assert (newest.what, newest.said[:9]) == ("pruned", "2 entries")
    assert len(kept) == 2
    assert actions.prune(keep_days=730, now=now) == 0


def test_an_act_that_is_rolled_back_leaves_no_entry():
    piece = makers.draft("Ardor Fades")

    with transaction.atomic():
        publications.release(piece)
        assert Entry.objects.filter(what="released").exists()
        transaction.set_rollback(True)

    assert not Entry.objects.exists()


def test_an_entry_that_cannot_be_written_takes_the_act_with_it(monkeypatch):
    piece = makers.draft("Ardor Fades")
    monkeypatch.setattr(Entry, "save", lambda self: (_ for _ in ()).throw(DatabaseError("full")))

    with pytest.raises(DatabaseError):
        publications.release(piece)

    piece.refresh_from_db()
    assert not piece.live


def test_whoever_acts_is_named_in_the_entry():
    makers.released("Typed")
    with acting.on_behalf_of(lambda: Actor("alice@institute.example", 7, "203.0.113.9")):
        makers.released("Clicked")

    clicked, typed = Entry.objects.filter(what="released")

    assert (clicked.who, clicked.user_id, clicked.network) == ("alice@institute.example", 7, "203.0.113.9")
    assert (typed.user_id, typed.network) == (None, "")
    assert clicked.subject.startswith("pub:")
    assert clicked.said == "Clicked"


def test_a_revision_and_a_draft_are_no_entries():
    piece = makers.released()
    makers.edited(piece, summary="Twice.")
    publications.release(piece)

    assert Entry.objects.filter(what="released").count() == 1


def test_every_kind_has_words_and_a_name_that_fits():
    labels = [act.value for act in Act]

    assert len(set(labels)) == len(labels)
    assert max(len(act.name) for act in Act) <= Entry._meta.get_field("what").max_length
