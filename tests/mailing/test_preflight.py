"""What the pre-flight finds in a campaign, and what of it stops the sending."""

from __future__ import annotations

import dataclasses
import io
from datetime import timedelta
from typing import Any

import PIL.Image
import pytest
from django.core.files.base import ContentFile

from isthmus.kit.clock import now
from isthmus.mailing import audience, campaigns, ledger, preflight
from isthmus.mailing.models import Campaign, Mailing, Subscriber, Subscription, Suppression
from isthmus.publications import actions, visibility
from isthmus.publications.models import Image
from tests import makers
from tests.mailing.letters_sent import campaign
from tests.mailing.readers import confirmed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ready(settings: Any, clock: Any) -> None:
    """An institute that could send, and Carol, who would get it."""
    _options(
        settings,
        mail_server="smtp://mail.example.org",
        mail_from="The Institute <news@institute.example>",
        mail_postal_address="1 Harbour Road, Merrow",
    )
    settings.PUBLIC_URL = "https://institute.example"
    confirmed()


def _options(settings: Any, **changed: Any) -> None:
    settings.ISTHMUS = dataclasses.replace(settings.ISTHMUS, **changed)


def _finding(letter: Campaign, what: str, **more: Any) -> tuple[str, str]:
    found = next(one for one in preflight.of_campaign(letter, now=now(), **more) if one.what == what)
    return found.verdict, found.sentence


def _image(**fields: Any) -> Image:
    stored = io.BytesIO()
    PIL.Image.new("RGB", (900, 600)).save(stored, "PNG")
    return Image.objects.create(title="P", file=ContentFile(stored.getvalue(), "p.png"), **fields)


def test_a_letter_in_order_is_stopped_by_nothing():
    assert preflight.blocking(campaign(), now=now()) == []


def test_an_empty_subject_stops_it():
    assert _finding(campaign("   "), "Subject")[0] == "blocks"


def test_a_long_subject_is_only_remarked():
    assert _finding(campaign("What we read " * 8), "Subject")[0] == "note"


def test_an_empty_letter_stops_it():
    assert _finding(campaign(body=[]), "Content")[0] == "blocks"


def test_an_audience_of_nobody_stops_it():
    assert _finding(campaign(audience=()), "Audience")[0] == "blocks"
    assert _finding(campaign(audience=("series:4711",)), "Audience")[0] == "blocks"


def test_a_server_without_a_sender_stops_it(settings: Any):
    _options(settings, mail_from="")

    assert _finding(campaign(), "Sender")[0] == "blocks"


def test_without_a_server_it_may_go_to_the_mailbox(settings: Any):
    _options(settings, mail_server="", mail_from="")

    assert _finding(campaign(), "Sender")[0] == "note"


def test_bounces_at_another_domain_do_not_align(settings: Any):
    _options(settings, mail_bounce_address="bounce@elsewhere.example")

    verdict, sentence = _finding(campaign(), "Proof of sender")

    assert verdict == "note"
    assert "elsewhere.example" in sentence


def test_bounces_below_the_senders_domain_align(settings: Any):
    _options(settings, mail_bounce_address="bounce@mail.institute.example", mail_dkim_selector="s1", mail_dkim_key="k")

    assert preflight._is_aligned("mail.institute.example", "institute.example")
    assert not preflight._is_aligned("institute.example.net", "institute.example")


def test_a_letter_of_over_100_kb_stops_it():
    verdict, sentence = _finding(campaign(body=[("text", "<p>Word after word.</p>" * 5000)]), "Size")

    assert verdict == "blocks"
    assert "Gmail" in sentence


def test_a_draft_among_its_pieces_stops_it_by_its_title():
    letter = campaign(body=[("publications", [makers.draft("Not yet")])])

    verdict, sentence = _finding(letter, "Publications")

    assert verdict == "blocks"
    assert "Not yet" in sentence


def test_a_link_in_the_text_to_a_draft_stops_it():
    piece = makers.draft("Not yet")
    letter = campaign(body=[("text", f'<p><a linktype="publication" id="{piece.pk}">this</a></p>')])

    assert _finding(letter, "Publications")[0] == "blocks"


