"""Every letter that was started can be read on the site, by anybody, without anything about a person."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from isthmus.kit.clock import now
from isthmus.mailing import campaigns
from isthmus.mailing.models import Mailing
from isthmus.publications import actions
from tests import makers
from tests.mailing.letters_sent import campaign, handed_over
from tests.mailing.readers import confirmed

pytestmark = pytest.mark.django_db


def _sent(**fields: Any) -> str:
    """The address of the web copy of a campaign that has been started."""
    confirmed()
    letter = campaign(**fields)
    campaigns.start(letter, now=now())
    letter.refresh_from_db()
    return campaigns.web_path(letter)


def _read(path: str) -> str:
    return str(Client().get(path).content.decode())


def test_it_says_what_the_mail_says(clock: Any):
    page = _read(_sent())

    assert "<h1" in page
    assert "Dear reader, this is what we read." in page
    assert "23 November 2026" in page


def test_nothing_of_a_person_is_in_it(clock: Any):
    page = _read(_sent())

    assert "carol" not in page
    assert "/subscriptions/" not in page
    assert "You get this because" not in page
    assert not re.search(r"qz[a-z]{24}", page)


def test_it_is_the_same_bytes_for_everybody(clock: Any):
    path = _sent()

    assert _read(path) == _read(path)


def test_its_policy_allows_its_own_sheets_and_no_inline_style(clock: Any):
    answer = Client().get(_sent())

    page, policy = answer.content.decode(), answer["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert ' style="' not in page
    assert policy.count("sha256-") == page.count("<style>") == 2


def test_pictures_and_links_of_ours_are_root_relative(clock: Any):
    piece = makers.released("Ardor Fades")

    page = _read(_sent(body=[("publications", [piece])]))

    assert f'href="{piece.path}"' in page
    assert "http://localhost" not in page


def test_a_piece_that_was_withdrawn_is_gone_from_it(clock: Any):
    piece = makers.released("Ardor Fades")
    path = _sent(body=[("text", "<p>New:</p>"), ("publications", [piece])])
    assert "Ardor Fades" in _read(path)

    actions.withdraw(piece)

    assert "Ardor Fades" not in _read(path)


@pytest.mark.parametrize("state", ["scheduled", "cancelled"])
def test_one_that_has_not_begun_does_not_exist(clock: Any, state: str):
    confirmed()
    letter = campaign("A canary in a letter", web_slug="canary")
    mailing = campaigns.schedule(letter, at=now() + timedelta(days=1), zone="UTC", now=now())
    if state == "cancelled":
        campaigns.cancel(mailing, now=now())

    here, nowhere = Client().get("/mail/canary/"), Client().get("/mail/robin/")

    assert here.status_code == nowhere.status_code == 404
    assert here.content.replace(b"canary", b"") == nowhere.content.replace(b"robin", b"")
    assert "canary" not in _read("/mail/")
    assert "canary" not in _read("/sitemap-pages.xml")


def test_one_that_was_held_and_cancelled_stays_unread(clock: Any):
    confirmed()
    letter = campaign()
    mailing = campaigns.schedule(letter, at=now() + timedelta(hours=1), zone="UTC", now=now())
    clock.advance(timedelta(hours=3))
    campaigns.start_due(now())
    campaigns.cancel(Mailing.objects.get(pk=mailing.pk), now=now())
    letter.refresh_from_db()

    assert letter.web_slug
    assert Client().get(campaigns.web_path(letter)).status_code == 404


def test_one_that_was_cancelled_half_way_can_be_read_by_those_who_got_it(clock: Any):
    confirmed("carol@example.org")
    confirmed("dan@example.org")
    letter = campaign()
    mailing = campaigns.start(letter, now=now())
    handed_over(mailing, "submitted", now=now(), most=1)
    campaigns.cancel(mailing, now=now())
    letter.refresh_from_db()

    assert Client().get(campaigns.web_path(letter)).status_code == 200


def test_letters_are_listed_by_day_and_in_the_sitemap(clock: Any):
    path = _sent()

    assert f'<a href="{path}">What we read this autumn</a>' in _read("/mail/")
    assert path in _read("/sitemap-pages.xml")


def test_without_a_letter_the_list_says_so_and_the_sitemap_nothing(clock: Any):
    assert "No letter has been sent yet" in _read("/mail/")
    assert "/mail/" not in _read("/sitemap-pages.xml")
