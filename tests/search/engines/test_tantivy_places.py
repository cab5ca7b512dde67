import builtins
from pathlib import Path
from typing import Any

import pytest

from isthmus.search.engines import tantivy_places
from isthmus.search.engines.tantivy import TantivyEngine
from isthmus.search.query import Query, Word
from tests.contracts.documents import document

GROUPS = ["kind", "year"]
RICE = Query("rice", Word("rice"), (Word("rice"),))


def counting(path: Path) -> TantivyEngine:
    TantivyEngine.create(path)
    engine = TantivyEngine.open(path, n_before_places=2)
    engine.apply([document(number, "Rice", kind=("post", "report")[number % 2]) for number in range(1, 6)], (), seq=1)
    return engine


def counts(engine: TantivyEngine) -> Any:
    return engine.facets(RICE, filters={}, groups=GROUPS)


def is_in_arrays(engine: TantivyEngine) -> bool:
    snapshot = engine._snapshot
    return snapshot is not None and snapshot.made_places is not None


def test_arrays_are_made_once_a_commit_has_been_counted_often_enough(tmp_path: Path):
    pytest.importorskip("numpy")
    engine = counting(tmp_path)

    for n_before in range(6):
        assert is_in_arrays(engine) == (n_before > 2)
        assert counts(engine) == {"kind": {"post": 2, "report": 3}, "year": {"2020": 5}}

    engine.apply([], [1], seq=2)
    for n_before in range(6):
        assert counts(engine) == {"kind": {"post": 2, "report": 2}, "year": {"2020": 4}}
        assert is_in_arrays(engine) == (n_before >= 2)


@pytest.mark.parametrize(("bound", "value"), [("_MAX_VALUES", 0), ("_MAX_DOCUMENTS", 4), ("_MAX_NUMBER", 4)])
def test_what_is_too_large_for_arrays_is_counted_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, value: int
):
    monkeypatch.setattr(tantivy_places, bound, value)
    engine = counting(tmp_path)

    for _ in range(6):
        assert counts(engine) == {"kind": {"post": 2, "report": 3}, "year": {"2020": 5}}


def test_everything_is_counted_without_numpy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    original = builtins.__import__

    def without_numpy(name: str, *rest: Any) -> Any:
        if name == "numpy":
            raise ImportError(name)
        return original(name, *rest)

    engine = counting(tmp_path)
    monkeypatch.setattr(builtins, "__import__", without_numpy)

    for _ in range(6):
        assert counts(engine) == {"kind": {"post": 2, "report": 3}, "year": {"2020": 5}}
    assert not is_in_arrays(engine)