def test_a_typed_address_of_a_withdrawn_piece_stops_it():
    piece = makers.released("Ardor Fades")
    letter = campaign(body=[("text", f'<p><a href="https://institute.example{piece.path}">this</a></p>')])
    assert _finding(letter, "Links")[0] == "ok"

    actions.withdraw(piece)

    assert _finding(letter, "Links")[0] == "blocks"


def test_a_piece_that_is_released_before_the_letter_goes_is_remarked():
    piece = makers.draft("Tomorrow")
    actions.schedule(piece, now() + timedelta(hours=10))
    letter = campaign(body=[("publications", [piece])])

    assert not visibility.is_visible(piece.pk)
    assert _finding(letter, "Publications", at=now() + timedelta(hours=11))[0] == "note"
    assert _finding(letter, "Publications", at=now() + timedelta(hours=9))[0] == "blocks"
    assert _finding(letter, "Publications")[0] == "blocks"


@pytest.mark.parametrize("url", ["essays/one", "ftp://example.org/", "https://", "javascript:alert(1)"])
def test_a_link_that_leads_nowhere_from_a_mail_stops_it(url: str):
    assert not preflight._is_whole(url)


def test_links_to_this_machine_alone_stop_what_leaves_it(settings: Any, monkeypatch: pytest.MonkeyPatch):
    from isthmus.publications import context

    settings.PUBLIC_URL = "http://localhost:8000"
    monkeypatch.setattr(context, "_kept", None)

    assert _finding(campaign(), "Links")[0] == "blocks"


def test_a_picture_without_words_is_remarked():
    bare = campaign(body=[("image", {"image": _image(), "alt": ""})])
    said = campaign(body=[("image", {"image": _image(), "alt": "A harbour at dawn."})])

    assert _finding(bare, "Words for pictures")[0] == "note"
    assert _finding(said, "Words for pictures")[0] == "ok"


def test_its_pictures_are_public_from_its_start_and_not_before():
    picture = _image()
    letter = campaign(body=[("image", {"image": picture, "alt": ""})])
    assert not visibility.image_is_public(picture.pk)
    assert _finding(letter, "Pictures")[0] == "note"

    campaigns.start(letter, now=now())

    assert visibility.image_is_public(picture.pk)


def test_no_postal_address_is_remarked(settings: Any):
    _options(settings, mail_postal_address="")

    assert _finding(campaign(), "Postal address")[0] == "note"


def _crowd() -> None:
    """Carol and five others: one pauses, one is suppressed, one left, one follows a series, one never confirmed."""
    for number in range(5):
        confirmed(f"reader{number}@example.org", choices=[("everything", "daily")])
    people = list(Subscriber.objects.filter(email__startswith="reader").order_by("pk"))
    Subscriber.objects.filter(pk=people[0].pk).update(paused_until=now() + timedelta(days=1))
    Suppression.objects.create(address_hash=people[1].address_hash, reason="editor", at=now())
    Subscriber.objects.filter(pk=people[2].pk).update(state="left")
    Subscription.objects.filter(subscriber=people[3]).update(subject="series:2")
    Subscription.objects.filter(subscriber=people[4]).update(confirmed_at=None)


@pytest.mark.parametrize("subjects", [["everything"], ["series:2"], ["series:2", "everything"], ["person:9"]])
def test_the_number_an_editor_sees_is_the_number_the_ledger_prepares(subjects: list[str]):
    _crowd()
    mailing = Mailing.objects.create(key="campaign:1:1", kind="campaign", title="x", created_at=now(), starts_at=now())

    seen = audience.of_subjects(subjects, now=now())
    made = ledger.prepare(mailing, subjects=audience.in_order(subjects), paces=Subscription.Pace.values, now=now())

    assert (seen.n_candidates, seen.left_out) == (made.n_candidates, made.excluded)
    assert seen.n_reached == made.deliveries.count()
