"""Notes without links: made footnotes where all of them fit together, left alone where one does not."""

from __future__ import annotations

import pytest

from isthmus.importers import body_blocks
from isthmus.importers.bodies import plain_notes


def notes_of(html: str) -> tuple[str, list[tuple[str, str]]]:
    blocks = body_blocks.body_of(plain_notes.linked(html)).blocks
    texts = " ".join(str(block["value"]) for block in blocks if block["type"] == "text")
    notes = [row["value"] for block in blocks if block["type"] == "footnotes" for row in block["value"]]
    return texts, [(note["label"], note["text"]) for note in notes]


@pytest.mark.parametrize(
    "html",
    [
        "<p>One[1] two.[2]</p><p>[1] First.</p><p>[2] Second.</p>",
        "<p>One<sup>1</sup> two.<sup>2</sup></p><p><sup>1</sup> First.</p><p><sup>2</sup> Second.</p>",
        "<p>One[1] two.[2]</p><h3>Notes</h3><p>[1] First.</p><p>[2] Second.</p>",
        "<p>One<sup>1</sup> two.<sup>2</sup></p><hr><p><b>Footnotes:</b></p><p>1. First.</p><p>2. Second.</p>",
        "<p>One<sup>[1]</sup> two.<sup>[2]</sup></p><h2>각주</h2><ol><li>First.</li><li>Second.</li></ol>",
    ],
)
def test_notes_that_fit_together_become_footnotes(html: str) -> None:
    text, notes = notes_of(html)

    assert text == "<p>One[^1] two.[^2]</p>"
    assert notes == [("1", "<p>First.</p>"), ("2", "<p>Second.</p>")]


@pytest.mark.parametrize(
    "html",
    [
        "<p>One[1] two.</p><p>[1] First.</p><p>[2] Second.</p>",
        "<p>One[1] two.[2]</p><p>[1] First.</p><p>[3] Third.</p>",
        "<p>One[1] two.[2]</p><p>[1] First.</p><p>Said Alice.</p><p>[2] Second.</p>",
        "<p>One<sup>1</sup> two.<sup>2</sup></p><p>1. First.</p><p>2. Second.</p>",
        "<p>One<sup>1</sup></p><ol><li>First.</li></ol>",
        "<p><code>a[1]</code></p><p>[1] First.</p>",
        "<p>E = mc<sup>2</sup></p><p>[1] First.</p>",
        '<p>One<a href="#a">[1]</a></p><p id="a">[1] First.</p>',
        "<p>[1]</p>",
    ],
)
def test_what_does_not_fit_stays_as_it_is(html: str) -> None:
    assert plain_notes.linked(html) == html
