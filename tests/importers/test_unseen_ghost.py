"""Ghost exports as newer versions make them: cards for members, callouts of paragraphs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from isthmus.importers import judgement
from isthmus.importers.cleaned import Cleaned
from isthmus.importers.source_item import SourceItem
from isthmus.importers.sources import SOURCES

HOUSE = judgement.House("UTC", "en", ("post",), ())


def _imported(folder: Path, **post: Any) -> Cleaned:
    row = {"id": "1", "uuid": "1-2", "title": "Quay", "slug": "quay", "status": "published", **post}
    path = folder / "export.json"
    path.write_text(json.dumps({"db": [{"meta": {"exported_on": 1}, "data": {"posts": [row]}}]}))
    (item,) = SOURCES["ghost"].read(path)
    assert isinstance(item, SourceItem)
    return judgement.clean(item, HOUSE)


def _card(**fields: Any) -> str:
    return json.dumps({"root": {"children": [{"type": "html", "html": "<p>Secret</p>", **fields}]}})


GATE = '<p>Open</p><!--kg-gated-block:begin nonMember:{} memberSegment:"status:free" --><p>Secret</p>'


@pytest.mark.parametrize(
    "post",
    [
        {"html": GATE.format("false") + "<!--kg-gated-block:end-->"},
        {"html": GATE.format("false")},
        {"lexical": _card(visibility={"web": {"nonMember": False, "memberSegment": "status:free"}})},
        {"lexical": _card(visibility={"showOnWeb": False, "showOnEmail": True, "segment": ""})},
    ],
    ids=["rendered", "without an end", "lexical", "an older lexical"],
)
def test_what_members_alone_saw_of_a_public_post_is_left_out_and_said(tmp_path: Path, post: dict[str, str]) -> None:
    cleaned = _imported(tmp_path, **post)

    assert "Secret" not in cleaned.body
    assert "not public" in [kind for kind, _ in cleaned.warnings]


def test_a_card_for_everybody_stays(tmp_path: Path) -> None:
    rendered = _imported(tmp_path, html=GATE.format("true") + "<!--kg-gated-block:end-->")
    card = _imported(tmp_path, lexical=_card(visibility={"web": {"nonMember": True, "memberSegment": "status:free"}}))

    assert "Secret" in rendered.body
    assert "Secret" in card.body


def test_a_callout_of_paragraphs_is_a_quotation_of_paragraphs(tmp_path: Path) -> None:
    card = {"type": "callout", "calloutText": "<p>Mind the <b>gap</b></p>", "calloutEmoji": "💡"}

    cleaned = _imported(tmp_path, lexical=json.dumps({"root": {"children": [card]}}))

    assert json.loads(cleaned.body)[0]["value"] == "<blockquote>💡 Mind the <b>gap</b></blockquote>"
