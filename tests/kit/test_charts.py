"""Scales with round steps, and places side by side."""

from __future__ import annotations

import itertools

import pytest

from isthmus.kit import charts


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 99, 101, 12_345, 100_000])
def test_a_scale_has_round_steps_and_room_for_the_most(n: int):
    top, step = charts.scale(n)

    assert top >= n
    assert top % step == 0
    assert str(step).strip("0") in ("1", "2", "5")
    assert 1 <= top // step <= 5


def test_bars_stand_side_by_side_inside_the_drawing():
    places = [charts.bar_across(place, 30) for place in range(30)]

    assert all(x + wide < next_x for (x, wide), (next_x, _) in itertools.pairwise(places))
    assert places[0][0] > charts.LEFT
    assert sum(places[-1]) < charts.WIDTH - charts.RIGHT


def test_a_curve_of_nothing_is_nothing():
    assert charts.curve([], 10) == ("", "")
