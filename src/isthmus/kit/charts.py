"""Charts as numbers: where each bar and line stands in an SVG, so that a template only draws them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 760.0, 220.0
# Room for the numbers of the scale, the words below, and a little air above the highest.
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 14.0, 28.0
_N_STEPS = 4
_BAR_SHARE = 0.64


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of a scale: where, and what stands beside it."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Rect:
    """One bar, or the place of a dot. label: what a reader is told who points at it. part: its class in the sheet."""

    x: float
    y: float
    width: float
    height: float
    part: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing in units of its view box. line, area: points of a polyline, empty where there is none."""

    ticks: list[Tick]
    labels: list[Tick]
    bars: list[Rect]
    line: str = ""
    area: str = ""
    zero: float = 0.0
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT


def scale(most: int) -> tuple[int, int]:
    """The top of a scale and its step: 1, 2 or 5 times a power of ten, some four steps."""
    rough = max(most / _N_STEPS, 1)
    power = 10 ** (len(str(int(rough))) - 1)
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return up_to(most, step) or step, step


def up_to(n: int, step: int) -> int:
    """The first multiple of `step` that is not below `n`."""
    return -(-n // step) * step


def ticks(bottom: int, top: int, step: int) -> list[Tick]:
    """The lines of a scale; a number below zero is shown without its sign."""
    return [Tick(height_of(n, bottom, top), f"{abs(n):,}") for n in range(bottom, top + 1, step)]


def height_of(n: int, bottom: int, top: int) -> float:
    """Where `n` stands on a scale from `bottom` to `top`."""
    return TOP + (top - n) * (HEIGHT - TOP - BOTTOM) / ((top - bottom) or 1)


def middle(place: int, n: int) -> float:
    """The middle of one of `n` places side by side."""
    return LEFT + (place + 0.5) * (WIDTH - LEFT - RIGHT) / max(n, 1)


def bar_across(place: int, n: int) -> tuple[float, float]:
    """Where the bar of one of `n` places begins, and how wide it is."""
    slot = (WIDTH - LEFT - RIGHT) / max(n, 1)
    return LEFT + (place + (1 - _BAR_SHARE) / 2) * slot, _BAR_SHARE * slot


def curve(values: Sequence[int], top: int) -> tuple[str, str]:
    """The points of a line through the values, and of the area below it; both empty without values."""
    points = [(middle(n, len(values)), height_of(value, 0, top)) for n, value in enumerate(values)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    floor = height_of(0, 0, top)
    return line, f"{points[0][0]:.1f},{floor:.1f} {line} {points[-1][0]:.1f},{floor:.1f}" if points else ""
