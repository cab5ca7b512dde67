"""The keeper: what it purges and what it leaves, how it goes on after a kill, and when it begins anew."""

import sqlite3
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from isthmus.edition import editions, rendering
from isthmus.edition.keeper import Keeper
from isthmus.edition.store import FILE
from isthmus.publications import actions, journal
from isthmus.publications.models import JournalEntry
from tests import makers

FIRST_DAY = date(2020, 1, 1)


@pytest.fixture
def series(edition, settings):
    """Seven pieces of a series, two a page: four pages, the newest with one."""
    settings.ISTHMUS = replace(settings.ISTHMUS, listing_page_size=2)
    row = makers.series()
    row.pieces = [_piece(row, day) for day in range(1, 8)]
    edition.follow()
    edition.keep("/", "/people/", "/series/", *_pages(row), *(piece.path for piece in row.pieces), "/robots.txt")
    return row


def _piece(series, day, **fields):
    return makers.released(f"Day {day}", series=series, published_on=FIRST_DAY + timedelta(days=day), **fields)


def _pages(series):
    return [series.path, *(f"{series.path}?page={number}" for number in range(1, 5))]


def test_a_new_piece_changes_the_newest_page_of_its_lists_and_no_full_one(edition, series):
    before = {key: edition.store.get(key) for key in list(edition.store.keys())}

    _piece(series, 9)
    edition.follow()

    gone = set(before) - set(edition.store.keys())
    # The very first piece has nothing before it, and is shown with what came after.
    assert gone == {"/", "/series/", series.path, f"{series.path}?page=4", series.pieces[0].path}
    assert rendering.render(f"{series.path}?page=3").page.etag == before[f"{series.path}?page=3"].etag
    assert edition.store.stamp.text == "8 publications"


def test_a_full_page_answers_the_same_bytes_after_a_release(edition, series):
    before = Client().get(f"{series.path}?page=2").content
    edition.keeper.rebuild()

    _piece(series, 9)

    assert Client().get(f"{series.path}?page=2").content.replace(b"8 publ", b"7 publ") == before


def test_a_piece_withdrawn_in_the_middle_moves_what_stands_after_it(edition, series):
    _piece(series, 8)
    edition.follow()
    edition.keep(*_pages(series), "/people/")

    actions.withdraw(series.pieces[3])
    edition.follow()

    kept = set(edition.store.keys())
    assert {f"{series.path}?page=1", "/robots.txt", "/people/", series.pieces[1].path} <= kept
    assert not {f"{series.path}?page=2", f"{series.path}?page=3", series.pieces[3].path, series.pieces[4].path} & kept
    assert edition.stale() == []


def test_a_corrected_word_purges_what_shows_the_piece_alone(edition, series):
    revised = makers.edited(series.pieces[0], title="Day One")
    actions.release(revised)
    edition.follow()

    kept = set(edition.store.keys())
    assert {"/series/", "/people/", f"{series.path}?page=4", series.pieces[6].path} <= kept
    assert not {series.pieces[0].path, f"{series.path}?page=1"} & kept
    assert edition.stale() == []


def test_a_keeper_that_was_killed_takes_the_same_step_again(edition, series, monkeypatch):
    _piece(series, 9)
    monkeypatch.setattr(type(edition.store), "take", _dies)
    with pytest.raises(KeyboardInterrupt):
        edition.keeper.tick()
    monkeypatch.undo()

    assert Keeper().lag() > 0
    Keeper().tick()
    assert edition.stale() == []
    assert Keeper().lag() == 0


def _dies(*_, **__):
    raise KeyboardInterrupt


def test_a_keeper_that_is_called_before_the_first_reader_follows_what_nobody_did(edition, series):
    actions.withdraw(series.pieces[0])

    Keeper().bring_up()

    assert edition.store.get(series.pieces[0].path) is None
    assert Keeper().lag() == 0


def test_an_older_database_put_back_begins_a_new_edition(edition, series):
    JournalEntry.objects.filter(seq=journal.latest_seq()).delete()

    edition.keeper.tick()

    assert edition.store.keys() == []


def test_an_edition_that_cannot_be_read_is_given_to_nobody_and_made_anew(edition, series):
    with sqlite3.connect(edition.store.directory / FILE) as db:
        db.execute("DROP TABLE purged")
    db.close()
    _piece(series, 9)

    edition.keeper.tick()

    assert edition.store.keys() == []
    edition.keep("/")
    assert edition.stale() == []


def test_another_theme_begins_another_edition_while_the_old_one_is_kept_right(edition, series, monkeypatch):
    monkeypatch.setattr(editions, "own_key", lambda: "another")
    monkeypatch.setattr(Keeper, "_fill_like", _never_ends)
    actions.withdraw(series.pieces[0])

    edition.keeper.tick()

    old = edition.store
    assert edition.shelf.current_key() != "another"
    assert old.get(series.pieces[0].path) is None
    assert old.get("/people/") is not None
    edition.keeper._filling = None
    edition.keeper.tick()
    assert edition.shelf.current_key() == "another"
    assert edition.store.keys() == []


class _Running:
    def poll(self):
        return None

    def terminate(self):
        pass

    wait = terminate


def _never_ends(self, current):
    self._filling, self._filling_until = _Running(), float("inf")


def test_an_import_purges_everything(edition, series):
    for n in range(60):
        _piece(series, 20 + n)

    edition.follow()

    assert edition.store.keys() == []
    assert edition.store.stamp.text == "67 publications"


def test_a_purge_is_told_to_who_keeps_copies(edition, series):
    told = []
    keeper = Keeper(told=told.append)

    actions.withdraw(series.pieces[0])
    keeper.tick()

    assert f"pub:{series.pieces[0].pk}" in told[0]
