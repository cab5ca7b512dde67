"""Telling a cache before the site, such as Varnish, which pages changed: by PURGE, with the tags of what went.

Best effort is not enough: a page that a cache was not told of would stand there until it forgets it by itself. What
could not be told is told again, and after a start everything is, since nobody knows what the last process had left.
"""

from __future__ import annotations

import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from threading import Lock

from isthmus.edition.page import words
from isthmus.edition.rendering import MANY_TAG, TOTAL_TAG

log = logging.getLogger(__name__)

# The tag that stands for every page of ours.
EVERYTHING = "all"
# Varnish takes 8 kB for one header.
_MAX_KEY_CHARS = 6000
# A front lets go of a page some 50 ms after it was purged, and a cache that asks at once may get it once more.
_AGAIN_AFTER_S = 1.0
_RETRY_AFTER_S = 5.0
_TIMEOUT_S = 5.0
# More tags than these are more work for the cache than to forget everything.
_MAX_TAGS = 2000


@dataclass(slots=True)
class _Waiting:
    """Tags to be told of at a time; what comes to be told meanwhile is told with them."""

    at: float = 0.0
    tags: set[str] = field(default_factory=set)


class Cache:
    """One cache, told of every purge twice: at once, and when no process of ours can give out the old page any more.

    address: where it takes PURGE. total: what stands on every page, as the keeper stamps it. monotonic: for tests.
    """

    def __init__(
        self, address: str, *, total: Callable[[], str], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._address, self._total, self._monotonic = address, total, monotonic
        self._known_total = ""
        self._now, self._again = _Waiting(tags={EVERYTHING}), _Waiting()
        self._lock = Lock()
        self._is_failing = False

    def told(self, tags: Collection[str] | None) -> None:
        """See keeper.Told; returns at once."""
        went = {EVERYTHING} if tags is None else {*tags, MANY_TAG}
        if (total := self._total()) != self._known_total:
            self._known_total = total
            went.add(TOTAL_TAG)
        with self._lock:
            self._now.tags |= went

    def tick(self) -> int:
        """Tell what is due; how many tags. Does not raise: what cannot be told waits, and the log says so once."""
        now = self._monotonic()
        first, again = self._due(self._now, now), self._due(self._again, now)
        tags = first | again
        if not tags:
            return 0
        try:
            self._tell(tags)
        except OSError as error:
            self._put_off(tags, now, error)
            return 0
        if self._is_failing:
            log.warning("The cache at %s is told of changes again", self._address)
        self._is_failing = False
        if first:
            with self._lock:
                self._again = _Waiting(now + _AGAIN_AFTER_S, self._again.tags | first)
        return len(tags)

    def _due(self, waiting: _Waiting, now: float) -> set[str]:
        with self._lock:
            if now < waiting.at:
                return set()
            tags, waiting.tags = waiting.tags, set()
            return tags

    def _put_off(self, tags: set[str], now: float, error: OSError) -> None:
        with self._lock:
            self._now = _Waiting(now + _RETRY_AFTER_S, self._now.tags | tags)
        if not self._is_failing:
            log.error(
                "The cache at %s could not be told what changed (%s): it may show old pages; it is tried every %.0f s. "
                "See `cache_purge_url`.", self._address, error, _RETRY_AFTER_S,
            )  # fmt: skip
        self._is_failing = True

    def _tell(self, tags: set[str]) -> None:
        if EVERYTHING in tags or len(tags) > _MAX_TAGS:
            tags = {EVERYTHING}
        for key in _in_headers(tags):
            # The address is the operator's own, an option that is refused unless it begins with http:// or https://.
            request = urllib.request.Request(self._address, method="PURGE", headers={"Surrogate-Key": key})  # noqa: S310
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S):  # noqa: S310  (the same)
                pass


def _in_headers(tags: set[str]) -> list[str]:
    """The tags, space between them, in as few headers as hold them."""
    headers: list[list[str]] = [[]]
    room = _MAX_KEY_CHARS
    for tag in sorted(tags):
        room -= len(tag) + 1
        if room < 0 and headers[-1]:
            headers.append([])
            room = _MAX_KEY_CHARS - len(tag) - 1
        headers[-1].append(tag)
    return [words(some) for some in headers]
