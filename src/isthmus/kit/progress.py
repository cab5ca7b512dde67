"""A sign of life for work that lasts: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

_SILENT_S = 1.0
_BAR_EVERY_S = 0.1
# A log wants to know that the work goes on, not each tenth of a second of it.
_LINE_EVERY_S = 10.0
_BAR_CELLS = 24


@contextmanager
def progress(
    total: int | None,
    label: str,
    *,
    out: TextIO | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Callable[[int], None]]:
    """Yields `tick(n)`, to be called after every n items; nothing is written in the first second.

    total: how many items there will be, None if unknown. out: standard error unless given.
    """
    bar = _Bar(total, label, out or sys.stderr, monotonic)
    try:
        yield bar.tick
    finally:
        bar.end()


class _Bar:
    def __init__(self, total: int | None, label: str, out: TextIO, monotonic: Callable[[], float]) -> None:
        self._total, self._label, self._out, self._monotonic = total, label, out, monotonic
        self._n_done = 0
        self._has_shown = False
        self._is_terminal = out.isatty()
        self._every_s = _BAR_EVERY_S if self._is_terminal else _LINE_EVERY_S
        self._started = monotonic()
        self._next = self._started + (_SILENT_S if self._is_terminal else _LINE_EVERY_S)

    def tick(self, n: int = 1) -> None:
        """Count `n` more as done; show it when it is time."""
        self._n_done += n
        at = self._monotonic()
        if at >= self._next:
            self._next = at + self._every_s
            self._show(at)

    def end(self) -> None:
        """Show the last count, where anything was shown before."""
        if self._has_shown:
            self._show(self._monotonic())
            if self._is_terminal:
                self._write("\n")

    def _show(self, at: float) -> None:
        self._has_shown = True
        text = self._text(at - self._started)
        self._write(f"\r\x1b[K{text}" if self._is_terminal else f"{text}\n")

    def _text(self, elapsed_s: float) -> str:
        rate = self._n_done / elapsed_s if elapsed_s > 0 else 0.0
        if not self._total:
            return f"{self._label} {self._n_done}, {rate:.0f} a second"
        part = min(self._n_done / self._total, 1.0)
        left_s = max(self._total - self._n_done, 0) / rate if rate else 0.0
        cells = round(part * _BAR_CELLS)
        bar = f" [{'#' * cells}{'.' * (_BAR_CELLS - cells)}]" if self._is_terminal else ""
        return f"{self._label}{bar} {self._n_done} of {self._total}, {part:.0%}, {left_s:.0f} s left"

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
