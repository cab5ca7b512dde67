"""What Django keeps of its answers, and what it never keeps."""

import shutil
from dataclasses import replace

import pytest
from django.test import Client

from isthmus.edition.rendering import render
from isthmus.publications import actions, setup
from isthmus.publications.models import SiteSettings
from tests import makers


@pytest.fixture
def piece(edition):
    row = makers.released(series=makers.series(), people=(makers.person(),))
    edition.follow()
    return row


def test_a_page_is_kept_at_its_first_reader_and_given_to_the_next(edition, piece):
    first = Client().get(piece.path)
    kept = edition.store.get(piece.path)
    second = Client().get(piece.path)

    assert first.status_code == second.status_code == 200
    assert first.content == second.content == kept.stamped(b"1 publication")
    assert b"Total Index: 1 publication." in second.content
    assert first.headers["ETag"] == second.headers["ETag"]
    assert {f"pub:{piece.pk}", f"series:{piece.series_id}", f"self:{piece.pk}"} <= kept.tags


def test_a_kept_page_carries_the_headers_of_any_page_and_no_cookie(edition, piece):
    Client().get(piece.path)

    headers = dict(edition.store.get(piece.path).headers)

    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert not {name.lower() for name in headers} & {"set-cookie", "etag", "content-length", "vary"}
    assert not [name for name in headers if name.startswith("Surrogate")]


def test_only_a_cache_before_the_site_is_told_what_a_page_shows(edition, piece, settings):
    settings.ISTHMUS = replace(settings.ISTHMUS, cache_purge_url="http://127.0.0.1:6081")

    headers = dict(render(piece.path).page.headers)

    assert headers["Surrogate-Control"] == "max-age=1"
    assert {f"pub:{piece.pk}", "total"} <= set(headers["Surrogate-Key"].split())


def test_a_browser_that_has_the_page_is_told_that_it_holds(edition, piece):
    tag = Client().get(piece.path).headers["ETag"]

    assert Client().get(piece.path, HTTP_IF_NONE_MATCH=tag).status_code == 304


@pytest.mark.parametrize("path", ["/search/help/", "/opensearch.xml"])
def test_how_to_search_is_kept_until_the_site_s_settings_change(edition, path):
    setup.prepare_site("The Merrow Institute")
    edition.follow()
    Client().get(path)
    assert edition.store.keys() == [path]

    settings = SiteSettings.current()
    settings.name = settings.short_name = "Korin"
    settings.save()
    edition.follow()

    assert edition.store.keys() == []
    assert b"Korin" in Client().get(path).content


@pytest.mark.parametrize(
    "path",
    ["/nothing/", "/search/?q=ardor", "/subscribe/", "/admin/login/", "/?p=17", "/publications/?page=01", "/healthz",
     "/publications/?page=9", "/static/000000000000/isthmus/site.css"],
)  # fmt: skip
def test_errors_searches_forms_and_logins_are_not_kept(edition, piece, path):
    Client().get(path)

    assert edition.store.keys() == []


def test_an_answer_that_is_not_kept_says_the_total_too(edition, piece):
    actions.withdraw(makers.released("Gone", series=piece.series))

    for path in ("/nothing/", "/the-peninsula/gone/"):
        answer = Client().get(path)
        assert answer.status_code in (404, 410)
        assert b"Total Index: 1 publication." in answer.content


def test_what_a_draft_says_is_in_no_preview_that_is_kept(edition, piece, alice):
    client = Client()
    client.force_login(alice)
    client.get(piece.path)

    assert edition.store.get(piece.path).content == render(piece.path).page.content


def test_a_listing_is_kept_by_its_number_and_a_page_proper_once(edition, piece):
    for query in ("", "?page=1", "?page=1&utm_source=x", "?utm_source=y"):
        Client().get(f"/publications/{query}")
        Client().get(f"{piece.path}{query}")

    assert sorted(edition.store.keys()) == sorted(["/publications/", "/publications/?page=1", piece.path])
    assert edition.store.get("/publications/").parameters == {"page"}
    assert edition.store.get(piece.path).parameters == frozenset()


def test_without_an_edition_django_answers_as_ever(db):
    piece = makers.released()

    assert b"Total Index: 1 publication." in Client().get(piece.path).content


@pytest.mark.parametrize("path", ["/nothing/", "/the-peninsula/gone/"])
def test_what_is_not_kept_is_the_same_bytes_with_an_edition_and_without(edition, piece, path):
    gone = makers.released("Gone", series=piece.series)
    actions.withdraw(gone)
    with_edition = Client().get(path)
    edition.keeper.close()
    edition.shelf.withdraw()
    shutil.rmtree(edition.shelf.root)

    without = Client().get(path)

    assert with_edition.content == without.content
    assert int(with_edition.headers["Content-Length"]) == len(with_edition.content)
    assert with_edition.headers.get("ETag") == without.headers.get("ETag")


def test_an_editors_preview_is_the_draft_and_is_neither_found_nor_kept(edition, piece, rf):
    Client().get(piece.path)
    Client().get("/")
    kept = {key: edition.store.get(key).content for key in list(edition.store.keys())}
    draft = makers.edited(piece, title="Canary Redraft").get_latest_revision_as_object()

    shown = draft.make_preview_request(original_request=rf.get("/admin/"))

    assert b"Canary Redraft" in shown.content
    assert {key: edition.store.get(key).content for key in list(edition.store.keys())} == kept
