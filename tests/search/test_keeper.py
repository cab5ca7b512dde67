from collections.abc import Iterator
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from isthmus.kit.errors import IsthmusError
from isthmus.kit.locks import file_lock
from isthmus.publications import actions, documents, journal, visibility
from isthmus.publications.models import FollowerCursor, JournalEntry, Publication
from isthmus.search import keeper as keeping
from isthmus.search.engine import SearchAway, Sort
from isthmus.search.engines.fake import Disk, FakeEngine
from isthmus.search.keeper import FOLLOWER, Keeper
from isthmus.search.language import parse
from isthmus.search.shelf import LOCK, POINTER, Shelf, shelf
from tests import makers

# Of any number of Documents up to 200; one more for each level above their categories.
_QUERIES_OF_A_BATCH = 5


def found(question: str) -> list[int]:
    return [hit.id for hit in shelf().current().search(parse(question), offset=0, limit=100, sort=Sort.OLDEST).hits]


def generations() -> list[str]:
    return sorted(path.name for path in shelf().root.iterdir() if path.is_dir())


def test_first_tick_makes_the_index(keeper: Keeper):
    piece = makers.released("Summit")

    keeper.tick()

    assert found("summit") == [piece.pk]
    assert journal.lag(FOLLOWER) == 0


def test_release_revision_and_withdrawal_are_followed(keeper: Keeper):
    keeper.tick()
    piece = makers.released("Summit")
    assert keeper.tick() == 1
    assert found("summit") == [piece.pk]

    actions.release(makers.edited(piece, title="Parley"))
    keeper.tick()
    assert (found("summit"), found("parley")) == ([], [piece.pk])

    actions.withdraw(Publication.objects.get(pk=piece.pk))
    keeper.tick()
    assert found("parley") == []
    assert shelf().current().state().n_documents == visibility.total() == 0


def test_deleted_piece_leaves_the_index(keeper: Keeper):
    piece = makers.released("Summit")
    keeper.tick()

    piece.delete()
    keeper.tick()

    assert found("summit") == []


def test_drafts_never_reach_the_index(keeper: Keeper):
    piece = makers.released("Summit")
    makers.draft("Secret summit")
    makers.edited(piece, title="Secret title")

    keeper.tick()

    assert (found("secret"), found("summit")) == ([], [piece.pk])


def test_renamed_person_is_found_by_the_new_name(keeper: Keeper):
    person = makers.person("Carol Smith")
    piece = makers.released("Summit", people=(person,))
    keeper.tick()

    person.name = "Carol Jones"
    person.save()
    keeper.tick()

    assert (found("carol smith"), found("carol jones")) == ([], [piece.pk])


def test_renamed_axis_is_followed_by_all_its_categories(keeper: Keeper):
    category = makers.category("Korea", axis="region")
    piece = makers.released("Summit", categories=(category,))
    keeper.tick()

    category.axis.slug = "place"
    category.axis.save()
    keeper.tick()

    facets = shelf().current().facets(parse(""), filters={}, groups=["category.region", "category.place"])
    assert facets == {"category.region": {}, "category.place": {"korea": 1}}
    assert found("summit") == [piece.pk]


def test_piece_in_a_branch_counts_for_every_branch_above_it(keeper: Keeper, django_assert_num_queries: Any):
    asia = makers.category("Asia")
    korea = makers.category("Korea", parent=asia)
    north = makers.category("North Korea", parent=korea)
    pieces = [makers.released("Summit", categories=(one,)) for one in (north, asia, makers.category("Europe"))]

    with django_assert_num_queries(_QUERIES_OF_A_BATCH + 2):
        (deep, *_) = documents.documents([piece.pk for piece in pieces])
    assert [branch.key for branch in deep.categories[0].above] == ["region/korea", "region/asia"]

    keeper.tick()
    facets = shelf().current().facets(parse(""), filters={}, groups=["category.region"])
    assert facets["category.region"] == {"asia": 2, "korea": 1, "north-korea": 1, "europe": 1}


def test_nothing_to_do_is_cheap(keeper: Keeper, django_assert_max_num_queries: Any):
    makers.released()
    keeper.tick()

    with django_assert_max_num_queries(3):
        assert keeper.tick() == 0


