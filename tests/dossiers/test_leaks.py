"""What the public may not see of a dossier stands on no page, in no file and in no feed: asked for at every address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from isthmus.dossiers import links
from isthmus.dossiers.actions import close_dossier, open_dossier
from isthmus.dossiers.keeper import Keeper
from isthmus.dossiers.models import Mention, MinedText, Occurrence, Relation, Ruling, Subject
from isthmus.kit.clock import FrozenClock
from isthmus.publications import actions
from isthmus.publications.models import Publication
from tests import makers
from tests.dossiers import archive

_DOSSIERS = ("/dossiers/orla-verin/", "/dossiers/han-sol-bi/orla-verin/", "/chronology/")
_FILES = ("", "feed/", "entries.csv", "entries.json", "entries.ics")
SECRET = "Orla Verin met Han Sol-bi on 9 August 2018 about the canaryword."
SECRET_ACT = "On 9 August 2018 Orla Verin thanked Han Sol-bi for the canaryword."
_TELL_TALES = ("canaryword", "9 August 2018", "2018-08-09", "20180809", "Nobody Reads This Yet")


@pytest.fixture
def site(miner: Keeper, client: Client) -> Client:
    """Two open dossiers with an entry that everybody may see."""
    archive.two()
    archive.piece(archive.MEETING)
    _follow(miner)
    return client


def _follow(miner: Keeper) -> None:
    while miner.tick():
        pass


def _addresses() -> Iterator[str]:
    yield from ("/dossiers/", "/sitemap-pages.xml", "/publications/a-relationship/")
    for page in _DOSSIERS:
        yield from (f"{page}{file}{query}" for file in _FILES for query in ("", "?from=2018&to=2018"))


def _telling(site: Client) -> dict[str, list[str]]:
    """The addresses that tell, each with what."""
    found = {}
    for address in _addresses():
        response = site.get(address)
        assert response.status_code == 200, address
        text = response.content.decode()
        found[address] = [word for word in _TELL_TALES if word in text]
    return {address: words for address, words in found.items() if words}


def _secret(**fields: object) -> Publication:
    text = [("text", f"<p>{SECRET}</p><p>{SECRET_ACT}</p>")]
    return makers.draft("Nobody Reads This Yet", body=text, published_on=date(2018, 9, 1), **fields)


def test_a_public_entry_is_told_at_every_one_of_these_addresses(site: Client, miner: Keeper):
    """Without this the others could not fail."""
    actions.release(_secret())
    _follow(miner)

    wanted = {address for address in _addresses() if address.startswith(_DOSSIERS)}
    assert set(_telling(site)) >= wanted


def test_a_draft_and_a_scheduled_piece_tell_nothing_before_their_release(
    site: Client, miner: Keeper, clock: FrozenClock
):
    waiting = _secret()
    actions.schedule(waiting, clock() + timedelta(minutes=5))
    _follow(miner)

    assert _telling(site) == {}
    assert not MinedText.objects.filter(publication=waiting.pk).exists()


def test_a_withdrawn_piece_tells_nothing_from_that_moment_though_its_rows_still_stand(site: Client, miner: Keeper):
    piece = _secret()
    actions.release(piece)
    _follow(miner)

    actions.withdraw(Publication.objects.get(pk=piece.pk))

    assert Occurrence.objects.filter(text=piece.pk).exists()
    assert _telling(site) == {}
    keys = [row.key for model in (Occurrence, Relation) for row in model.objects.filter(text=piece.pk)]
    assert {site.get(f"/chronology/report/{about}/{key}/").status_code
            for about in Ruling.About.values for key in keys} == {404}  # fmt: skip
    _follow(miner)
    assert not Mention.objects.filter(text=piece.pk).exists()


def test_an_edit_that_is_not_released_tells_nothing(site: Client, miner: Keeper):
    piece = Publication.objects.get()
    makers.edited(piece, body=[("text", f"<p>{SECRET}</p>")])
    _follow(miner)

    assert _telling(site) == {}


def test_a_closed_dossier_is_named_nowhere(site: Client, miner: Keeper):
    closed = Subject.objects.get(slug="han-sol-bi")
    close_dossier(closed)

    pages = (
        "/dossiers/",
        "/chronology/",
        "/dossiers/orla-verin/",
        "/sitemap-pages.xml",
        "/publications/a-relationship/",
    )
    for address in pages:
        assert "han-sol-bi" not in site.get(address).content.decode(), address
    entries = site.get("/chronology/entries.json").json()["entries"]
    assert [entry["subjects"] for entry in entries] == [["Orla Verin"]]
    absent = site.get("/dossiers/nobody/").content
    for file in _FILES:
        for page in ("han-sol-bi/", "han-sol-bi/orla-verin/"):
            response = site.get(f"/dossiers/{page}{file}")
            assert (response.status_code, response.content) == (404, absent), (page, file)


def test_a_correction_names_nobody_whose_dossier_is_closed(site: Client, miner: Keeper):
    hidden = archive.subject("Ida Rook", is_open=False)
    key = Occurrence.objects.get().key
    Ruling.objects.create(
        about="occurrence", key=key, what="corrected", values={"subjects": [hidden.slug]}, at=datetime.now(UTC)
    )

    assert not any("4 March 2019" in site.get(f"/chronology/{file}").content.decode() for file in ("", "entries.csv"))

    open_dossier(hidden, by=None)
    assert "4 March 2019" in site.get("/dossiers/ida-rook/").content.decode()


def test_the_site_asks_nothing_of_dossiers_while_none_is_open(site: Client, monkeypatch: pytest.MonkeyPatch):
    for row in Subject.objects.all():
        close_dossier(row)

    assert links.everywhere() == []
    monkeypatch.setattr(links.queries, "named_in", lambda *_: pytest.fail("asked"))
    site.get("/publications/a-relationship/")
