from __future__ import annotations

import gzip
import json
from pathlib import Path

from isthmus.importers import sources
from isthmus.importers.source_item import Skipped, SourceItem
from isthmus.importers.sources import ghost

POST = {"id": "1", "uuid": "u", "title": "A", "slug": "a", "status": "published", "html": "<p>A</p>"}
META = {"exported_on": 1, "version": "5.0.0"}


def _export(folder: Path, *posts: object, **tables: object) -> Path:
    path = folder / "site.json"
    path.write_text(json.dumps({"db": [{"meta": META, "data": {"posts": list(posts), **tables}}]}), "utf-8")
    return path


def test_a_packed_export_is_read_as_it_is(tmp_path: Path) -> None:
    plain = _export(tmp_path, POST)
    packed = tmp_path / "site.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert sources.source_for(packed) == "ghost"
    assert [item.title for item in ghost.read(packed) if isinstance(item, SourceItem)] == ["A"]


def test_old_addresses_come_from_the_redirects_beside_it(tmp_path: Path) -> None:
    rules = [{"from": "^/old/a/?$", "to": "/a/"}, {"from": "/older", "to": "/a"}, {"from": "/b/(.*)", "to": "/c/$1"}]
    (tmp_path / "redirects.json").write_text(json.dumps(rules))

    (item,) = ghost.read(_export(tmp_path, POST))
    losses = list(ghost.read(tmp_path / "redirects.json"))

    assert isinstance(item, SourceItem)
    assert item.aliases == ("/old/a", "/older")
    assert [loss.where for loss in losses if isinstance(loss, Skipped)] == ["redirects.json:rule 3"]


def test_a_date_that_a_database_lost_is_none(tmp_path: Path) -> None:
    lost = {**POST, "status": "draft", "published_at": "2000-11-30T00:00:00.000Z"}

    (item,) = ghost.read(_export(tmp_path, lost))

    assert isinstance(item, SourceItem)
    assert (item.published, item.status) == ("", "draft")
    assert [kind for kind, _ in item.doubts] == ["no date"]


def test_tables_that_are_none_cost_nothing(tmp_path: Path) -> None:
    path = _export(tmp_path, POST, 7, None, users="x", posts_tags=[1], settings={"a": 1}, tags=[None])

    assert [item.title for item in ghost.read(path) if isinstance(item, SourceItem)] == ["A"]
