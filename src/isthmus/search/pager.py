"""The ways from one page of hits to the others, counted from the best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One page number a pager offers."""

    number: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page among its neighbours: newer_url leads to better hits, older_url to further ones, as listings name them."""

    number: int
    n_pages: int
    newer_url: str | None
    older_url: str | None
    numbers: list[Step | None]


def shown_page(number: int, n_pages: int, address: Callable[[int], str]) -> ShownPage:
    """The page with its ways: to both ends, to two on each side, and None where numbers are left out."""
    return ShownPage(
        number=number,
        n_pages=n_pages,
        newer_url=address(number - 1) if number > 1 else None,
        older_url=address(number + 1) if number < n_pages else None,
        numbers=[Step(step, address(step), step == number) if step else None for step in _steps(number, n_pages)],
    )


def _steps(number: int, n_pages: int) -> list[int | None]:
    offered = sorted({1, n_pages, *range(max(1, number - 2), min(n_pages, number + 2) + 1)})
    steps: list[int | None] = []
    for before, step in zip([0, *offered], offered, strict=False):
        if step - before == 2:
            steps.append(step - 1)
        elif step - before > 2:
            steps.append(None)
        steps.append(step)
    return steps
