import json
import os
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from isthmus.kit.errors import UsageError
from isthmus.search import judged
from isthmus.search.semantic import embedding

# Whoever adds a field to the index may ask the database for what is in it.
pytestmark = pytest.mark.django_db


def lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    lines(
        tmp_path / "corpus.jsonl",
        [
            {"id": "a7", "title": "Frigates", "text": "The navy sends frigates to the strait."},
            {"id": "b", "title": "", "text": "Rice and wheat."},
            {"id": "empty", "title": "", "text": ""},
        ],
    )
    lines(tmp_path / "queries.jsonl", [{"id": "1", "text": "frigates (in the strait)?"}, {"id": "q2", "text": "rice"}])
    return tmp_path


def ranked(run: Path) -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in run.read_text().splitlines():
        query, q0, document, rank, score, tag = line.split()
        assert (q0, tag) == ("Q0", "isthmus")
        assert int(rank) == len(found[query]) + 1 == 101 - int(score)
        found[query].append(document)
    return found


@pytest.mark.parametrize("with_meaning", [True, False])
def test_run_has_the_located_text_first(collection: Path, with_meaning: bool):
    done = judged.run(collection, collection / "out.run", with_meaning=with_meaning)

    found = ranked(collection / "out.run")
    assert (found["1"][0], found["q2"][0]) == ("a7", "b")
    assert (done.n_documents, done.n_queries) == (3, 2)
    assert done.with_meaning == (with_meaning and embedding() is not None)


def test_no_more_than_100_hits_and_none_twice(collection: Path):
    lines(collection / "corpus.jsonl", [{"id": str(n), "title": "", "text": f"rice {n}"} for n in range(250)])

    judged.run(collection, collection / "out.run")

    found = ranked(collection / "out.run")["q2"]
    assert len(found) == len(set(found)) == 100


@pytest.mark.parametrize("line", ["no json", "[]", '{"text": "no id"}'])
def test_line_that_is_none_is_named(collection: Path, line: str):
    (collection / "corpus.jsonl").write_text(f'{{"id": "1", "text": "x"}}\n{line}\n')

    with pytest.raises(UsageError, match=r"corpus\.jsonl, line 2"):
        judged.run(collection, collection / "out.run")


def test_missing_collection_is_said(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot be read"):
        judged.n_texts(tmp_path)


@pytest.mark.slow
def test_command_needs_no_institute_and_touches_none(collection: Path, isthmus_command: list[str], tmp_path: Path):
    done = subprocess.run(
        [*isthmus_command, "bench", "relevance", str(collection), "--run", str(tmp_path / "a.run")],
        capture_output=True,
        text=True,
        check=False,
        # The operator's own database, which must never hear of it.
        env=os.environ | {"ISTHMUS_DATABASE": "postgresql://nobody@127.0.0.1:1/theirs"},
    )

    assert (done.returncode, "2 questions asked of 3 texts" in done.stdout) == (0, True), done.stderr
    assert ranked(tmp_path / "a.run")["q2"][0] == "b"