def test_cursor_moves_only_after_the_commit(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    keeper.tick()
    makers.released("Summit")
    before = journal.cursor_of(FOLLOWER)

    def dies(*_: Any, **__: Any) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(type(shelf().current()), "apply", dies)
        with pytest.raises(RuntimeError):
            keeper.tick()
    assert journal.cursor_of(FOLLOWER) == before

    keeper.tick()
    assert len(found("summit")) == 1


def test_crash_between_commit_and_cursor_repeats_the_work(keeper: Keeper):
    makers.released("Summit")
    keeper.tick()
    FollowerCursor.objects.filter(name=FOLLOWER).update(seq=0)

    keeper.tick()

    assert len(found("summit")) == shelf().current().state().n_documents == 1
    assert journal.lag(FOLLOWER) == 0


def test_older_index_put_back_repairs_itself_without_a_rebuild(keeper: Keeper):
    old = makers.released("Old")
    keeper.tick()
    only = generations()
    engine = shelf().current()
    new = makers.released("New")
    keeper.tick()
    # What a restored copy looks like: the content and number of an earlier commit, the cursor of now.
    engine.apply(documents.documents([old.pk]), [new.pk], seq=engine.state().seq - 1)

    keeper.tick()

    assert found("new") == [new.pk]
    assert generations() == only


def test_older_database_put_back_takes_what_came_later_out_of_the_index(keeper: Keeper):
    makers.released("Old")
    keeper.tick()
    later = makers.released("Later")
    keeper.tick()
    JournalEntry.objects.filter(subject=later.subject).delete()
    Publication.objects.filter(pk=later.pk).update(live=False)

    keeper.tick()

    assert found("later") == []
    assert keeper.status().n_indexed == 1


@pytest.mark.parametrize("damage", ["pointer", "garbled pointer", "directory", "content", "format"])
def test_lost_or_broken_index_is_made_anew(keeper: Keeper, damage: str):
    piece = makers.released("Summit")
    keeper.tick()
    root = shelf().root
    held = root / generations()[0]
    shelf().close()
    if damage == "pointer":
        (root / POINTER).unlink()
    elif damage == "garbled pointer":
        (root / POINTER).write_text("x")
    elif damage == "format":
        (root / POINTER).write_text((root / POINTER).read_text().replace('"format": "', '"format": "other'))
    elif damage == "directory":
        held.rename(root.parent / "elsewhere")
    else:
        (held / "meta.json").write_text("{")
    assert keeper.status().n_indexed is None

    keeper.tick()

    assert found("summit") == [piece.pk]
    assert len(generations()) == 1


def test_rebuild_switches_and_leaves_only_the_new_index(keeper: Keeper):
    for n in range(3):
        makers.released(f"Summit {n}")
    keeper.tick()
    before, seen = generations(), []

    assert keeper.rebuild(on_progress=seen.append) == 3

    assert seen == [1, 1, 1]
    assert len(generations()) == 1
    assert generations() != before
    assert len(found("summit")) == 3


def test_rebuild_takes_along_what_is_released_meanwhile(keeper: Keeper):
    makers.released("Summit")
    keeper.tick()

    keeper.rebuild(
        on_progress=lambda n: (
            makers.released("Meanwhile") if not Publication.objects.filter(title="Meanwhile") else None
        )
    )

    assert (len(found("meanwhile")), keeper.status().lag) == (1, 0)


def test_rebuild_that_does_not_add_up_keeps_the_old_index(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    makers.released("Summit")
    keeper.tick()
    before = generations()
    monkeypatch.setattr(keeping, "_every_document", lambda: iter(()))

    with pytest.raises(IsthmusError, match="stays"):
        keeper.rebuild()

    assert generations() == before
    assert len(found("summit")) == 1


def test_rebuild_on_a_site_that_never_rests_succeeds_and_the_next_tick_brings_the_rest(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
):
    follow, released = keeping._apply_rows, []

    def while_others_release(*place: Any, **more: Any) -> Any:
        released.append(makers.released("Summit").pk)
        applied = follow(*place, **more)
        released.append(makers.released("Summit").pk)
        actions.withdraw(makers.released("Parley"))
        return applied

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "_apply_rows", while_others_release)
        keeper.rebuild()

    assert 0 < len(found("summit")) < visibility.total() == len(released)
    keeper.tick()
    assert found("summit") == released
    assert keeper.check().is_clean


def test_new_index_that_lost_a_piece_is_found_out_while_others_write(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    lost, kept = makers.released("Summit"), makers.released("Summit")
    keeper.tick()
    every = keeping._every_document
    monkeypatch.setattr(keeping, "_every_document", lambda: (piece for piece in every() if piece.id != lost.pk))
    look = keeping._compared

    def while_another_is_released(*place: Any, **more: Any) -> Any:
        makers.released("Summit")
        return look(*place, **more)

    monkeypatch.setattr(keeping, "_compared", while_another_is_released)
    with pytest.raises(IsthmusError, match="stays"):
        keeper.rebuild()

    assert found("summit") == [lost.pk, kept.pk]


def test_rebuild_that_fails_keeps_the_old_index(keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    makers.released("Summit")
    keeper.tick()
    before = generations()

    def failing() -> Iterator[Any]:
        yield from documents.documents(documents.visible_ids())
        raise OSError("gone")

    monkeypatch.setattr(keeping, "_every_document", failing)
    with pytest.raises(OSError, match="gone"):
        keeper.rebuild()

    assert generations() == before


def test_check_finds_and_repairs_what_differs(keeper: Keeper):
    missing, stale, left = (makers.released(title) for title in ("Missing", "Stale", "Left"))
    keeper.tick()
    engine = shelf().current()
    Publication.objects.filter(pk=left.pk).update(live=False)
    Publication.objects.filter(pk=stale.pk).update(fingerprint="changed behind our back")
    engine.apply((), [missing.pk], seq=engine.state().seq)

    check = keeper.check()

    assert (check.missing, check.stale, check.left_over) == ((missing.pk,), (stale.pk,), (left.pk,))
    assert keeper.check().is_clean
    assert engine.state().n_documents == visibility.total() == 2


def test_other_keeper_at_work_is_left_alone(keeper: Keeper):
    makers.released("Summit")
    shelf().root.mkdir(parents=True)

    with file_lock(shelf().root / LOCK):
        assert keeper.tick() == 0

    assert keeper.tick() == 1


def test_half_built_index_of_a_killed_process_is_swept_away(keeper: Keeper):
    shelf().begin()
    makers.released("Summit")

    keeper.tick()

    assert len(generations()) == 1


def test_keeper_needs_no_more_of_an_engine_than_the_contract(keeper: Keeper, settings: Any):
    disks: dict[Any, Disk] = {}
    fake = Shelf(
        settings.DATA / "fake",
        make=lambda path: FakeEngine(disks.setdefault(path, Disk())),
        open_=lambda path: FakeEngine(disks[path]),
    )
    kept = Keeper(fake)
    piece = makers.released("Summit")
    kept.tick()
    actions.withdraw(piece)
    kept.tick()
    makers.released("Parley")
    kept.rebuild()

    assert [entry.document.title for disk in disks.values() for entry in disk.entries.values()][-1] == "Parley"
    assert fake.current().state().n_documents == 1
    assert kept.check().is_clean


def test_reading_documents_asks_the_same_number_of_queries_for_any_number(keeper: Keeper):
    from django.db import connection

    def n_queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            list(documents.documents(documents.visible_ids()))
        return len(asked)

    makers.released("One", people=(makers.person(),), categories=(makers.category(),))
    one = n_queries()
    for n in range(5):
        makers.released(f"More {n}", people=(makers.person(f"Dan {n}"),), categories=(makers.category(f"Region {n}"),))

    assert n_queries() == one


def test_index_that_is_closed_under_a_reader_is_opened_again(keeper: Keeper):
    makers.released("Summit")
    keeper.tick()
    shelf().current().close()
    shelf().close()

    assert len(found("summit")) == 1


def test_missing_index_says_what_to_do(keeper: Keeper):
    with pytest.raises(SearchAway, match="isthmus index rebuild"):
        shelf().current()
