import gc
import weakref

import pytest

from isthmus.kit.garbage import batch_done, rare_collections


def test_collections_are_rare_inside_and_as_before_afterwards():
    before = gc.get_threshold()

    with rare_collections():
        assert gc.get_threshold()[0] > before[0]

    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_a_failure_inside_brings_them_back_as_well():
    before = gc.get_threshold()

    with pytest.raises(ZeroDivisionError), rare_collections():
        raise ZeroDivisionError

    assert gc.get_threshold() == before


class _Row:
    """One that leads to itself, as a row and its relations do."""

    def __init__(self) -> None:
        self.itself = self


def test_what_a_batch_leaves_in_circles_goes_when_the_batch_is_done():
    with rare_collections():
        row = _Row()
        gc.collect(0)
        gone = weakref.ref(row)
        del row
        assert gone() is not None

        batch_done()

        assert gone() is None
