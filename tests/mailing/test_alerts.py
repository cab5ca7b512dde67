"""New pieces are told of once, to who follows them, and nothing else is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from isthmus.mailing import alerts, cursors, message
from isthmus.mailing.models import Delivery, Mailing
from isthmus.publications import actions, journal
from isthmus.publications.models import Publication
from tests import makers
from tests.mailing.ledger_makers import subscriber

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _from_here_on(db):
    cursors.install()
    message._kept.clear()


def _told(mailing: Mailing | None = None) -> dict[str, str]:
    """Who is written to, and because of what."""
    rows = Delivery.objects.filter(mailing__kind="alert").exclude(state="suppressed")
    return dict(rows.values_list("subscriber__email", "because"))


def test_a_new_piece_is_told_to_who_follows_everything(clock):
    subscriber("carol@example.org", "everything")
    piece = makers.released()

    alerts.tick()

    mailing = Mailing.objects.get()
    assert (mailing.key, mailing.state, mailing.title) == (f"alert:pub:{piece.pk}", "sending", "Ardor Fades")
    assert _told() == {"carol@example.org": "everything"}


def test_each_hears_because_of_what_is_nearest_to_the_piece(clock):
    robert, series = makers.person("Robert King"), makers.series()
    asia = makers.category("Asia")
    korea = makers.category("North Korea", parent=asia)
    subscriber("carol@example.org", "everything", f"person:{robert.pk}")
    subscriber("dan@example.org", f"category:{asia.pk}")
    subscriber("erin@example.org", f"series:{series.pk}", f"category:{korea.pk}")
    subscriber("frank@example.org", f"category:{makers.category('Europe').pk}")

    makers.released(people=(robert,), series=series, categories=(korea,))
    alerts.tick()

    assert _told() == {
        "carol@example.org": f"person:{robert.pk}",
        "dan@example.org": f"category:{asia.pk}",
        "erin@example.org": f"category:{korea.pk}",
    }


def test_who_wants_a_digest_is_not_alerted(clock):
    subscriber("carol@example.org", "everything")
    subscriber("dan@example.org", "everything", pace="daily")

    makers.released()
    alerts.tick()

    assert list(_told()) == ["carol@example.org"]


def test_edits_and_releases_anew_are_no_news(clock):
    subscriber("carol@example.org", "everything")
    piece = makers.released()
    alerts.tick()

    actions.release(makers.edited(piece, title="Ardor Fades, corrected"))
    actions.withdraw(Publication.objects.get(pk=piece.pk))
    actions.release(Publication.objects.get(pk=piece.pk))
    alerts.tick()

    assert Mailing.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_what_was_released_before_mail_began_is_no_news(clock):
    from isthmus.publications.models.journal import FollowerCursor

    subscriber("carol@example.org", "everything")
    makers.released()
    FollowerCursor.objects.filter(name="alerts").delete()

    assert alerts.tick() == 0
    assert not Mailing.objects.exists()
    assert cursors.position("alerts") == journal.latest_seq()


def test_an_old_piece_that_moves_in_is_no_news(clock):
    subscriber("carol@example.org", "everything")
    makers.released(is_backdated=True, published_on=clock().date() - timedelta(days=900))

    alerts.tick()

    assert not Mailing.objects.exists()


def test_a_piece_withdrawn_before_its_alert_was_written_is_not_told(clock):
    subscriber("carol@example.org", "everything")
    actions.withdraw(makers.released())

    alerts.tick()

    assert not Mailing.objects.exists()


def test_a_piece_withdrawn_before_its_alert_went_out_is_called_off(clock):
    subscriber("carol@example.org", "everything")
    piece = makers.released()
    alerts.tick()

    actions.withdraw(piece)
    alerts.tick()

    assert Mailing.objects.get().state == "cancelled"
    assert _told() == {}


def test_a_piece_deleted_before_its_alert_went_out_is_called_off(clock):
    subscriber("carol@example.org", "everything")
    piece = makers.released()
    alerts.tick()

    Publication.objects.get(pk=piece.pk).delete()
    alerts.tick()

    assert Mailing.objects.get().state == "cancelled"


def test_reading_the_same_rows_again_tells_nobody_again(clock):
    from isthmus.publications.models.journal import FollowerCursor

    subscriber("carol@example.org", "everything")
    makers.released()
    alerts.tick()

    FollowerCursor.objects.filter(name="alerts").update(seq=0)
    alerts.tick()

    assert Mailing.objects.count() == Delivery.objects.count() == 1


def test_news_of_yesterday_waits_for_an_editor(clock):
    subscriber("carol@example.org", "everything")
    makers.released()
    clock.advance(timedelta(hours=25))

    alerts.tick()

    mailing = Mailing.objects.get()
    assert mailing.state == "held"
    assert "released at 09:00 UTC on 2026-11-23" in mailing.held_because


def test_without_followers_no_letter_is_written(clock):
    subscriber("dan@example.org", "everything", pace="weekly")
    makers.released()

    alerts.tick()

    assert not Mailing.objects.exists()
    assert cursors.position("alerts") == journal.latest_seq()


def test_a_crash_while_the_audience_is_made_leaves_nothing_and_loses_nothing(clock, monkeypatch):
    subscriber("carol@example.org", "everything")
    makers.released()

    def dies(*args, **kwargs):
        raise RuntimeError("killed")

    prepare = alerts.ledger.prepare
    monkeypatch.setattr(alerts.ledger, "prepare", dies)
    with pytest.raises(RuntimeError):
        alerts.tick()
    assert not Mailing.objects.exists()
    monkeypatch.setattr(alerts.ledger, "prepare", prepare)
    alerts.tick()

    assert list(_told()) == ["carol@example.org"]


def test_each_of_many_new_pieces_is_told(clock, monkeypatch):
    monkeypatch.setattr(alerts, "_MAX_LETTERS", 2)
    subscriber("carol@example.org", "everything")
    for number in range(5):
        makers.released(f"Piece {number}")

    while alerts.tick():
        pass

    assert Mailing.objects.count() == Delivery.objects.count() == 5


def test_a_piece_of_which_no_letter_can_be_made_holds_up_no_other(clock, monkeypatch):
    subscriber("carol@example.org", "everything")
    broken, whole = makers.released("Broken"), makers.released("Whole")
    compose = alerts.letters.alert

    def fails(publication):
        if publication == broken.pk:
            raise ZeroDivisionError
        return compose(publication)

    monkeypatch.setattr(alerts.letters, "alert", fails)
    alerts.tick()

    states = dict(Mailing.objects.values_list("publication_id", "state"))
    assert states == {broken.pk: "held", whole.pk: "sending"}
    assert "No letter can be made" in Mailing.objects.get(publication_id=broken.pk).held_because
