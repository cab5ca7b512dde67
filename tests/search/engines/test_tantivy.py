import unicodedata
from pathlib import Path
from typing import Any

import pytest

from isthmus.search import analysis
from isthmus.search.engine import State
from isthmus.search.engines.tantivy import TantivyEngine
from isthmus.search.engines.tantivy_schema import FOLDING, analyzers
from isthmus.search.query import Query
from tests.contracts.documents import document


class Counted:
    """An index that counts how often it is opened again."""

    def __init__(self, index: Any) -> None:
        self._index, self.n_reloads = index, 0

    def reload(self) -> None:
        self.n_reloads += 1
        self._index.reload()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


def n_located(engine: TantivyEngine) -> int:
    return engine.search(Query("", None), limit=1).total


def test_every_commit_of_another_process_is_seen_at_once(tmp_path: Path):
    writing, reading = TantivyEngine.create(tmp_path), TantivyEngine.open(tmp_path)

    for number in range(1, 25):
        writing.apply([document(number)], (), seq=number)

        assert reading.state() == State(number, number)
        assert n_located(reading) == number


def test_an_index_is_opened_again_only_after_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    engine = TantivyEngine.create(tmp_path)
    counted = Counted(engine._index)
    monkeypatch.setattr(engine, "_index", counted)
    engine.apply([document(1)], (), seq=1)
    n_located(engine)
    before = counted.n_reloads

    for _ in range(5):
        assert (n_located(engine), engine.state()) == (1, State(1, 1))
    assert counted.n_reloads == before

    engine.apply([document(2)], (), seq=2)
    for _ in range(5):
        assert (n_located(engine), engine.state()) == (2, State(2, 2))
    assert counted.n_reloads == before + 1


def test_words_are_cut_where_analysis_cuts_them_at_every_mark_and_letter():
    cut = analyzers()[FOLDING].analyze
    # Every letter and mark from Latin to Khmer: those of later planes are in no living orthography.
    signs = [chr(code) for code in range(0x80, 0x1DFF) if unicodedata.category(chr(code))[0] in "LM"]

    for text in (analysis.plain(f"x{sign}y") for sign in signs):
        assert [form for word in analysis.tokens(text) for form in cut(word)] == cut(text), ascii(text)
