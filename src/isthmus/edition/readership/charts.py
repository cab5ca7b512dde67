"""Readings as a chart: a bar a day, or a week where the period is long. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from isthmus.kit.charts import Chart, Rect, Tick, bar_across, height_of, middle, scale, ticks

# More bars than these are thinner than a finger and their days cannot be told apart.
_MOST_BARS = 100
_WEEK = 7
_N_LABELS = 8


def readings(days: Sequence[tuple[date, int]]) -> Chart:
    """Bars side by side, the last day at the end. Of a long period each bar is a week that ends like the last."""
    bars = list(days) if len(days) <= _MOST_BARS else _weeks(days)
    top, step = scale(max((n for _, n in bars), default=0))
    floor = height_of(0, 0, top)
    word = "Week from " if len(bars) < len(days) else ""
    drawn = []
    for place, (day, n) in enumerate(bars):
        if n:
            x, wide = bar_across(place, len(bars))
            y = height_of(n, 0, top)
            said = f"{word}{day:%-d %B %Y}: {n:,} {'reading' if n == 1 else 'readings'}"
            drawn.append(Rect(x, y, wide, floor - y, "joined", said))
    return Chart(ticks(0, top, step), _labels(bars), drawn, zero=floor)


def _labels(bars: Sequence[tuple[date, int]]) -> list[Tick]:
    """Some days with their names, none so near to the edge that it would be cut off."""
    every = max(1, -(-len(bars) // _N_LABELS))
    first = (len(bars) - 1 - every // 2) % every
    return [Tick(middle(n, len(bars)), f"{bars[n][0]:%-d %b}") for n in range(first, len(bars), every)]


def compared(n: int, before: int, *, period: str) -> str:
    """The change from the period before, in words; empty where there was nothing to compare with.

    period: its length, as in "30 days".
    """
    if not before:
        return ""
    percent = round(100 * (n - before) / before)
    if not percent:
        return f"as many as in the {period} before"
    return f"{abs(percent)} % {'more' if percent > 0 else 'fewer'} than in the {period} before ({before:,})"


def _weeks(days: Sequence[tuple[date, int]]) -> list[tuple[date, int]]:
    skipped = len(days) % _WEEK
    whole = days[skipped:]
    weeks = [(whole[n][0], sum(count for _, count in whole[n : n + _WEEK])) for n in range(0, len(whole), _WEEK)]
    first = [(days[0][0], sum(count for _, count in days[:skipped]))] if skipped else []
    return first + weeks
