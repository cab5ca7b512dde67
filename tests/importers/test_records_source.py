"""JSON lines: a bad line is named and the rest goes on."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from isthmus.importers.source_item import Skipped, SourceItem
from isthmus.importers.sources import records
from tests.importers import samples


def test_a_broken_line_is_named_and_the_next_one_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'{"id": "1", "title": "a"}\n{"id": \n\xff\xfe\n"text"\n{"title": "no id"}\n{"id": "2", "title": {"x": 1}}\n\n'
        + b"[" * 50_000
        + b'\n{"id": "3"}\n'
    )

    got = list(records.read(path))

    assert [item.id for item in got if isinstance(item, SourceItem)] == ["1", "3"]
    lost = [item for item in got if isinstance(item, Skipped)]
    assert [item.where for item in lost] == [f"a.jsonl:{n}" for n in (2, 3, 4, 5, 6, 8)]
    assert lost[0].reason == "line 2: not JSON: Expecting value at character 9"
    assert "not UTF-8" in lost[1].reason


def test_a_packed_file_that_breaks_off_keeps_what_was_whole(tmp_path: Path) -> None:
    lines = "".join(json.dumps(samples.record(n)) + "\n" for n in range(2000)).encode()
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines)[:-2000])

    got = list(records.read(path))

    assert isinstance(got[-1], Skipped)
    assert "breaks off" in got[-1].reason
    assert len(got) > 100


def test_nul_and_half_surrogates_do_not_reach_an_item(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "a\\u0000b", "title": "x\\ud800y", "authors": [null, 3, "Dan"], "tags": "one"}\n', "utf-8")

    (item,) = records.read(path)

    assert isinstance(item, SourceItem)
    assert (item.id, item.title, item.tags) == ("ab", "x?y", ("one",))
    assert [author.name for author in item.authors] == ["3", "Dan"]


def test_a_line_of_ten_megabytes_is_one_item(tmp_path: Path) -> None:
    path = samples.write_records(
        tmp_path / "a.jsonl", [samples.record(1, html="<p>" + "word " * 2_000_000), samples.record(2)]
    )

    assert [item.id for item in records.read(path)] == ["notes/1", "notes/2"]
