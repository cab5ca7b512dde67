"""A dossier that somebody follows: from its page to the mail about a new piece, and out again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from isthmus.dossiers import news
from isthmus.dossiers.actions import close_dossier, merge_subjects
from isthmus.dossiers.keeper import Keeper
from isthmus.dossiers.models import Occurrence, Ruling, Subject
from isthmus.kit.clock import FrozenClock
from isthmus.mailing import alerts, cursors, digests, mail_checks, message, queries, reasons
from isthmus.mailing.following import ChoiceInvalid
from isthmus.mailing.models import Delivery, Subscriber, Subscription
from isthmus.publications import actions as pieces
from isthmus.publications.models import Publication
from tests import makers
from tests.dossiers import archive
from tests.mailing.readers import asked, confirmed, link_of

pytestmark = pytest.mark.django_db

MET = archive.MEETING
QUIET = "Orla Verin is a poet."


@pytest.fixture(autouse=True)
def _from_here_on(db: None) -> None:
    cursors.install()
    message._kept.clear()


def _follows(*subjects: Subject, email: str = "carol@example.org", pace: str = "at_once") -> Subscriber:
    return confirmed(email, choices=[(row.subject, pace) for row in subjects])


def _told() -> dict[str, str]:
    rows = Delivery.objects.filter(mailing__kind__in=["alert", "digest"])
    return dict(rows.values_list("subscriber__email", "because"))


def test_carol_follows_a_dossier_from_its_page_to_the_mail(client: Client, clock: FrozenClock):
    orla, _ = archive.two()

    page = client.get("/dossiers/orla-verin/").content.decode()
    assert (
        '<input type="checkbox" name="follow" value="/dossiers/orla-verin/" checked> The dossier on Orla Verin' in page
    )
    sent = {"email": "carol@example.org", "follow": "/dossiers/orla-verin/", "place": "piece"}
    assert client.post("/subscribe/", sent).headers["Location"] == "/subscribe/sent/"
    confirmation = f"/subscribe/confirm/{link_of(Subscriber.objects.get())}/"
    assert "The dossier on Orla Verin" in client.get(confirmation).content.decode()
    client.post(confirmation)

    archive.piece("Nothing happened.", title="Nothing of the kind")
    archive.piece(MET, title="A meeting")
    alerts.tick()

    [delivery] = Delivery.objects.filter(mailing__kind="alert")
    assert (delivery.mailing.title, delivery.because) == ("A meeting", orla.subject)
    assert reasons.words([delivery.because]) == {orla.subject: "you follow the dossier on Orla Verin"}


def test_a_piece_without_a_public_entry_is_no_news_of_a_dossier(clock: FrozenClock):
    _follows(*archive.two())

    archive.piece(QUIET, "A few weeks later nothing was left of it for Orla Verin.")
    alerts.tick()

    assert _told() == {}


def test_the_alert_is_told_of_what_the_page_will_show(clock: FrozenClock, miner: Keeper):
    """Before the keeper has read it as after, and whatever an editor said of an entry that came again."""
    orla, han = archive.two()
    piece = archive.piece(MET, archive.QUARREL, QUIET)
    before = news.dossiers_of([piece.pk])
    while miner.tick():
        pass
    for key in Occurrence.objects.values_list("key", flat=True):
        Ruling.objects.create(about="occurrence", key=key, what="refused", at=datetime.now(UTC))

    assert before == {piece.pk: [han.pk, orla.pk]}
    assert Occurrence.objects.filter(subjects=orla).count() == 2
    assert news.dossiers_of([piece.pk]) == {}
    Ruling.objects.create(
        about="occurrence", key=Occurrence.objects.earliest("pk").key, what="corrected", at=datetime.now(UTC),
        values={"subjects": [orla.slug]},
    )  # fmt: skip
    assert news.dossiers_of([piece.pk]) == {piece.pk: [orla.pk]}


def test_a_closed_dossier_is_offered_named_and_told_of_nowhere(client: Client, clock: FrozenClock):
    orla, han = archive.two()
    carol = _follows(orla, han)
    assert "Dossiers" in client.get("/subscribe/").content.decode()
    for row in (orla, han):
        close_dossier(row)

    archive.piece(MET)
    alerts.tick()

    assert _told() == {}
    assert "Orla Verin" not in str([line.label for line in queries.followed_by(carol)])
    assert "Orla" not in client.get("/subscribe/").content.decode()
    with pytest.raises(ChoiceInvalid, match="cannot be followed"):
        asked("dan@example.org", choices=[(orla.subject, "at_once")])


def test_a_piece_nobody_may_see_tells_no_follower_of_a_dossier(clock: FrozenClock):
    orla, _ = archive.two()
    _follows(orla)
    draft = makers.draft("A secret meeting", body=[("text", f"<p>{MET}</p>")])
    gone = archive.piece(MET, title="Taken back")
    pieces.withdraw(Publication.objects.get(pk=gone.pk))

    alerts.tick()

    assert _told() == {}
    assert news.dossiers_of([draft.pk, gone.pk]) == {}


def test_a_digest_holds_what_stands_in_a_dossier_and_names_a_search_first(clock: FrozenClock):
    orla, _ = archive.two()
    _follows(orla, pace="daily")
    confirmed("dan@example.org", choices=[("search?q=meeting", "daily"), (orla.subject, "daily")])
    piece = archive.piece(MET, title="A meeting")

    clock.move_to(clock() + timedelta(days=1))
    digests.tick()

    told = _told()
    assert told.pop("dan@example.org").startswith("search:")
    assert told == {"carol@example.org": orla.subject}
    assert set(Delivery.objects.values_list("told__publication_id", flat=True)) >= {piece.pk}


def test_who_follows_a_dossier_that_is_merged_follows_the_other(clock: FrozenClock):
    orla, han = archive.two()
    carol, dan = _follows(han), _follows(han, orla, email="dan@example.org", pace="weekly")
    asked("carol@example.org", choices=[(orla.subject, "daily")])

    merge_subjects(han, into=orla)

    rows = Subscription.objects.order_by("pk").values_list("subscriber", "subject", "pace")
    assert set(rows) == {(carol.pk, orla.subject, "at_once"), (dan.pk, orla.subject, "weekly")}
    assert not Subscription.objects.filter(confirmed_at=None).exists()


def test_when_a_dossier_cannot_be_read_the_others_are_told_and_doctor_says_so(
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    _follows(*archive.two())
    confirmed("dan@example.org")

    def broken(*_: Any) -> Any:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(news, "dossiers_of", broken)
    archive.piece(MET, title="A meeting")
    alerts.tick()

    assert _told() == {"dan@example.org": "everything"}
    state, sentence = mail_checks.searches()
    assert (state, sentence.startswith("“A meeting”: Which dossiers it belongs to")) == ("wrong", True)


def test_an_alert_reads_no_piece_while_nobody_follows_a_dossier(clock: FrozenClock, monkeypatch: pytest.MonkeyPatch):
    archive.two()
    confirmed()
    monkeypatch.setattr(news, "dossiers_of", lambda *_: pytest.fail("a piece was read"))

    archive.piece(MET, on=date(2020, 1, 20))
    alerts.tick()

    assert _told() == {"carol@example.org": "everything"}


@pytest.fixture
def miner(settings: Any, tmp_path: Path) -> Keeper:
    """The keeper of what is mined."""
    settings.DATA = tmp_path
    return Keeper()
