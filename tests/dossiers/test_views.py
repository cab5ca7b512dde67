"""The public pages of dossiers: only open subjects, only visible texts, every entry with its sentence."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from isthmus.dossiers import pages, reports
from isthmus.dossiers.keeper import Keeper
from isthmus.dossiers.models import ErrorReport, Occurrence, Relation, Ruling, Subject, SubjectAddress
from isthmus.publications import actions
from tests import makers

ATOM = "{http://www.w3.org/2005/Atom}"
TEXT = (
    "<p>Orla Tal met Han Sol on 4 March 2019 in Aldmark. In June Orla Tal praised Han Sol at the pier.</p>"
    "<p>In May 2019 Han Sol denounced Orla Tal. Han Sol is expected to visit Orla Tal in December 2020.</p>"
    "<p>A few weeks later nothing was left of it for Orla Tal.</p>"
)


def subject(name: str, slug: str, **fields: Any) -> Subject:
    return Subject.objects.create(
        **{"kind": "person", "name": name, "slug": slug, "is_open": True, "note": f"{name} of the Narrows.", **fields}
    )


def follow(miner: Keeper) -> None:
    while miner.tick():
        pass


@pytest.fixture
def site(miner: Keeper, client: Client) -> Client:
    """Two open dossiers and a closed one, and one text that names all three."""
    subject("Orla Tal", "orla-tal")
    subject("Han Sol", "han-sol")
    subject("Aldmark", "aldmark", kind="place", is_open=False)
    makers.released("Ardor Cools", text=TEXT, published_on=date(2020, 1, 20))
    follow(miner)
    return client


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    return response.content.decode()


def test_dossier_shows_each_date_in_words_with_its_sentence_and_why(site: Client):
    page = text_of(site, "/dossiers/orla-tal/")

    assert "4 March 2019" in page
    assert "June 2019" in page
    assert "“June”, published 20 January 2020" in page or "“In June”, published 20 January 2020" in page
    assert "/publications/ardor-cools/#:~:text=Orla%20Tal%20met%20Han%20Sol" in page
    assert "Made from 1 text of this archive" in page


def test_expected_date_that_has_passed_says_that_nothing_newer_is_known(site: Client):
    assert "expected; no later news in this archive" in text_of(site, "/dossiers/han-sol/")
    assert "no later news" not in text_of(site, "/dossiers/han-sol/?as-of=2020-03-01")


def test_closed_dossier_answers_like_one_that_does_not_exist(site: Client):
    closed, absent = site.get("/dossiers/aldmark/"), site.get("/dossiers/nobody/")

    assert (closed.status_code, closed.content) == (404, absent.content)
    assert site.get("/dossiers/aldmark/orla-tal/").content == absent.content
    assert "Aldmark</a>" not in text_of(site, "/dossiers/orla-tal/")
    assert "aldmark/" not in text_of(site, "/dossiers/")
    text_of(site, "/chronology/?subject=aldmark", 404)


def test_unsure_grades_wait_for_an_editor(site: Client):
    waiting = Occurrence.objects.filter(grade="approximate").first() or Occurrence.objects.filter(grade="text").first()
    assert waiting is not None
    before = text_of(site, "/dossiers/orla-tal/entries.json")

    Ruling.objects.create(about="occurrence", key=waiting.key, what="accepted", at=datetime.now(UTC))

    assert waiting.key not in before
    assert waiting.key in text_of(site, "/dossiers/orla-tal/entries.json")


def test_refused_entry_is_gone_everywhere(site: Client):
    gone = Occurrence.objects.get(edtf="2019-03-04")

    Ruling.objects.create(about="occurrence", key=gone.key, what="refused", at=datetime.now(UTC))

    for address in (
        "",
        "orla-tal/",
        "han-sol/orla-tal/",
        "orla-tal/entries.csv",
        "orla-tal/entries.ics",
        "orla-tal/feed/",
    ):
        assert gone.key[:16] not in text_of(site, f"/dossiers/{address}"), address
        assert "4 March 2019" not in text_of(site, f"/dossiers/{address}").replace(gone.sentence, ""), address
    text_of(site, f"/chronology/report/occurrence/{gone.key}/", 404)


def test_correction_is_shown_instead_and_says_so(site: Client):
    wrong = Occurrence.objects.get(edtf="2019-03-04")
    values = {
        "edtf": "2018-03",
        "first_on": "2018-03-01",
        "before_on": "2018-04-01",
        "precision": "M",
        "subjects": ["han-sol"],
    }

    Ruling.objects.create(about="occurrence", key=wrong.key, what="corrected", values=values, at=datetime.now(UTC))

    page = text_of(site, "/dossiers/han-sol/")
    assert "March 2018" in page
    assert "corrected by an editor" in page
    assert wrong.key[:16] not in text_of(site, "/dossiers/orla-tal/")


def test_happenings_told_as_one_show_where_the_texts_differ(site: Client, miner: Keeper):
    makers.released("Another", text="<p>Orla Tal met Han Sol on 5 March 2019.</p>", published_on=date(2020, 2, 1))
    follow(miner)
    for key in Occurrence.objects.filter(edtf__in=["2019-03-04", "2019-03-05"]).values_list("key", flat=True):
        Ruling.objects.create(about="occurrence", key=key, what="merged", happening="h1", at=datetime.now(UTC))

    page = text_of(site, "/dossiers/orla-tal/")

    assert "Given as 4 March 2019 in one text and 5 March 2019 in another." in page
    assert page.count("BEGIN") == 0
    assert text_of(site, "/dossiers/orla-tal/entries.ics").count("BEGIN:VEVENT") == page.count('class="bar ')


def test_withdrawn_text_takes_its_entries_along_at_once(site: Client):
    from isthmus.publications.models import Publication

    actions.withdraw(Publication.objects.get())

    assert "Nothing is dated here yet." in text_of(site, "/dossiers/orla-tal/")
    assert "Ardor Cools" not in text_of(site, "/dossiers/orla-tal/")


def test_pair_shows_both_directions_and_a_line_with_words_and_shapes(site: Client):
    page = text_of(site, "/dossiers/han-sol/orla-tal/")

    assert 'class="tone-line"' in page
    assert "cool, <i>denounce</i>" in page
    assert "warm, <i>praise</i>" in page
    assert all(
        f'href="#r-{key[:16]}"' in page
        for key in Relation.objects.filter(verb="denounce").values_list("key", flat=True)
    )


def test_of_very_many_acts_the_newest_are_shown_and_the_page_says_so(site: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pages, "MAX_ACTS", 1)
    n_acts = Relation.objects.count()

    page = text_of(site, "/dossiers/han-sol/orla-tal/")

    assert n_acts > 1
    assert f"These are the newest 1 of {n_acts}" in page
    assert page.count('id="r-') == 1


def test_pair_has_one_address_and_old_slugs_lead_on(site: Client):
    SubjectAddress.objects.create(slug="orla", subject=Subject.objects.get(slug="orla-tal"))

    assert site.get("/dossiers/orla-tal/han-sol/?from=2019")["Location"] == "/dossiers/han-sol/orla-tal/?from=2019"
    assert site.get("/dossiers/orla/")["Location"] == "/dossiers/orla-tal/"
    assert site.get("/dossiers/orla/entries.csv")["Location"] == "/dossiers/orla-tal/entries.csv"
    text_of(site, "/dossiers/orla-tal/orla-tal/", 404)


def test_chronology_is_narrowed_by_its_address(site: Client):
    everything, narrowed = text_of(site, "/chronology/"), text_of(site, "/chronology/?subject=han-sol&from=2020")

    assert "4 March 2019" in everything
    assert '<meta name="robots" content="noindex">' not in everything
    assert '<meta name="robots" content="noindex">' in narrowed
    assert "December 2020" in narrowed
    assert "4 March 2019" not in narrowed
    assert 'rel="canonical" href="http://localhost:8000/chronology/"' in narrowed or '/chronology/">' in narrowed


def test_nothing_of_later_texts_is_known_on_an_earlier_day(site: Client):
    page = text_of(site, "/dossiers/orla-tal/?as-of=2019-12-31")

    assert "As known on 31 December 2019" in page
    assert "Nothing here is dated so." in page


def test_choices_that_mean_nothing_are_no_page(site: Client):
    for query in ("?from=x", "?as-of=2020-13-01", "?page=2", "?page=0", "?from=99999", "?subject=nobody"):
        text_of(site, f"/chronology/{query}", 404)


def test_csv_has_a_row_a_sentence_and_no_formula(site: Client, miner: Keeper):
    makers.released("=HYPERLINK(1)", text="<p>Orla Tal left on 6 March 2019.</p>", published_on=date(2020, 2, 1))
    follow(miner)

    rows = list(csv.DictReader(io.StringIO(text_of(site, "/dossiers/orla-tal/entries.csv"))))

    assert {"2019-03-04", "2019-03-06"} <= {row["first_day"] for row in rows}
    assert [row["title"] for row in rows if row["first_day"] == "2019-03-06"] == ["'=HYPERLINK(1)"]


def test_json_and_feed_hold_the_same_entries(site: Client):
    entries = json.loads(text_of(site, "/chronology/entries.json"))["entries"]
    feed = ElementTree.fromstring(text_of(site, "/chronology/feed/"))

    assert len(feed.findall(f"{ATOM}entry")) == len(entries) > 3
    assert all(entry["sentence"] in TEXT for entry in entries)


def test_feed_holds_what_was_released_last(site: Client, miner: Keeper, settings: Any):
    settings.ISTHMUS = replace(settings.ISTHMUS, feed_items=2)
    makers.released("Old News", text="<p>Orla Tal left on 6 March 1999.</p>", published_on=date(2020, 2, 1))
    follow(miner)

    feed = ElementTree.fromstring(text_of(site, "/dossiers/orla-tal/feed/"))

    titles = [entry.findtext(f"{ATOM}title") or "" for entry in feed.findall(f"{ATOM}entry")]
    assert [title.split(":")[0].split(" (")[0] for title in titles] == ["6 March 1999", "December 2020"]


def test_what_a_later_text_expects_of_days_gone_by_is_not_called_unknown(site: Client, miner: Keeper):
    text = "<p>Orla Tal was expected to visit on 7 March 2018.</p>"
    makers.released("Looking Back", text=text, published_on=date(2020, 2, 1))
    follow(miner)

    page = text_of(site, "/dossiers/orla-tal/?to=2018")

    assert "expected" in page
    assert "no later news" not in page


def test_sentence_that_names_a_year_twice_is_told_once(site: Client, miner: Keeper):
    text = "<p>Orla Tal left in 1999, and whoever saw Orla Tal in 1999 remembers it.</p>"
    makers.released("Twice", text=text, published_on=date(2020, 2, 1))
    follow(miner)
    _, second = Occurrence.objects.filter(edtf="1999").order_by("start")

    assert [one.count("1999-01-01") for one in _csv_rows(site)] == [1]

    Ruling.objects.create(about="occurrence", key=second.key, what="accepted", at=datetime.now(UTC))
    assert len(_csv_rows(site)) == 2


def _csv_rows(site: Client) -> list[str]:
    rows = text_of(site, "/dossiers/orla-tal/entries.csv?to=1999").splitlines()
    return rows[1:]


def test_calendar_has_whole_days_and_folded_lines(site: Client):
    response = site.get("/dossiers/orla-tal/entries.ics")
    lines = response.content.decode().split("\r\n")

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "DTSTART;VALUE=DATE:20190601" in lines
    assert "DTEND;VALUE=DATE:20190701" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert response.content == site.get("/dossiers/orla-tal/entries.ics").content


def test_report_is_kept_without_an_address_and_capped(site: Client):
    key = Occurrence.objects.get(edtf="2019-03-04").key
    address = f"/chronology/report/occurrence/{key}/"
    assert "Orla Tal met Han Sol" in text_of(site, address)

    for _ in range(reports.PER_NETWORK_A_DAY + 2):
        assert site.post(address, {"words": "It was the 5th."}).status_code == 303

    kept = ErrorReport.objects.all()
    assert len(kept) == reports.PER_NETWORK_A_DAY
    assert (kept[0].key, kept[0].words) == (key, "It was the 5th.")
    assert "127.0.0.1" not in kept[0].network


def test_report_from_another_site_or_a_program_is_not_kept(site: Client):
    address = f"/chronology/report/occurrence/{Occurrence.objects.get(edtf='2019-03-04').key}/"

    assert site.post(address, {"words": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert site.post(address, {"words": "x", "website": "spam"}).status_code == 303
    assert site.post(address, {"words": " "}).status_code == 400
    assert not ErrorReport.objects.exists()


def test_pages_set_no_cookie_and_are_the_same_bytes_for_everybody(site: Client):
    for address in ("/dossiers/", "/dossiers/orla-tal/", "/dossiers/han-sol/orla-tal/", "/chronology/"):
        first = site.get(address)
        second = Client().get(address, headers={"Cookie": "sessionid=x", "User-Agent": "other"})
        assert not first.cookies
        assert first.content == second.content


@pytest.mark.parametrize(
    "address",
    ["/dossiers/", "/dossiers/orla-tal/", "/dossiers/han-sol/orla-tal/", "/chronology/?category=a/b&from=2019"],
)
def test_pages_ask_the_database_a_dozen_times_at_most(site: Client, address: str, django_assert_max_num_queries: Any):
    site.get(address)

    with django_assert_max_num_queries(13 if "orla-tal/" in address else 12):
        site.get(address)


def test_page_of_a_piece_leads_to_its_dossiers(site: Client):
    assert 'href="/dossiers/orla-tal/"' in text_of(site, "/publications/ardor-cools/")
    assert "aldmark/" not in text_of(site, "/publications/ardor-cools/")


def test_site_leads_to_dossiers_only_when_one_is_open(site: Client):
    assert 'href="/dossiers/"' in text_of(site, "/publications/")
    assert "/dossiers/orla-tal/</loc>" in text_of(site, "/sitemap-pages.xml")

    for row in Subject.objects.all():
        row.is_open = False
        row.save()

    assert 'href="/dossiers/"' not in text_of(site, "/publications/")
    assert "/dossiers/" not in text_of(site, "/sitemap-pages.xml")


def test_page_with_markup_in_a_sentence_shows_it_as_text(site: Client, miner: Keeper):
    text = "<p>Orla Tal said &lt;script&gt;alert(1)&lt;/script&gt; on 7 March 2019.</p>"
    makers.released("Markup", text=text, published_on=date(2020, 2, 1))
    follow(miner)

    page = text_of(site, "/dossiers/orla-tal/")

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
