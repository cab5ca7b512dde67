"""The store: what may be kept, what a purge takes away, and what a front is told."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from isthmus.edition import store as store_module
from isthmus.edition.page import Page, key_of
from isthmus.edition.store import EditionAway, Step, Store


@pytest.fixture
def store(tmp_path):
    held = Store.create(tmp_path)
    yield held
    held.close()


def page(key="/a/", *, seq=10, tags=("pub:1",), content=b"<p>Alice on trade</p>", **more):
    return Page(
        key=key, headers=(("Content-Type", "text/html"),), tags=frozenset(tags), seq=seq, content=content, **more
    )


def test_what_was_put_comes_back_whole(store):
    long = page(content=b"word " * 4000, places=(5, 9), parameters=frozenset({"page"}), modified_at=1_800_000_000)

    assert store.put(long)

    assert store.get("/a/") == long.with_etag().__class__(**{**_fields(long.with_etag()), "size_bytes": 20_000})
    assert store.get(key_of("/a/", 2)) is None


def _fields(page):
    return {name: getattr(page, name) for name in page.__dataclass_fields__}


def test_the_stamp_stands_at_each_of_its_places():
    shown = page(content=b"Total: publications, pieces", places=(7, 21))

    assert shown.stamped(b"5,822") == b"Total: 5,822publications, 5,822pieces"
    assert page().stamped(b"5,822") == page().content


def test_a_rendering_that_began_before_a_release_is_never_kept_after_its_purge(store):
    store.purge(["pub:1"], 11)

    assert not store.put(page(seq=10))
    assert store.put(page(seq=11))
    assert store.get("/a/").seq == 11


def test_a_purge_takes_what_shows_the_tag_and_was_made_before(store):
    store.put_many([page("/a/"), page("/b/", tags=("pub:2",)), page("/c/", tags=("pub:2", "pub:1"), seq=12)])

    assert store.purge(["pub:1", "person:9"], 12) == 1

    assert store.keys() == ["/b/", "/c/"]
    assert store.keys("pub:1") == ["/c/"]


def test_what_was_mined_is_compared_with_the_number_its_keeper_had_reached(store):
    store.put(page(seq=20, tags=("pub:1", "dossier:4"), mined_seq=15))

    assert store.purge(["pub:1"], 18) == 0
    assert store.purge(["dossier:4"], 18) == 1
    assert not store.put(page(seq=20, tags=("dossier:4",), mined_seq=17))
    assert store.put(page(seq=20, tags=("dossier:4",), mined_seq=18))


def test_everything_is_gone_in_one_step_and_the_room_is_freed_later(store):
    store.put_many([page(f"/{n}/") for n in range(30)])

    assert store.take(Step(11, everything=True, stamp="7")) == -1

    assert store.get("/3/") is None
    assert store.keys() == []
    assert not store.put(page(seq=10))
    assert store.put(page("/3/", seq=11))
    assert [store.sweep(n_most=20), store.sweep(n_most=20), store.sweep(n_most=20)] == [20, 10, 0]
    assert store.held() == store_module.Held(n_pages=1, n_files=0, n_bytes=len(page().content), n_unswept=0)


def test_an_older_rendering_does_not_take_the_place_of_a_newer_one(store):
    store.put(page(seq=12, content=b"new"))

    assert not store.put(page(seq=11, content=b"old"))
    assert store.get("/a/").content == b"new"


def test_a_page_past_its_time_is_not_given_out(store):
    store.put(page(expires_at=1000.0))

    assert store.get("/a/", now=999.9) is not None
    assert store.get("/a/", now=1000.0) is None


def test_a_front_is_told_what_to_drop_and_the_stamp(store):
    store.put_many([page("/a/"), page("/b/", tags=("pub:2",))])
    began = store.changes_since(0)
    store.take(Step(11, ["pub:1"], stamp="5,823"), now=1_800_000_000.5)
    told = store.changes_since(began.n)
    store.put(page("/b/", seq=11, content=b"otherwise"))
    replaced = store.changes_since(told.n)
    store.take(Step(12, everything=True))

    assert began.keys is None
    assert told.keys == ("/a/",)
    assert told.stamp == store_module.Stamp("5,823", 11, 1_800_000_000)
    assert replaced.keys == ("/b/",)
    assert store.changes_since(replaced.n).keys is None
    assert store.changes_since(store.changes_since(0).n).keys == ()


def test_a_front_that_slept_too_long_drops_everything(store, monkeypatch):
    monkeypatch.setattr(store_module, "_REMEMBER_GONE", 3)
    store.put_many([page(f"/{n}/") for n in range(10)])
    asleep = store.changes_since(0)
    store.purge(["pub:1"], 11)
    store.sweep()

    assert store.changes_since(asleep.n).keys is None
    assert store.changes_since(asleep.n + 8).keys == ("/8/", "/9/")


def test_a_purge_that_was_forgotten_still_refuses_what_was_made_before_it(store):
    store.take(Step(11, ["pub:1"]), now=1000.0)
    store.sweep(now=1000.0 + 3601)

    assert not store.put(page(seq=10, tags=("pub:77",)))
    assert store.put(page(seq=11))


def test_notes_of_the_keeper_are_part_of_its_step(store):
    store.take(Step(5, remember={"pub:1": "series:2", "pub:2": "series:3", "cursor": "5"}))
    store.take(Step(6, remember={"pub:1": None, "cursor": "6"}))

    assert store.notes(["pub:1", "pub:2", "cursor", "never"]) == {"pub:2": "series:3", "cursor": "6"}


def test_the_data_version_changes_when_another_process_has_written(store, tmp_path):
    front = Store(tmp_path)
    before = front.data_version()

    store.put(page())

    assert front.data_version() != before
    assert front.data_version() == front.data_version()
    front.close()


def test_an_edition_from_before_the_machine_was_started_anew_is_not_used(store, tmp_path):
    with sqlite3.connect(tmp_path / store_module.FILE) as db:
        db.execute("UPDATE state SET value = 'another boot' WHERE name = 'boot'")
    db.close()

    with pytest.raises(EditionAway, match="worker makes a new one"):
        Store(tmp_path)


def test_a_file_that_is_no_database_gives_no_pages_and_says_so(store, tmp_path):
    store.put(page())
    store.close()
    (tmp_path / store_module.FILE).write_bytes(b"not a database" * 1000)

    assert store.get("/a/") is None
    assert store.data_version() == -1
    assert not store.put(page())
    with pytest.raises(EditionAway, match="cannot be used"):
        store.purge(["pub:1"], 11)


def test_a_forked_process_opens_the_file_anew(store):
    store.put(page())
    child = os.fork()
    if not child:
        found = store.get("/a/")
        os._exit(0 if found and store.purge(["pub:1"], 11) == 1 else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.get("/a/") is None


@pytest.mark.slow
@pytest.mark.parametrize("journal", ["rollback", "wal"])
def test_a_writer_killed_at_any_moment_leaves_whole_pages(tmp_path, journal):
    Store.create(tmp_path, journal=journal).close()
    for n_round in range(6):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(20 + 7 * n_round):
            last = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate()

        with closing(Store(tmp_path, wait_s=5)) as as_left:
            assert as_left.stamp.seq >= last
            left = [as_left.get(key) for key in list(as_left.keys())]
            assert all(found.content == f"{found.seq} ".encode() * 3000 for found in left)
            assert {found.seq for found in left} <= {as_left.stamp.seq, as_left.stamp.seq + 1}


_WRITER = """
import sys
from contextlib import closing
from pathlib import Path
from isthmus.edition.page import Page
from isthmus.edition.store import Step, Store
store = Store(Path(sys.argv[1]), wait_s=5)
seq = store.stamp.seq
while True:
    store.take(Step(seq + 1, ["list"], stamp=str(seq + 1)))
    seq += 1
    print(seq, flush=True)
    for n in range(3):
        store.put(Page(f"/{n}/", (), frozenset({"list"}), seq, content=f"{seq} ".encode() * 3000))
"""


def test_the_store_needs_no_django():
    code = "import sys, isthmus.edition.shelf; sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
