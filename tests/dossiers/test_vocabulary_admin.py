"""Editors keep the vocabulary by a form; only a publisher shows a dossier to the public."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from isthmus.dossiers.models import Alias, Subject
from tests import makers
from tests.dossiers import archive
from tests.publications.editing.people import browser_of, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db: None) -> Client:
    """The browser of an editor, who may not release."""
    return browser_of(user("bea", "editor"))


def form(
    name: str, *aliases: dict[str, Any], titles: tuple[dict[str, Any], ...] = (), n_kept: int = 0, **fields: Any
) -> dict[str, Any]:
    """What a browser sends: n_kept of the aliases stood there before."""
    posted = {"name": name, "kind": "person", "note": "", "slug": "", "person": "", **fields}
    for prefix, rows, n_initial in (("alias", aliases, n_kept), ("title", titles, 0)):
        posted |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": n_initial}
        posted |= {f"{prefix}-{place}-{key}": value for place, row in enumerate(rows) for key, value in row.items()}
    return posted


def said(desk: Client, route: str, /, *args: Any, **posted: Any) -> str:
    return desk.post(reverse(route, args=args), posted, follow=True).content.decode()


def test_a_subject_is_made_with_names_offices_and_its_person(desk: Client):
    person = makers.person("Robert King")
    names = ({"text": "Verin", "companion": "Orla, Korin", "is_ambiguous": "on"}, {"text": ""})
    offices = ({"text": "Envoy", "starts_on": "2018-01-01", "ends_on": ""},)

    page = said(desk, "isthmus_subject_add", **form("Orla Verin", *names, titles=offices, person=person.slug))

    made = Subject.objects.get()
    assert "is kept" in page
    assert (made.slug, made.person, made.is_open) == ("orla-verin", person, False)
    assert list(made.aliases.values_list("text", "companion", "is_ambiguous")) == [("Verin", "Orla, Korin", True)]
    assert str(made.titles.get().starts_on) == "2018-01-01"


def test_names_are_changed_and_removed_and_a_new_address_leaves_the_old_one(desk: Client):
    made = archive.subject("Orla Verin", "Verin", "O. Verin")
    names = ({"text": "O. Verin", "DELETE": "on"}, {"text": "Verin", "companion": "Orla"})

    said(desk, "isthmus_subject", made.pk, **form("Orla Verin", *names, n_kept=2, slug="verin"))

    made.refresh_from_db()
    assert list(made.aliases.values_list("text", "companion")) == [("Verin", "Orla")]
    assert (made.slug, made.old_addresses.get().slug, made.is_open) == ("verin", "orla-verin", True)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"person": "nobody"}, "Nobody of the institute has the address"),
        ({"kind": "ghost"}, "Select a valid choice"),
        ({"titles": ({"text": "Envoy", "starts_on": "2019-01-01", "ends_on": "2018-01-01"},)}, "before it begins"),
        ({"titles": ({"text": "Envoy", "starts_on": "soon"},)}, "Enter a valid date"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(desk: Client, fields: dict[str, Any], message: str):
    page = said(desk, "isthmus_subject_add", **form("Orla Verin", **fields))

    assert message in page
    assert not Subject.objects.exists()


def test_the_list_finds_a_subject_by_any_of_its_names(desk: Client):
    archive.subject("Orla Verin", "Madam Chair")
    archive.subject("Han Sol-bi", is_open=False)

    def found(query: str) -> list[str]:
        page = desk.get(reverse("isthmus_subjects") + query).content.decode()
        return [name for name in ("Orla Verin", "Han Sol-bi") if f">{name}</a>" in page]

    assert found("") == ["Orla Verin", "Han Sol-bi"]
    assert found("?words=madam+ch") == found("?state=open") == ["Orla Verin"]
    assert found("?words=%00&state=closed&page=0") == ["Han Sol-bi"]
    assert found("?kind=place") == found("?page=7") == []


def test_an_alias_becomes_a_subject_of_its_own(desk: Client):
    made = archive.subject("Orla Verin", "Karin Verin")
    alias = Alias.objects.get()
    page = desk.get(reverse("isthmus_subject", args=[made.pk])).content.decode()
    assert f'form="split-{alias.pk}"' in page
    assert all(
        f'aria-label="{label}, row 1"' in page for label in ("Name", "Only beside", "Ambiguous", "Remove", "Office")
    )

    said(desk, "isthmus_subject_split", made.pk, alias.pk)

    assert set(Subject.objects.values_list("slug", "is_open")) == {("orla-verin", True), ("karin-verin", False)}


def test_two_subjects_become_one_but_an_open_one_only_by_a_publisher(desk: Client, alice: Any):
    kept, twin = archive.subject("Orla Verin"), archive.subject("O. Verin")

    assert "a publisher closes or merges it" in said(desk, "isthmus_subject_merge", twin.pk, into=kept.slug)
    assert Subject.objects.count() == 2
    assert "Choose the subject that remains" in said(desk, "isthmus_subject_merge", twin.pk, into="nobody")

    said(browser_of(alice), "isthmus_subject_merge", twin.pk, into=kept.slug)
    assert Subject.objects.get() == kept
    assert kept.aliases.get().text == "O. Verin"


def test_a_publisher_opens_and_closes_and_an_editor_is_not_asked(desk: Client, alice: Any):
    made = archive.subject("Orla Verin", is_open=False)
    address = reverse("isthmus_subject", args=[made.pk])
    assert "Open the dossier" not in desk.get(address).content.decode()
    assert "Open the dossier" in browser_of(alice).get(address).content.decode()

    said(desk, "isthmus_subject_open", made.pk, open="yes")
    made.refresh_from_db()
    assert not made.is_open

    said(browser_of(alice), "isthmus_subject_open", made.pk, open="yes")
    made.refresh_from_db()
    assert (made.is_open, made.opened_by) == (True, alice)

    said(browser_of(alice), "isthmus_subject_open", made.pk, open="no")
    made.refresh_from_db()
    assert not made.is_open
