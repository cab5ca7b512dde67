"""Who decided what and when stays to be read, and what readers report is looked at and put aside."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from isthmus.dossiers import actions
from isthmus.dossiers.models import ErrorReport, Occurrence, Ruling
from isthmus.kit import clock as kit_clock
from tests.dossiers import archive
from tests.publications.editing.people import browser_of, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db: None) -> Client:
    """The browser of an editor."""
    return browser_of(user("bea", "editor"))


@pytest.fixture
def key(miner: Any) -> str:
    """Of the one entry there is."""
    archive.two()
    archive.piece(archive.MEETING)
    miner.tick()
    return Occurrence.objects.get().key


def test_every_decision_is_listed_with_who_made_it_even_after_the_piece_is_gone(
    desk: Client, key: str, alice: Any, miner: Any
):
    actions.rule(key, Ruling.What.REFUSED, by=alice, note="He was ill that day.")
    Occurrence.objects.get().text.publication.delete()
    miner.tick()
    alice.delete()

    page = desk.get(reverse("isthmus_decisions")).content.decode()

    assert archive.MEETING in page
    assert "He was ill that day." in page
    assert "somebody who has left" in page
    assert "Nothing was decided" in desk.get(reverse("isthmus_decisions") + "?what=merged").content.decode()


def test_decisions_go_on_by_number(desk: Client, key: str, alice: Any):
    for number in range(52):
        actions.rule(key, Ruling.What.ACCEPTED, by=alice, note=f"Note {number}.")

    first = desk.get(reverse("isthmus_decisions")).content.decode()
    oldest = Ruling.objects.order_by("pk")[2].pk
    second = desk.get(reverse("isthmus_decisions") + f"?before={oldest}").content.decode()

    assert f"before={oldest}" in first
    assert ("Note 2." in first, "Note 1." in first) == (True, False)
    assert ("Note 2." in second, "Note 1." in second) == (False, True)


def test_a_report_leads_to_its_entry_is_put_aside_and_taken_up(desk: Client, key: str):
    report = ErrorReport.objects.create(about="occurrence", key=key, words="A <Monday>.", at=kit_clock.now())
    gone = ErrorReport.objects.create(about="relation", key="0" * 32, words="Not so.", at=kit_clock.now())

    page = desk.get(reverse("isthmus_reports")).content.decode()
    assert "A &lt;Monday&gt;." in page
    assert reverse("isthmus_review_one", args=[key]) in page
    assert "whose sentence is gone" in page

    desk.post(reverse("isthmus_report_settle", args=[report.pk]), {"settled": "yes"})
    assert list(ErrorReport.objects.filter(is_settled=False)) == [gone]
    assert "A &lt;Monday&gt;." in desk.get(reverse("isthmus_reports") + "?settled=yes").content.decode()

    desk.post(reverse("isthmus_report_settle", args=[report.pk]), {"settled": "no"})
    assert ErrorReport.objects.filter(is_settled=False).count() == 2
