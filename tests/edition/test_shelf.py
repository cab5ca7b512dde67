"""The shelf: which edition readers get, switched in one step."""

import os

import pytest

from isthmus.edition.page import Page
from isthmus.edition.shelf import Shelf


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "edition")


def _page():
    return Page("/a/", (), frozenset({"home"}), 1, content=b"x")


def test_there_is_no_edition_before_the_first_switch(shelf):
    assert shelf.current() is None

    begun = shelf.begin("abc")

    assert shelf.current() is None
    shelf.switch(begun)
    assert shelf.current().directory == begun.directory
    assert shelf.current_key() == "abc"


def test_a_switch_is_seen_by_a_process_that_has_the_old_one_open(shelf):
    shelf.switch(shelf.begin("abc"))
    front = Shelf(shelf.root)
    front.current().put(_page())

    shelf.switch(shelf.begin("def"))

    assert front.current().get("/a/") is None
    assert front.current() is front.current()


def test_a_withdrawn_edition_is_given_to_nobody(shelf):
    shelf.switch(shelf.begin("abc"))
    assert shelf.current() is not None

    shelf.withdraw()

    assert shelf.current() is None


def test_old_editions_are_deleted_after_their_grace_and_never_the_current_one(shelf):
    old, current, begun = (shelf.begin(key) for key in ("old", "now", "new"))
    shelf.switch(current)
    for store in (old, current, begun):
        os.utime(store.directory, (1_000_000_000, 1_000_000_000))

    assert shelf.sweep(keep=begun, grace_s=3600) == 1

    assert {path.name for path in shelf.root.iterdir() if path.is_dir()} == {
        current.directory.name,
        begun.directory.name,
    }


@pytest.mark.parametrize("name", ["../secrets", "", ".", "gone-1234"])
def test_a_pointer_to_nowhere_is_no_edition(shelf, name):
    shelf.root.mkdir()
    (shelf.root / "current").write_text(name)

    assert shelf.current() is None
