"""The drawings of dossiers as plain numbers, which a template writes as SVG: a timeline, and a line of tone.

Both stand on one scale of years. A run of years in which nothing is dated is drawn as a short break that says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from isthmus.dossiers import dates_in_words
from isthmus.dossiers.shown_entries import Happening, ShownAct

WIDTH = 1120
_MIN_YEAR, _MAX_YEAR = 46, 460
# Of so many a single year may be as wide as the page.
_MANY = 40
_BREAK = 72
_EDGE = 14
# A break shorter than this many years would take as much room as the years themselves.
_MIN_GAP_YEARS = 3
# A decade or a century is one bar; it does not say that something is dated in each of its years.
_LONG_DAYS = 3 * 366
_LANE, _DOT = 15, 11
_AXIS_ROOM = 30
_MAX_LANES, _COUNT_ROOM = 14, 30
_LABEL_ROOM = 34
_REACH, _STEP = 46, 12
_MAX_STACK = 7
_FEW_YEARS, _SOME_YEARS = 3, 12


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive years of the scale, one or those of a break. x, width: in units of the drawing."""

    year: int
    n_years: int
    x: int
    width: int
    label: str

    @property
    def is_break(self) -> bool:
        """Whether nothing is dated in it."""
        return self.n_years > 1

    @property
    def middle(self) -> int:
        """Where its label stands."""
        return self.x + self.width // 2


class Scale:
    """Years from left to right."""

    def __init__(self, spans: Iterable[tuple[date, date]]) -> None:
        known = list(spans)
        taken = _years_taken(known)
        runs = _runs(taken)
        n_years, n_breaks = len(taken), sum(1 for _, n in runs if n > 1)
        short = sum(n for _, n in runs if n == 1) or n_years
        per_year = (WIDTH - 2 * _EDGE - n_breaks * _BREAK) // max(short, 1)
        max_year = _MAX_YEAR if len(known) < _MANY else WIDTH
        self.parts = _laid_out(runs, min(max_year, max(_MIN_YEAR, per_year)))
        self._starts = [part.year for part in self.parts]
        last = self.parts[-1] if self.parts else None
        self.width = (last.x + last.width if last else _EDGE) + _EDGE

    def x(self, on: date) -> int:
        """Where a day begins."""
        part = self.parts[max(0, bisect_right(self._starts, on.year) - 1)]
        start = date(part.year, 1, 1)
        length = (_new_year(part.year + part.n_years) - start).days
        done = min(max((on - start).days, 0), length)
        return part.x + round(part.width * done / length)


def _new_year(year: int) -> date:
    return date(min(year, date.max.year), 1, 1)


def _years_taken(spans: Iterable[tuple[date, date]]) -> list[int]:
    years: set[int] = set()
    for first_on, before_on in spans:
        last = (before_on - timedelta(days=1)).year
        years.update((first_on.year, last))
        if (before_on - first_on).days <= _LONG_DAYS:
            years.update(range(first_on.year, last + 1))
    return sorted(years)


def _runs(years: Sequence[int]) -> list[tuple[int, int]]:
    """First year and length: single years that are drawn, and the breaks between them."""
    runs: list[tuple[int, int]] = []
    for at, year in enumerate(years):
        empty = year - years[at - 1] - 1 if at else 0
        if empty >= _MIN_GAP_YEARS:
            runs.append((years[at - 1] + 1, empty))
        else:
            runs += [(missing, 1) for missing in range(year - empty, year)]
        runs.append((year, 1))
    return runs


def _laid_out(runs: Sequence[tuple[int, int]], per_year: int) -> list[Part]:
    parts, x = [], _EDGE
    for year, n_years in runs:
        width = _BREAK if n_years > 1 else per_year
        label = f"{year}–{year + n_years - 1}" if n_years > 1 else str(year)
        parts.append(Part(year, n_years, x, width, label))
        x += width
    return parts


