import gc

import pytest

from isthmus.kit.garbage import rare_collections


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
