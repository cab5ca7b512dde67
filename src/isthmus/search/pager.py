"""The ways from one page of hits to the others, counted from the best."""

from __future__ import annotations

from collections.abc import Callable

from isthmus.publications.pages_of import PageNumber, ShownPage


def shown_page(number: int, n_pages: int, address: Callable[[int], str]) -> ShownPage:
    """The page with its ways: to both ends, to two on each side, and None where numbers are left out.

    "Newer" leads to better hits and "older" to further ones, as listings name the two directions.
    """
    return ShownPage(
        number=number,
        n_pages=n_pages,
        items=[],
        newer_url=address(number - 1) if number > 1 else None,
        older_url=address(number + 1) if number < n_pages else None,
        newest_url=address(1),
        oldest_url=address(n_pages),
        numbers=[PageNumber(step, address(step), step == number) if step else None for step in _steps(number, n_pages)],
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
