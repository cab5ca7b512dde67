"""What the front holds in memory: bounded, the most asked for, and never longer than it is right."""

from dataclasses import replace

import pytest

from isthmus.edition.page import Page
from isthmus.edition.shelf import Shelf
from isthmus.edition.store import Step
from isthmus.server.front.memory import Memory
from isthmus.server.front.wanted import GZIP, IDENTITY

_HTML = (("Content-Type", "text/html"),)


@pytest.fixture
def shelf(tmp_path):
    """As the worker and Django have it; the front's own is opened beside it, as in another process."""
    made = Shelf(tmp_path / "edition")
    made.switch(made.begin("a"))
    return made


def _memory(shelf, max_bytes=1_000_000):
    return Memory(Shelf(shelf.root), max_bytes=max_bytes)


def _page(key, **more):
    return Page(key, _HTML, frozenset({f"pub:{key}"}), 1, content=b"x" * 10_000, **more)


def test_it_stays_within_its_bound_and_keeps_what_is_asked_for_again_and_again(shelf):
    shelf.current().put_many([_page(f"/{n}/") for n in range(200)])
    memory = _memory(shelf, 300_000)

    for n in range(200):
        memory.find(f"/{n}/", IDENTITY, now=0.0)
        often = memory.find("/0/", IDENTITY, now=0.0)

    assert memory.n_bytes <= 300_000
    assert memory.find("/0/", IDENTITY, now=0.0) is often


def test_its_count_of_bytes_is_right_whatever_comes_and_goes(shelf):
    shelf.current().put_many([_page(f"/{n}/", places=(5,)) for n in range(20)])
    memory = _memory(shelf, 10_000_000)
    for n in range(20):
        memory.find(f"/{n}/", IDENTITY, now=0.0)
        memory.find(f"/{n}/", GZIP, now=0.0)

    shelf.current().take(Step(2, ["pub:/3/", "pub:/4/"]))
    memory.follow()
    memory.find("/5/", GZIP, now=0.0)

    assert memory.n_bytes == sum(page.n_bytes for page in memory._forms.values())
    assert len(memory._forms) == 36
    shelf.withdraw()
    memory.follow()
    assert (memory.n_bytes, memory.find("/5/", GZIP, now=0.0)) == (0, None)


def test_a_page_is_right_until_its_own_end_and_not_a_second_longer(shelf):
    far = 4_000_000_000.0
    shelf.current().put(_page("/today/", expires_at=far))
    memory = _memory(shelf)

    assert memory.find("/today/", IDENTITY, now=far - 1) is not None
    assert memory.find("/today/", IDENTITY, now=far) is None


def test_another_number_makes_only_the_pages_that_show_it_anew(shelf):
    shelf.current().put_many([_page("/with/", places=(0,)), _page("/without/")])
    memory = _memory(shelf)
    before = [memory.find(key, IDENTITY, now=0.0) for key in ("/with/", "/without/")]

    shelf.current().take(Step(2, stamp="8"))
    memory.follow()

    after = [memory.find(key, IDENTITY, now=0.0) for key in ("/with/", "/without/")]
    assert after[0].whole.endswith(b"8" + b"x" * 10_000)
    assert after[0].etag != before[0].etag
    assert after[1] is before[1]


def test_what_was_stored_after_a_look_is_found(shelf):
    memory = _memory(shelf)
    assert memory.find("/new/", GZIP, now=0.0) is None

    shelf.current().put(_page("/new/"))

    assert memory.find("/new/", GZIP, now=0.0) is not None
    assert memory.holds("/new/")
    shelf.current().put(replace(_page("/new/"), seq=2, content=b"y" * 500))
    memory.follow()
    assert memory.find("/new/", IDENTITY, now=0.0).whole.endswith(b"y" * 500)
