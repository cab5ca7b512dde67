"""Which public addresses may be kept as they were answered: those whose bytes are the same for every reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "isthmus_kept"


def kept(*parameters: str) -> Callable[[View], View]:
    """Mark a view: its 200 answer follows from the address and the database alone, and notes what it shows.

    parameters: every name of the query that it may read. Only `page` can be part of a kept address; with any other the
    view is asked each time. Names it does not read are not looked at.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, frozenset(parameters))
        return view

    return mark


def parameters_of(view: Any) -> frozenset[str] | None:
    """The names given to `kept`; None for a view that is never kept."""
    found = getattr(view, _MARK, None)
    return found if isinstance(found, frozenset) else None
