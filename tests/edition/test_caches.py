"""A cache before the site is told of every change, in the end, whatever happens to it in between."""

from __future__ import annotations

import http.server
import logging
import threading
from collections.abc import Iterator

import pytest

from isthmus.edition.caches import Cache


class _Heard(http.server.BaseHTTPRequestHandler):
    """Notes the keys it is told; answers 503 as often as it was told to."""

    def do_PURGE(self) -> None:
        server: _Listening = self.server  # type: ignore[assignment]
        if server.n_refusals:
            server.n_refusals -= 1
            self.send_error(503)
            return
        server.keys.append(self.headers["Surrogate-Key"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


class _Listening(http.server.HTTPServer):
    keys: list[str]
    n_refusals: int


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def varnish() -> Iterator[_Listening]:
    server = _Listening(("127.0.0.1", 0), _Heard)
    server.keys, server.n_refusals = [], 0
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def cache(varnish: _Listening, clock: _Clock) -> Cache:
    """One that has told what is told after a start, twice."""
    made = Cache(f"http://127.0.0.1:{varnish.server_port}", total=lambda: "59 publications", monotonic=clock)
    made.told(set())
    made.tick()
    clock.now += 2
    made.tick()
    assert varnish.keys == ["all", "all"]
    varnish.keys.clear()
    return made


def test_what_went_is_told_at_once_and_once_more(cache: Cache, varnish: _Listening, clock: _Clock):
    cache.told({"pub:7", "home"})
    cache.tick()
    cache.tick()
    clock.now += 2
    cache.tick()
    clock.now += 60
    cache.tick()

    assert varnish.keys == ["home many pub:7", "home many pub:7"]


def test_a_new_total_stands_on_every_page(varnish: _Listening, clock: _Clock):
    totals = iter(["59", "59", "60"])
    cache = Cache(f"http://127.0.0.1:{varnish.server_port}", total=lambda: next(totals), monotonic=clock)
    for tag in ("pub:1", "pub:2", "pub:3"):
        cache.told({tag})
        cache.tick()

    assert varnish.keys == ["all", "many pub:2", "many pub:3 total"]


def test_what_could_not_be_told_is_told_when_it_can(
    cache: Cache, varnish: _Listening, clock: _Clock, caplog: pytest.LogCaptureFixture
):
    varnish.n_refusals = 2
    caplog.set_level(logging.WARNING)
    cache.told({"pub:7"})
    for _ in range(2):
        assert cache.tick() == 0
        clock.now += 6
    cache.told({"pub:8"})

    assert cache.tick() == 3

    assert varnish.keys == ["many pub:7 pub:8"]
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_a_cache_that_is_away_stops_nobody(clock: _Clock):
    cache = Cache("http://127.0.0.1:9", total=lambda: "59", monotonic=clock)

    cache.told(None)

    assert cache.tick() == 0


def test_many_tags_go_in_headers_that_are_not_too_long(cache: Cache, varnish: _Listening):
    tags = {f"pub:{n}" for n in range(1500)}
    cache.told(tags)
    cache.tick()

    assert all(len(key) <= 6000 for key in varnish.keys)
    assert set(" ".join(varnish.keys).split()) == tags | {"many"}


def test_too_many_tags_are_everything(cache: Cache, varnish: _Listening):
    cache.told({f"pub:{n}" for n in range(5000)})
    cache.tick()

    assert varnish.keys == ["all"]
