"""Where the search folder, which stands above this one, says how it finds body words of released pieces.

`isthmus.search` calls `register` from its AppConfig.ready(); the editors' lists call `find`. While nothing is
registered, lists still find titles and people in the database.
"""

from __future__ import annotations

import logging
from typing import Protocol

from isthmus.kit.errors import IsthmusError

_log = logging.getLogger(__name__)


class Finder(Protocol):
    """Finds released pieces by the words of title and body."""

    def __call__(self, query: str, *, limit: int) -> list[int]:
        """Ids of publications that match what a reader typed, best first, at most `limit`; quick (50 ms)."""


_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Use this finder from now on; the last one registered wins, so that a test may put its own in place."""
    _finders[:] = [finder]


def find(query: str, *, limit: int) -> list[int]:
    """Ids of released pieces with these words, best first; empty while there is no finder or it is out of order.

    An editor's list must open while the index is being rebuilt, so an error is logged and not raised.
    """
    if not _finders or not query.strip():
        return []
    try:
        return list(_finders[0](query, limit=limit))[:limit]
    except IsthmusError as error:
        _log.warning("The list shows titles and people only: %s", error)
    except Exception:  # noqa: BLE001  (whatever is wrong with the index, the list must open)
        _log.exception("The index could not be asked for “%s”; the list shows titles and people only.", query)
    return []
