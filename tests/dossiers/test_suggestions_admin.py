"""Suggested names are decided with one click each, or many at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from isthmus.dossiers import actions
from isthmus.dossiers.models import Subject, Suggestion
from tests.dossiers import archive
from tests.publications.editing.people import browser_of, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db: None) -> Client:
    """The browser of an editor."""
    return browser_of(user("bea", "editor"))


def suggested(text: str, **fields: Any) -> Suggestion:
    return Suggestion.objects.create(key=text.lower(), text=text, **{"kind": "person", "n_texts": 7, **fields})


def decide(desk: Client, row: Suggestion, what: str, **posted: str) -> str:
    address = reverse("isthmus_suggestion_decide", args=[row.pk])
    return desk.post(address, {"what": what, **posted}, follow=True).content.decode()


def test_the_most_used_name_stands_first_with_a_sentence(desk: Client):
    suggested("Han Sol-bi", n_texts=3, example="Han Sol-bi <left>.")
    suggested("Orla Verin", n_texts=9)

    page = desk.get(reverse("isthmus_suggestions")).content.decode()

    assert page.index("Orla Verin") < page.index("Han Sol-bi")
    assert "Han Sol-bi &lt;left&gt;." in page


def test_one_click_makes_a_subject_of_the_chosen_kind(desk: Client):
    decide(desk, suggested("Korin"), "subject", kind="place")

    assert (Subject.objects.get().name, Subject.objects.get().kind) == ("Korin", "place")


def test_one_click_makes_an_alias_of_a_known_subject_and_of_no_other(desk: Client):
    verin, row = archive.subject("Orla Verin"), suggested("Madam Verin")

    assert "Choose the subject" in decide(desk, row, "alias", of="nobody")
    decide(desk, row, "alias", of=verin.slug)

    assert verin.aliases.get().text == "Madam Verin"


def test_a_refused_name_is_listed_apart_and_can_be_suggested_again(desk: Client):
    row = suggested("Orla Verin")

    assert "will not be suggested again" in decide(desk, row, "refused")
    assert "<strong>0</strong>" in desk.get(reverse("isthmus_suggestions")).content.decode()
    assert "Orla Verin" in desk.get(reverse("isthmus_suggestions") + "?state=refused").content.decode()

    decide(desk, row, "again")
    row.refresh_from_db()
    assert row.state == "proposed"


def test_many_are_decided_at_once_and_what_a_colleague_decided_is_left(desk: Client, alice: Any):
    rows = [suggested(name) for name in ("Orla Verin", "Han Sol-bi", "Mara Quayle")]
    actions.accept_as_subject(rows[2], by=alice)
    chosen = [*(str(row.pk) for row in rows), "x", "9" * 30]

    address = reverse("isthmus_suggestions_decide")
    page = desk.post(address, {"what": "refused", "chosen": chosen}, follow=True).content.decode()

    assert "2 names decided" in page
    assert list(Suggestion.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "refused", "accepted"]


def test_a_button_that_says_nothing_decides_nothing(desk: Client):
    row = suggested("Orla Verin")

    decide(desk, row, "nonsense")
    desk.post(reverse("isthmus_suggestions_decide"), {"what": "nonsense", "chosen": [str(row.pk)]})

    row.refresh_from_db()
    assert row.state == "proposed"
