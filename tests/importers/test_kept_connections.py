"""What connects the items of an archive comes along: blocks used twice, pages below pages, lists, photos, releases."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image as Picture

from isthmus.importers import actions
from isthmus.importers.report import Report
from isthmus.publications import setup
from isthmus.publications.models import Category, Person, Publication, StandardPage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

_HEAD = (
    '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><link>https://narrows.example</link>'
    "<wp:category><wp:category_nicename>sea</wp:category_nicename><wp:category_parent></wp:category_parent></wp:category>"
    "<wp:category><wp:category_nicename>fog</wp:category_nicename><wp:category_parent>sea</wp:category_parent>"
    "</wp:category>"
)


def item(number: int, body: str = "Words.", *, status: str = "publish", kind: str = "post", more: str = "") -> str:
    return (
        f"<item><title>Piece {number}</title><link>https://narrows.example/{number}/</link>"
        f"<wp:post_id>{number}</wp:post_id><wp:post_name>piece-{number}</wp:post_name><wp:status>{status}</wp:status>"
        f"<wp:post_date>2019-03-04 10:00:00</wp:post_date><wp:post_type>{kind}</wp:post_type>{more}"
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
    )


def brought_in(folder: Path, *items: str) -> Report:
    path = folder / "export.xml"
    path.write_text(f"{_HEAD}{''.join(items)}</channel></rss>", "utf-8")
    return actions.run_import(path)


def text_of(piece: Publication) -> str:
    return json.dumps(list(piece.body.raw_data))


def test_a_reusable_block_stands_where_it_was_shown_and_a_draft_of_one_does_not(tmp_path: Path) -> None:
    report = brought_in(
        tmp_path,
        item(1, '<!-- wp:block {"ref":7} /--><!-- wp:block {"ref":8} /--><p>After.</p>'),
        item(7, '<p>Shared.</p><!-- wp:block {"ref":7} /-->', kind="wp_block"),
        item(8, "<p>Secret.</p>", kind="wp_block", status="draft"),
    )

    body = text_of(Publication.objects.get())
    assert "Shared." in body
    assert "After." in body
    assert "Secret." not in body
    assert [row["text"] for row in report.warnings] == ["the reusable block 7, the reusable block 8"]


def test_pages_stay_below_their_pages_whatever_comes_first_and_undo_takes_them_all(
    tmp_path: Path, client: Client
) -> None:
    setup.prepare_site("The Narrows")
    before = StandardPage.objects.count()
    report = brought_in(
        tmp_path,
        item(3, kind="page", more="<wp:post_parent>20</wp:post_parent>"),
        item(20, kind="page"),
        item(30, kind="page", status="draft"),
        item(4, kind="page", more="<wp:post_parent>30</wp:post_parent>"),
    )

    assert client.get("/piece-20/piece-3/").status_code == 200
    assert client.get("/3/").headers["location"].endswith("/piece-20/piece-3/")
    assert client.get("/piece-4/").status_code == 200
    actions.undo(report.run)
    assert StandardPage.objects.count() == before
    assert client.get("/piece-20/piece-3/").status_code != 200


def test_old_lists_of_a_category_or_tag_lead_to_ours(tmp_path: Path, client: Client) -> None:
    labels = '<category domain="category" nicename="fog">Fog</category>'
    labels += '<category domain="post_tag" nicename="pier">Pier</category>'
    brought_in(tmp_path, item(1, more=labels), item(2, status="draft", more=labels.replace("ier", "ilot")))

    fog, pier = Category.objects.get(label="Fog"), Category.objects.get(label="Pier")
    assert client.get("/category/sea/fog/").headers["location"].endswith(f"/categories/category/{fog.slug}/")
    assert client.get("/tag/pier/").headers["location"].endswith(f"/categories/tag/{pier.slug}/")
    assert client.get("/tag/pilot/").status_code == 404


def test_what_the_source_published_since_is_published_here_and_undo_hides_it_again(tmp_path: Path) -> None:
    brought_in(tmp_path, item(1, status="draft"), item(2, status="draft"), item(3, "Old.", status="draft"))
    taken_up = Publication.objects.get(title="Piece 2")
    newest = taken_up.get_latest_revision_as_object()
    newest.title = "Alice is at work on it"
    newest.save_revision()
    Publication.objects.filter(pk=taken_up.pk).update(title=newest.title)

    report = brought_in(tmp_path, item(1), item(2), item(3, "New."))

    live = {piece.title: text_of(piece) for piece in Publication.objects.filter(live=True)}
    assert live.keys() == {"Piece 1", "Piece 3"}
    assert "New." in live["Piece 3"]
    assert report.counts["updated"] == 2
    assert [(row["id"], row["kind"]) for row in report.warnings] == [("2", "public at the source")]
    assert brought_in(tmp_path, item(1), item(2), item(3, "New.")).counts["unchanged"] == 3
    actions.undo(report.run)
    assert not Publication.objects.filter(live=True).exists()


def test_the_photo_of_a_person_comes_with_the_pieces_that_name_them(tmp_path: Path) -> None:
    pictures = tmp_path / "content" / "images"
    pictures.mkdir(parents=True)
    buffer = io.BytesIO()
    Picture.new("RGB", (40, 40), "red").save(buffer, "PNG")
    (pictures / "alice.png").write_bytes(buffer.getvalue())
    post = {
        "id": "1", "uuid": "u", "title": "Letters", "slug": "letters", "type": "post", "status": "published",
        "published_at": "2019-03-11T00:00:00.000Z", "html": "<p>Text.</p>",
    }  # fmt: skip
    alice = {
        "id": "9",
        "slug": "alice",
        "name": "Alice Moore",
        "profile_image": "__GHOST_URL__/content/images/alice.png",
    }
    tables = {"posts": [post], "users": [alice], "posts_authors": [{"post_id": "1", "author_id": "9"}]}
    (tmp_path / "ghost.json").write_text(json.dumps({"db": [{"meta": {"exported_on": 1}, "data": tables}]}))

    actions.run_import(tmp_path)

    assert Person.objects.get(name="Alice Moore").photo is not None
