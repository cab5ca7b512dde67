"""Links between pieces go by number: they survive renames and give nothing away."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.rich_text import expand_db_html, features

from isthmus.publications import actions
from isthmus.publications.body import TEXT_FEATURES
from tests import makers

pytestmark = pytest.mark.django_db


def link(number: object, words: str = "read on") -> str:
    """A stored link."""
    return f'<a linktype="publication" id="{number}">{words}</a>'


def test_a_link_follows_a_changed_slug():
    piece = makers.released()
    actions.release(makers.edited(piece, slug="ardor-cools"))

    assert expand_db_html(link(piece.pk)) == '<a href="/publications/ardor-cools/">read on</a>'


@pytest.mark.parametrize("number", ["999", "", "x", "²", "1 OR 1"])
def test_a_link_to_nothing_is_plain_words(number: str):
    assert "href" not in expand_db_html(link(number))


def test_a_link_to_a_piece_that_is_not_public_says_no_address():
    draft, gone = makers.draft("Secret Slug"), makers.released("Gone Slug")
    actions.withdraw(gone)

    shown = expand_db_html(link(draft.pk) + link(gone.pk))

    assert "slug" not in shown
    assert "href" not in shown


def test_many_links_take_one_query():
    pieces = [makers.released(f"Piece {n}") for n in range(5)]

    with CaptureQueriesContext(connection) as queries:
        expand_db_html("".join(link(piece.pk) for piece in pieces))

    assert len(queries) == 1


def test_the_editors_window_gives_back_what_it_was_given():
    piece = makers.released()
    stored = f"<p>See {link(piece.pk)}.</p>"
    converter = ContentstateConverter(TEXT_FEATURES)

    content = converter.from_database_format(stored)

    assert json.loads(content)["entityMap"]["0"]["type"] == "PUBLICATION"
    assert 'linktype="publication"' in converter.to_database_format(content)
    assert f'id="{piece.pk}"' in converter.to_database_format(content)


def test_every_feature_of_the_body_is_one_the_editor_has():
    assert [name for name in TEXT_FEATURES if features.get_editor_plugin("draftail", name) is None] == []
