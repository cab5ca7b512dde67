"""The vocabulary is kept by people: what they merge, split, rename and open keeps its addresses and its rulings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from isthmus.dossiers import actions, happened, standing, vocabulary
from isthmus.dossiers.actions import AliasKept, Correction, SubjectInvalid, TitleKept
from isthmus.dossiers.models import Alias, Mention, Occurrence, Ruling, Subject, SubjectAddress, ToneWord
from isthmus.publications import journal
from tests.dossiers import archive

pytestmark = pytest.mark.django_db


def kept(name: str, *aliases: str, kind: str = "person", **fields: Any) -> Subject:
    return actions.keep_subject(Subject(kind=kind, name=name, **fields), aliases=[AliasKept(text) for text in aliases])


def leads_to(slug: str) -> Subject | None:
    """Where an address leads, now or from before."""
    return (
        Subject.objects.filter(slug=slug).first()
        or Subject.objects.filter(old_addresses__slug=slug).first()
    )  # fmt: skip


def test_a_new_subject_gets_an_address_and_is_closed():
    first, second = kept("Orla Verin", is_open=True), kept("Orla  Verin")

    assert (first.slug, second.slug) == ("orla-verin", "orla-verin-2")
    assert second.name == "Orla Verin"
    assert not Subject.objects.filter(is_open=True).exists()


@pytest.mark.parametrize("name", ["Feed", "Reports"])
def test_no_subject_takes_an_address_of_the_dossiers_own(name):
    assert kept(name).slug == f"{name.lower()}-2"


def test_a_changed_address_leads_on_and_is_nobody_elses():
    subject = kept("Orla Verin")
    subject.slug = "verin"
    actions.keep_subject(subject)

    assert leads_to("orla-verin") == subject
    assert kept("Orla Verin").slug == "orla-verin-2"


def test_a_former_address_can_be_taken_up_again():
    subject = kept("Orla Verin")
    for slug in ("verin", "orla-verin"):
        subject.slug = slug
        actions.keep_subject(subject)

    assert subject.slug == "orla-verin"
    assert [row.slug for row in SubjectAddress.objects.all()] == ["verin"]


def test_names_are_kept_as_given_and_the_vocabulary_knows(miner):
    subject, before = kept("Orla Verin", "Verin", "O. Verin"), vocabulary.mark()

    actions.keep_subject(
        subject,
        aliases=[AliasKept("Verin", companion="Orla", is_ambiguous=True)],
        titles=[TitleKept("Chair of the Council", date(2018, 1, 1))],
    )

    assert list(subject.aliases.values_list("text", "companion", "is_ambiguous")) == [("Verin", "Orla", True)]
    assert subject.titles.get().text == "Chair of the Council"
    assert vocabulary.mark() != before


def test_a_title_that_ends_before_it_begins_keeps_nothing():
    with pytest.raises(SubjectInvalid, match="before it begins"):
        actions.keep_subject(
            Subject(kind="person", name="Orla Verin"), titles=[TitleKept("Chair", date(2018, 1, 1), date(2017, 1, 1))]
        )

    assert not Subject.objects.exists()


def test_opening_shows_what_was_mined_and_closing_takes_it_away(miner, alice):
    kept("Orla Verin"), kept("Han Sol-bi")
    piece = archive.piece(archive.MEETING)
    miner.tick()
    subject, before = Subject.objects.get(slug="orla-verin"), journal.latest_seq()

    assert not happened.days_of([piece.pk])
    actions.open_dossier(subject, by=alice)
    assert happened.days_of([piece.pk])
    assert (subject.is_open, subject.opened_by) == (True, alice)

    actions.close_dossier(subject)
    assert not happened.days_of([piece.pk])
    told = [(row.subject, str(row.what)) for row in journal.read_after(before)]
    pub, own = f"pub:{piece.pk}", subject.subject
    assert told == [(own, "released"), (pub, "revised"), (own, "withdrawn"), (pub, "revised")]


def test_saving_a_form_that_was_open_for_long_does_not_close_what_was_opened_meanwhile(alice):
    stale = kept("Orla Verin")
    actions.open_dossier(Subject.objects.get(), by=alice)

    actions.keep_subject(stale)

    assert Subject.objects.get().is_open


def test_merging_keeps_names_titles_addresses_and_rulings(miner, alice):
    one, other = archive.two()
    twin = kept("Orla J. Verin", "Madam Verin")
    twin.slug = "o-j-verin"
    actions.keep_subject(twin, titles=[TitleKept("Chair")])
    archive.piece("On 5 May 2019, Madam Verin met Han Sol-bi.")
    miner.tick()
    key = Occurrence.objects.get().key
    actions.rule(key, Ruling.What.CORRECTED, by=alice, correction=Correction(subjects=("o-j-verin", other.slug)))

    actions.merge_subjects(twin, into=one, by=alice)
    miner.tick()

    assert leads_to("o-j-verin") == leads_to("orla-j-verin") == one
    assert {"Orla J. Verin", "Madam Verin"} <= set(one.aliases.values_list("text", flat=True))
    assert one.titles.get().text == "Chair"
    assert Mention.objects.filter(subject=one, quote="Madam Verin").exists()
    held = standing.standings(Ruling.objects.filter(key=key))[key]
    assert held.values["subjects"] == ["orla-verin", "han-sol-bi"]


def test_merging_makes_nothing_public(miner, alice):
    closed = kept("Orla Verin")
    twin = archive.subject("Madam Verin", is_open=True)
    piece = archive.piece("On 5 May 2019, Madam Verin left.")
    miner.tick()
    assert happened.days_of([piece.pk])

    actions.merge_subjects(twin, into=closed, by=alice)
    miner.tick()

    assert not closed.is_open
    assert not happened.days_of([piece.pk])


def test_a_subject_is_not_merged_into_itself():
    subject = kept("Orla Verin")

    with pytest.raises(SubjectInvalid, match="into itself"):
        actions.merge_subjects(subject, into=subject)


def test_an_alias_is_split_off_into_a_closed_subject_and_found_as_that(miner, alice):
    subject = archive.subject("Orla Verin", "Karin Verin")
    archive.piece("On 5 May 2019, Karin Verin left.")
    miner.tick()

    made = actions.split_alias(Alias.objects.get(text="Karin Verin"), by=alice)
    miner.tick()

    assert (made.slug, made.is_open, made.kind) == ("karin-verin", False, "person")
    assert leads_to("orla-verin") == subject
    assert set(Mention.objects.values_list("subject", flat=True)) == {made.pk}


def test_undoing_a_decision_after_a_merging_names_the_subject_that_is_left(miner, alice):
    one, other = archive.two()
    archive.piece(archive.MEETING)
    miner.tick()
    key = Occurrence.objects.get().key
    actions.rule(key, Ruling.What.CORRECTED, by=alice, correction=Correction(subjects=(other.slug,)))
    actions.rule(key, Ruling.What.REFUSED, by=alice)
    actions.merge_subjects(other, into=one, by=alice)

    actions.take_back(key, by=alice)

    assert standing.standings(Ruling.objects.filter(key=key))[key].values["subjects"] == [one.slug]


def test_the_shipped_tone_words_are_restored():
    ToneWord.objects.create(word="thank", tone="cool")
    before = vocabulary.mark()

    assert actions.restore_tone_words() == 1

    assert not ToneWord.objects.exists()
    assert vocabulary.mark() != before
