"""What the demonstration shows of dossiers, mined from its own texts: some 3 s for the module."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from isthmus.demo.entries import Content
from isthmus.dossiers import queries, queue
from isthmus.dossiers.asked import Asked
from isthmus.dossiers.keeper import Keeper
from isthmus.dossiers.models import Occurrence, Relation, Subject, Suggestion
from isthmus.dossiers.suggestions import Finder
from tests.dossiers import archive

pytestmark = pytest.mark.slow


@pytest.fixture
def mined(demo: Content, settings: Any, tmp_path: Path) -> Content:
    """The demonstration as `isthmus demo` leaves it, with everything mined."""
    settings.DATA = tmp_path
    for tick in (Keeper().tick, Finder().tick):
        while tick():
            pass
    return demo


def test_dossiers_of_the_demo_are_made_from_its_texts(mined: Content, client: Client):
    marrant, tal_aldvik = (Subject.objects.get(name=name) for name in ("Ilse Marrant", "Joren Tal-Aldvik"))

    assert archive.without_evidence() == []
    for path in (f"/dossiers/{marrant.slug}/", f"/dossiers/{tal_aldvik.slug}/", "/chronology/"):
        assert client.get(path).status_code == 200, path
    pair = client.get(f"/dossiers/{marrant.slug}/{tal_aldvik.slug}/").content.decode()
    assert "praised First Councillor Tal-Aldvik" in pair
    assert len(queries.entries(Asked(subjects=(marrant.slug,)), queries.open_subjects())) >= 25


def test_the_line_of_the_pair_warms_and_cools_both_ways(mined: Content):
    names = ("Ilse Marrant", "Joren Tal-Aldvik")
    for actor, towards in (names, names[::-1]):
        acts = Relation.objects.filter(actor__name=actor, towards__name=towards).order_by("first_on")
        tones = [tone for tone in acts.values_list("tone", flat=True) if tone != "neutral"]
        turns = [pair for pair in pairwise(tones) if pair[0] != pair[1]]
        assert {("cool", "warm"), ("warm", "cool")} <= set(turns), (actor, tones)


def test_dates_are_the_ones_of_the_essays(mined: Content):
    for edtf, name in (
        ("2018-04-27", "Joren Tal-Aldvik"),
        ("2019-06-30", "Ilse Marrant"),
        ("2015-05-21", "Nils O’Farrow"),
    ):
        told = Occurrence.objects.filter(edtf=edtf, subjects__name=name)
        assert told.exists(), (edtf, name)


def test_there_is_a_queue_and_a_list_of_names_to_try(mined: Content):
    assert 20 <= queue.n_waiting() <= 60
    suggested = set(Suggestion.objects.values_list("text", flat=True))
    assert {"Brennick", "Lantern Light", "Robert Hale"} <= suggested
    assert not suggested & {"Ilse Marrant", "Ostrand", "Nils O’Farrow and Mirela Kye-Sand"}
