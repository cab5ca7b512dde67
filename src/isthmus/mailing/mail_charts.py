"""What the list and the mailings look like as charts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isthmus.kit.charts import WIDTH as _WIDTH
from isthmus.kit.charts import Chart, Rect, Tick, bar_across, curve, height_of, middle, scale, ticks, up_to
from isthmus.mailing.sent_mail import SentLine, Week

_ROW_HEIGHT, _NAME_WIDTH = 30.0, 250.0


def total(weeks: Sequence[Week]) -> Chart:
    """Confirmed people at the end of each week, as a line above its area."""
    top, step = scale(max((week.n for week in weeks), default=0))
    line, area = curve([week.n for week in weeks], top)
    dots = [
        Rect(
            middle(n, len(weeks)),
            height_of(week.n, 0, top),
            0,
            0,
            "dot",
            f"Week of {week.begins_on:%-d %B}: {week.n:,}",
        )
        for n, week in enumerate(weeks)
    ]
    return Chart(ticks(0, top, step), _week_labels(weeks), dots, line, area, height_of(0, 0, top))


def changes(weeks: Sequence[Week]) -> Chart:
    """Who joined, upwards, and who left, downwards, week by week, on one scale."""
    most = max((max(week.n_joined, week.n_left) for week in weeks), default=0)
    _, step = scale(most)
    up = up_to(max((week.n_joined for week in weeks), default=0), step) or step
    down = up_to(max((week.n_left for week in weeks), default=0), step)
    zero = height_of(0, -down, up)
    bars = []
    for n, week in enumerate(weeks):
        x, wide = bar_across(n, len(weeks))
        said = f"Week of {week.begins_on:%-d %B}"
        if week.n_joined:
            y = height_of(week.n_joined, -down, up)
            bars.append(Rect(x, y, wide, zero - y, "joined", f"{said}: {week.n_joined:,} joined"))
        if week.n_left:
            y = height_of(-week.n_left, -down, up)
            bars.append(Rect(x, zero, wide, y - zero, "left", f"{said}: {week.n_left:,} left"))
    return Chart(ticks(-down, up, step), _week_labels(weeks), bars, zero=zero)


@dataclass(frozen=True, slots=True)
class SentRow:
    """One mailing's bar, with its name beside it."""

    line: SentLine
    y: float
    bars: list[Rect]
    end: float


@dataclass(frozen=True, slots=True)
class SendingChart:
    """Bars from left to right, one under the other, as long as the mailing was large."""

    width: float
    height: float
    rows: list[SentRow]


def sending(lines: Sequence[SentLine]) -> SendingChart:
    """How each mailing ended, newest first."""
    most = max((line.n for line in lines), default=0) or 1
    room = _WIDTH - _NAME_WIDTH - 70.0  # the number behind the bar
    rows = [_sent_row(line, place * _ROW_HEIGHT, room / most) for place, line in enumerate(lines)]
    return SendingChart(_WIDTH, max(len(lines), 1) * _ROW_HEIGHT, rows)


def _sent_row(line: SentLine, y: float, unit: float) -> SentRow:
    parts = (
        ("submitted", line.n_submitted, "submitted"),
        ("failed", line.n_failed, "refused"),
        ("uncertain", line.n_uncertain, "uncertain"),
        ("suppressed", line.n_left_out, "left out"),
    )
    bars, x = [], _NAME_WIDTH
    for part, n, words in parts:
        if n:
            # Ten refusals in a hundred thousand have to be seen as well.
            wide = max(n * unit, 2.0)
            bars.append(Rect(x, y + 6, wide, _ROW_HEIGHT - 12, part, f"{n:,} {words}"))
            x += wide
    return SentRow(line, y, bars, x + 8)


def _week_labels(weeks: Sequence[Week]) -> list[Tick]:
    """Every fourth week has its day, counted from this one."""
    last = len(weeks) - 1
    return [
        Tick(middle(n, len(weeks)), f"{week.begins_on:%-d %b}") for n, week in enumerate(weeks) if (last - n) % 4 == 0
    ]
