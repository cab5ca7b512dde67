"""Charts as numbers: where each bar and line stands in an SVG, so that a template draws them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isthmus.mailing.sent_mail import SentLine, Week

WIDTH, HEIGHT = 760.0, 220.0
# Room for the numbers of the axis, the weeks below, and a little air above the highest.
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 12.0, 14.0, 28.0
_N_STEPS = 4
_ROW_HEIGHT, _NAME_WIDTH = 30.0, 250.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of a scale: where, and what stands beside it."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Rect:
    """One bar. label: what a reader is told who points at it."""

    x: float
    y: float
    width: float
    height: float
    part: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing in units of its view box. line, area: points of a polyline, empty where there is none."""

    width: float
    height: float
    left: float
    right: float
    ticks: list[Tick]
    weeks: list[Tick]
    bars: list[Rect]
    line: str = ""
    area: str = ""
    zero: float = 0.0


def total(weeks: Sequence[Week]) -> Chart:
    """Confirmed people at the end of each week, as a line above its area."""
    top, step = _scale(max((week.n for week in weeks), default=0))
    points = [(_middle(n, len(weeks)), _y(week.n, 0, top)) for n, week in enumerate(weeks)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    floor = _y(0, 0, top)
    area = f"{points[0][0]:.1f},{floor:.1f} {line} {points[-1][0]:.1f},{floor:.1f}" if points else ""
    dots = [
        Rect(x, y, 0, 0, "dot", f"Week of {week.begins_on:%-d %B}: {week.n:,}")
        for (x, y), week in zip(points, weeks, strict=True)
    ]
    return Chart(
        WIDTH, HEIGHT, _LEFT, WIDTH - _RIGHT, _ticks(0, top, step), _week_labels(weeks), dots, line, area, floor
    )


def changes(weeks: Sequence[Week]) -> Chart:
    """Who joined, upwards, and who left, downwards, week by week, on one scale."""
    most = max((max(week.n_joined, week.n_left) for week in weeks), default=0)
    _, step = _scale(most)
    up = _up_to(max((week.n_joined for week in weeks), default=0), step) or step
    down = _up_to(max((week.n_left for week in weeks), default=0), step)
    zero, slot = _y(0, -down, up), (WIDTH - _LEFT - _RIGHT) / max(len(weeks), 1)
    bars = []
    for n, week in enumerate(weeks):
        x, wide = _LEFT + n * slot + slot * 0.18, slot * 0.64
        said = f"Week of {week.begins_on:%-d %B}"
        if week.n_joined:
            y = _y(week.n_joined, -down, up)
            bars.append(Rect(x, y, wide, zero - y, "joined", f"{said}: {week.n_joined:,} joined"))
        if week.n_left:
            y = _y(-week.n_left, -down, up)
            bars.append(Rect(x, zero, wide, y - zero, "left", f"{said}: {week.n_left:,} left"))
    return Chart(WIDTH, HEIGHT, _LEFT, WIDTH - _RIGHT, _ticks(-down, up, step), _week_labels(weeks), bars, zero=zero)


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
    room = WIDTH - _NAME_WIDTH - 70.0  # the number behind the bar
    rows = [_sent_row(line, place * _ROW_HEIGHT, room / most) for place, line in enumerate(lines)]
    return SendingChart(WIDTH, max(len(lines), 1) * _ROW_HEIGHT, rows)


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


def _scale(most: int) -> tuple[int, int]:
    """The top of a scale and its step: 1, 2 or 5 times a power of ten, some four steps."""
    rough = max(most / _N_STEPS, 1)
    power = 10 ** (len(str(int(rough))) - 1)
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return _up_to(most, step) or step, step


def _up_to(n: int, step: int) -> int:
    return -(-n // step) * step


def _ticks(bottom: int, top: int, step: int) -> list[Tick]:
    return [Tick(_y(n, bottom, top), f"{abs(n):,}") for n in range(bottom, top + 1, step)]


def _y(n: float, bottom: int, top: int) -> float:
    return _TOP + (top - n) * (HEIGHT - _TOP - _BOTTOM) / ((top - bottom) or 1)


def _middle(place: int, n: int) -> float:
    slot = (WIDTH - _LEFT - _RIGHT) / max(n, 1)
    return _LEFT + (place + 0.5) * slot


def _week_labels(weeks: Sequence[Week]) -> list[Tick]:
    """Every fourth week has its day, counted from this one."""
    last = len(weeks) - 1
    return [
        Tick(_middle(n, len(weeks)), f"{week.begins_on:%-d %b}") for n, week in enumerate(weeks) if (last - n) % 4 == 0
    ]
