from collections.abc import Callable
from typing import Any

import pytest

from isthmus.kit.locks import file_lock
from isthmus.publications import actions, documents, journal, visibility
from isthmus.publications.models import Byline, Publication
from isthmus.search import ahead
from isthmus.search.ahead import Ahead
from isthmus.search.engine import SearchAway
from isthmus.search.engines.tantivy import TantivyEngine
from isthmus.search.keeper import FOLLOWER, Keeper
from isthmus.search.shelf import LOCK, shelf
from tests import makers
from tests.search.test_keeper import found, generations

RUN = "20190304-1"


@pytest.fixture(autouse=True)
def from_the_first_piece(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ahead, "_MIN_BATCH", 1)


def staged(*titles: str, people: tuple[Any, ...] = ()) -> list[int]:
    pieces = [Publication(title=title, slug=title.lower(), kind="post", language="en") for title in titles]
    rows = [actions.StagedPiece(piece, bylines=[Byline(person=person) for person in people]) for piece in pieces]
    actions.stage_many(rows, run=RUN)
    return [piece.pk for piece in pieces]


def release(numbers: list[int]) -> None:
    actions.release_staged(numbers, run=RUN)


def moved_in(numbers: list[int], *, before: Callable[[], object] = lambda: None, is_large: bool = False) -> None:
    with Ahead(is_large=is_large) as index:
        index.add(numbers, run=RUN)
        before()
        with index.released():
            release(numbers)


@pytest.fixture
def no_second_look(monkeypatch: pytest.MonkeyPatch):
    """Fails a test that reads a Document after the release."""

    def read(numbers: Any) -> Any:
        assert not list(numbers)
        return iter(())

    monkeypatch.setattr(documents, "documents", read)


@pytest.mark.parametrize("is_large", [False, True])
def test_what_was_staged_is_found_when_the_run_is_released(keeper: Keeper, no_second_look: None, *, is_large: bool):
    numbers = staged("Summit", "Treaty")

    moved_in(numbers, is_large=is_large)

    assert (found("summit"), found("treaty")) == ([numbers[0]], [numbers[1]])
    assert journal.lag(FOLLOWER) == 0
    assert keeper.tick() == 0


def test_nothing_staged_can_be_found_before_the_release(keeper: Keeper):
    keeper.tick()

    with Ahead() as index:
        index.add(staged("Summit"), run=RUN)

        assert found("summit") == []
    assert found("summit") == []
    assert len(generations()) == 1


def test_what_was_public_before_stays_found(keeper: Keeper):
    piece = makers.released("Parley")
    keeper.tick()

    moved_in(staged("Summit"))

    assert found("parley") == [piece.pk]
    assert shelf().current().state().n_documents == visibility.total() == 2


def test_what_changes_while_a_run_is_staged_is_not_lost(keeper: Keeper):
    carol = makers.person("Carol Smith")
    numbers = staged("Summit", people=(carol,))

    def meanwhile() -> None:
        makers.released("Parley")
        carol.name = "Carol Jones"
        carol.save()

    moved_in(numbers, before=meanwhile)

    assert found("jones") == numbers
    assert found("smith") == []
    assert len(found("parley")) == 1


def test_a_piece_that_is_not_released_with_its_run_leaves_the_index(keeper: Keeper):
    numbers = staged("Summit", "Treaty")

    with Ahead() as index:
        index.add(numbers, run=RUN)
        with index.released():
            release(numbers[:1])

    assert (found("summit"), found("treaty")) == (numbers[:1], [])


def test_a_release_that_fails_leaves_nothing_behind(keeper: Keeper):
    keeper.tick()
    numbers = staged("Summit")

    def failing() -> None:
        with Ahead() as index:
            index.add(numbers, run=RUN)
            with index.released():
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()

    assert found("summit") == []
    assert len(generations()) == 1


def test_a_keeper_at_work_keeps_the_index_from_being_switched(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ahead, "_WAIT_FOR_KEEPER_S", 0.0)
    keeper.tick()

    with file_lock(shelf().root / LOCK):
        moved_in(staged("Summit"))
        assert found("summit") == []
    keeper.tick()

    assert len(found("summit")) == 1


def test_an_index_that_breaks_is_dropped_and_the_journal_followed(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    keeper.tick()

    def broken(*_: Any, **__: Any) -> int:
        raise SearchAway("broken")

    with monkeypatch.context() as patch:
        patch.setattr(TantivyEngine, "apply", broken)
        moved_in(staged("Summit", "Treaty"))
    keeper.tick()

    assert len(found("summit")) == 1
    assert len(generations()) == 1


def test_a_large_site_is_followed_and_gets_no_new_index(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ahead, "_MAX_VISIBLE", 0)
    makers.released("Parley")
    keeper.tick()
    before = generations()

    moved_in(staged("Summit"))

    assert generations() == before
    assert keeper.tick() == 1


def test_a_small_archive_gets_no_new_index(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ahead, "_MIN_BATCH", 100)
    keeper.tick()
    before = generations()

    moved_in(staged("Summit"))

    assert generations() == before


def test_what_a_killed_import_left_is_swept_by_the_next(keeper: Keeper):
    keeper.tick()
    left, _ = shelf().begin()

    with Ahead() as index:
        index.add(staged("Summit"), run=RUN)

        assert not left.exists()
