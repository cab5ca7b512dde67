"""A front for each test that asks for one."""

import pytest

from tests.server.front.house import PIECE, House


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    made.keep(PIECE)
    yield made
    made.stop()


@pytest.fixture
def make_house(tmp_path):
    made = []

    def make(**more):
        made.append(House(tmp_path / str(len(made)), **more))
        made[-1].keep(PIECE)
        return made[-1]

    yield make
    for house in made:
        house.stop()
