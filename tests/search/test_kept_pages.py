import gzip
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from isthmus.publications import actions
from isthmus.publications.models import SiteSettings
from isthmus.search import kept_pages, queries, standing, views
from isthmus.search.keeper import Keeper
from isthmus.search.kept_pages import KeptPages, Page, Stamp
from tests import makers

ADDRESS = "/search/?q=tariff"


def page(content: bytes = b"a page") -> Page:
    return Page(content, "tariff", 1, 1, is_counted=True)


def stamp() -> Stamp | None:
    return kept_pages.stamp(standing.now())


@pytest.fixture
def n_made(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many pages were made and not found."""
    made: list[str] = []
    search = queries.search

    def counted(text: str, **rest: Any) -> Any:
        made.append(text)
        return search(text, **rest)

    monkeypatch.setattr(queries, "search", counted)
    return lambda: len(made)


@pytest.fixture
def site(keeper: Keeper, client: Client) -> Client:
    makers.released("Tariff one", people=(makers.person("Robert King"),), published_on=date(2020, 1, 1))
    keeper.tick()
    return client


def shown(site: Client, address: str = ADDRESS) -> str:
    return site.get(address).content.decode()


def test_the_same_search_is_made_once_and_answered_alike(site: Client, n_made: Callable[[], int]):
    assert shown(site) == shown(site) == shown(site)
    assert n_made() == 1


@pytest.mark.parametrize("address", [ADDRESS, "/api/v1/search?q=tariff"])
def test_who_takes_it_compressed_gets_the_same_page(site: Client, address: str):
    plain = site.get(address)
    small = site.get(address, headers={"Accept-Encoding": "br, gzip"})

    assert (small["Content-Encoding"], plain.has_header("Content-Encoding")) == ("gzip", False)
    assert gzip.decompress(small.content) == plain.content
    assert plain["Vary"] == small["Vary"] == "Accept-Encoding"
    assert plain["ETag"] != small["ETag"]
    again = site.get(address, headers={"Accept-Encoding": "br, gzip", "If-None-Match": small["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_programs_are_answered_alike_from_what_was_made_once(site: Client, n_made: Callable[[], int]):
    address = "/api/v1/search?q=tariff"
    first = site.get(address)

    assert first.json()["total"] == 1
    assert [site.get(address).content, site.get(address).content] == [first.content] * 2
    assert n_made() == 1

    piece = makers.released("Tariff two")
    assert (site.get(address).json()["total"], site.get(address).json()["index_total"]) == (1, 2)
    actions.withdraw(piece)
    assert site.get(address).json()["index_total"] == 1
    assert site.get(address + "&per_page=1").json()["per_page"] == 1


def test_other_addresses_are_other_pages(site: Client, n_made: Callable[[], int]):
    assert shown(site) != shown(site, ADDRESS + "&year=1999")
    assert shown(site, "/search/?q=TARIFF") != shown(site)
    assert n_made() == 3


def test_a_withdrawn_piece_is_gone_at_once(site: Client):
    piece = makers.released("Tariff two")
    assert "1 publication located" in shown(site)

    actions.withdraw(piece)

    assert "Total Index: 1 publication." in shown(site)


def test_a_new_piece_is_there_as_soon_as_the_index_has_it(site: Client, keeper: Keeper):
    assert "1 publication located" in shown(site)

    makers.released("Tariff two")
    keeper.tick()

    assert "2 publications located" in shown(site)


def test_a_new_name_and_new_settings_show_at_once(site: Client):
    assert "Robert R. King" not in shown(site)

    person = makers.person("Robert King")
    person.name = "Robert R. King"
    person.save()
    assert "Robert R. King" in shown(site)

    row = SiteSettings.current()
    row.name = "The Institute of the Narrows"
    row.save()
    assert "The Institute of the Narrows" in shown(site)


def test_a_page_that_was_found_is_counted_as_a_search(site: Client, monkeypatch: pytest.MonkeyPatch):
    counted: list[tuple[str, int, int]] = []
    monkeypatch.setattr(
        views.searched, "note", lambda text, total, *, agent, page: counted.append((text, total, page))
    )  # fmt: skip

    for _ in range(3):
        shown(site)
    shown(site, ADDRESS + "&year=2020")

    assert counted == [("tariff", 1, 1)] * 3


def test_what_was_made_before_a_change_is_not_found_after_it(site: Client):
    before = stamp()
    kept = KeptPages()
    kept.keep("q=a", before, page())
    assert kept.found("q=a", stamp()) == page()

    makers.released("Another")

    assert kept.found("q=a", stamp()) is None


def test_nothing_is_kept_while_the_index_is_away(keeper: Keeper):
    kept = KeptPages()
    kept.keep("q=a", stamp(), page())

    assert stamp() is None
    assert kept.found("q=a", None) is None


def test_pages_asked_for_long_ago_make_room(site: Client):
    now = stamp()
    kept = KeptPages(max_bytes=30)
    for name in "abc":
        kept.keep(name, now, page(b"0123456789"))
    kept.found("a", now)

    kept.keep("d", now, page(b"0123456789"))

    assert [name for name in "abcd" if kept.found(name, now)] == ["a", "c", "d"]
    kept.keep("long" * 100, now, page(b""))
    assert kept.found("long" * 100, now) is None
    kept.keep("huge", now, page(b"0" * 100))
    assert [name for name in ("a", "c", "d", "huge") if kept.found(name, now)] == []


@pytest.mark.parametrize("has_isal", [True, False])
def test_pages_are_packed_alike_with_and_without_the_quick_packer(has_isal: bool, monkeypatch: pytest.MonkeyPatch):
    if not has_isal:
        monkeypatch.setattr(kept_pages, "isal_zlib", None)
    content = "Inter-Korean relations, 1991–2018. ".encode() * 500

    packed = kept_pages.compressed(content)

    assert gzip.decompress(packed) == content
    assert packed == kept_pages.compressed(content)
    assert len(packed) < len(content) / 20