@dataclass(frozen=True, slots=True)
class Bar:
    """One happening, or n that look alike in one place: a dot for a day, a bar as long as the stretch for all else."""

    n: int
    x: int
    y: int
    width: int
    is_day: bool
    grade: str
    modality: str
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the template of the timeline draws. axis: the height at which years stand."""

    width: int
    height: int
    axis: int
    parts: list[Part]
    bars: list[Bar] = field(default_factory=list)


def timeline(happenings: Sequence[Happening]) -> Timeline | None:
    """The happenings on their years, none above another; None for none."""
    if not happenings:
        return None
    scale = Scale((one.first.first_on, one.first.before_on) for one in happenings)
    placed = _in_lanes(scale, _heaps(scale, happenings))
    if _n_lanes(placed) > _MAX_LANES:
        placed = _in_lanes(scale, _heaps(scale, happenings, max_alone=1, step=_DOT))
    n_lanes = _n_lanes(placed)
    axis = _EDGE + n_lanes * _LANE
    bars = [_bar(heap, scale, axis - (lane + 1) * _LANE) for lane, heap in placed]
    room = _COUNT_ROOM if any(bar.n > 1 for bar in bars) else 0
    return Timeline(scale.width + room, axis + _AXIS_ROOM, axis, scale.parts, bars)


def _n_lanes(placed: Iterable[tuple[int, list[Happening]]]) -> int:
    return 1 + max(lane for lane, _ in placed)


def _heaps(
    scale: Scale, happenings: Iterable[Happening], *, max_alone: int = 3, step: int = 1
) -> list[list[Happening]]:
    """What is drawn as one, in order: more than `max_alone` that would look alike in one place, else each for itself.

    A year that two hundred sentences name would be a tower of two hundred bars. step: how much is one place.
    """
    at: dict[object, list[Happening]] = {}
    for one in sorted(happenings, key=lambda one: (one.first.first_on, one.first.before_on)):
        x, width = _place(one, scale)
        look = (x // step, width // step, one.first.grade, one.first.modality == "expected")
        at.setdefault(look, []).append(one)
    heaps = [part for heap in at.values() for part in ([heap] if len(heap) > max_alone else [[one] for one in heap])]
    return sorted(heaps, key=lambda heap: (heap[0].first.first_on, heap[0].first.before_on))


def _place(one: Happening, scale: Scale) -> tuple[int, int]:
    """Where it begins and how wide it is."""
    x = scale.x(one.first.first_on)
    return x, max(_DOT, scale.x(one.first.before_on) - x)


def _in_lanes(scale: Scale, heaps: Iterable[list[Happening]]) -> list[tuple[int, list[Happening]]]:
    """Each in the lowest lane where it touches no other."""
    ends: list[int] = []
    placed = []
    for heap in heaps:
        x, width = _place(heap[0], scale)
        lane = next((at for at, end in enumerate(ends) if end + 2 <= x), len(ends))
        ends[lane : lane + 1] = [x + width + (_COUNT_ROOM if len(heap) > 1 else 0)]
        placed.append((lane, heap))
    return placed


def _bar(heap: Sequence[Happening], scale: Scale, y: int) -> Bar:
    first, (x, width) = heap[0].first, _place(heap[0], scale)
    is_day = (first.before_on - first.first_on).days == 1
    return Bar(len(heap), x, y, width, is_day, first.grade, first.modality, first.anchor, _title(heap))


def _title(heap: Sequence[Happening]) -> str:
    first = heap[0].first
    if len(heap) == 1:
        return ", ".join(part for part in (heap[0].words, first.label, first.grade_label) if part)
    words = dates_in_words.stretch(first.first_on, max(one.first.before_on for one in heap))
    return f"{words}: {len(heap)} happenings, {first.grade_label}"


@dataclass(frozen=True, slots=True)
class Point:
    """One act: warm ones above the middle, cool ones below."""

    x: int
    y: int
    tone: str
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class ToneLine:
    """What the template of a line of tone draws. runs: the line as `points` of polylines, one for each unbroken run."""

    width: int
    height: int
    middle: int
    bottom: int
    parts: list[Part]
    points: list[Point]
    runs: list[str]
    every: str


def tone_line(acts: Sequence[ShownAct], scale: Scale) -> ToneLine | None:
    """The acts of one subject towards the other; None for none. scale: that of both directions."""
    if not acts:
        return None
    months, every = _period(scale)
    above, below = _highest(acts, scale, "warm"), _highest(acts, scale, "cool")
    middle = _LABEL_ROOM + _REACH + above * _STEP
    bottom = middle + _REACH + below * _STEP
    points, runs = _points(acts, scale, middle), _runs_of_line(acts, scale, middle, months)
    return ToneLine(scale.width, bottom + _LABEL_ROOM + _EDGE, middle, bottom, scale.parts, points, runs, every)


def _highest(acts: Sequence[ShownAct], scale: Scale, tone: str) -> int:
    """How many signs of a tone stand on top of the first one, at most."""
    columns = Counter(_x(act, scale) // _STEP for act in acts if act.tone == tone)
    return min(max(columns.values(), default=1) - 1, _MAX_STACK)


def _x(act: ShownAct, scale: Scale) -> int:
    return (scale.x(act.first_on) + scale.x(act.before_on)) // 2


def _period(scale: Scale) -> tuple[int, str]:
    """How many months one step of the line is made from, and how that is called."""
    n_years = sum(1 for part in scale.parts if not part.is_break)
    if n_years <= _FEW_YEARS:
        return 3, "quarter"
    return (6, "half-year") if n_years <= _SOME_YEARS else (12, "year")


def _points(acts: Sequence[ShownAct], scale: Scale, middle: int) -> list[Point]:
    stacks: dict[tuple[int, str], int] = {}
    points = []
    for act in acts:
        x = _x(act, scale)
        n = stacks.get((x // _STEP, act.tone), 0)
        stacks[x // _STEP, act.tone] = n + 1
        off = _REACH + min(n, _MAX_STACK) * _STEP
        y = {"warm": middle - off, "cool": middle + off}.get(act.tone, middle)
        shift = min(n, _MAX_STACK) * 4 if act.tone == "neutral" else 0
        points.append(Point(x + shift, y, act.tone, act.anchor, f"{act.words}: {act.tone}, {act.verb}"))
    return points


def _runs_of_line(acts: Sequence[ShownAct], scale: Scale, middle: int, months: int) -> list[str]:
    """One corner for each period with acts, higher the more of them are warm; broken where a period has none."""
    leaning: dict[int, list[int]] = {}
    for act in acts:
        number = (act.first_on.year * 12 + act.first_on.month - 1) // months
        leaning.setdefault(number, []).append({"warm": 1, "cool": -1}.get(act.tone, 0))
    runs: list[list[str]] = []
    before = None
    for number, tones in sorted(leaning.items()):
        corner = f"{_middle_of(number, months, scale)},{middle - round(_REACH * sum(tones) / len(tones))}"
        # The line goes over a quiet period or two, and not over years of silence.
        if before is None or (number - before) * months > 2 * 12:
            runs.append([])
        runs[-1].append(corner)
        before = number
    return [" ".join(run) for run in runs if len(run) > 1]


def _middle_of(number: int, months: int, scale: Scale) -> int:
    at = number * months + months // 2
    return scale.x(date(at // 12, at % 12 + 1, 1))
