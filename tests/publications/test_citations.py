"""Authors, dates and titles are right in every form a piece is cited in."""

import json
from datetime import date

import pytest
from django.test import Client

from isthmus.publications import citations
from isthmus.publications.models import Byline
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def piece():
    found = makers.released(
        "Talks & {Braces} 100%", people=(makers.person(), makers.person("Ludwig van Beethoven")), kind="report",
        published_on=date(2020, 1, 20), details={"number": "7"}, series=makers.series(),
    )  # fmt: skip
    line = Byline.objects.filter(publication=found).first()
    line.printed_name = "Robert R. King"
    line.save()
    return type(found).objects.get(pk=found.pk)


def test_bibtex_escapes_what_tex_would_read_as_commands(piece):
    found = citations.bibtex(piece)

    assert r"title = {{Talks \& \{Braces\} 100\%}}" in found
    assert "author = {King, Robert R. and van Beethoven, Ludwig}" in found
    assert "year = {2020}" in found
    assert found.startswith("@techreport{king2020talks,")


def test_ris_lists_every_author_and_ends_its_record(piece):
    lines = citations.ris(piece).split("\r\n")

    assert [line for line in lines if line.startswith("AU")] == ["AU  - King, Robert R.", "AU  - van Beethoven, Ludwig"]
    assert lines[0] == "TY  - RPRT"
    assert lines[-2] == "ER  - "


def test_a_report_carries_scholarly_tags_and_a_post_none(piece):
    post = makers.released("A post", people=(makers.person(),))

    assert Client().get(piece.path).content.count(b'name="citation_author"') == 2
    assert b"citation_" not in Client().get(post.path).content


def test_json_ld_cannot_leave_its_script_element():
    piece = makers.released("</script><script>alert(1)</script>")

    page = Client().get(piece.path).content.decode()

    found = page.split('application/ld+json">')[1].split("</script>")[0]
    assert json.loads(found)["headline"] == "</script><script>alert(1)</script>"
    assert "<script>alert" not in page


def test_the_printed_name_stands_on_the_page_and_the_record_leads_to_the_person(piece):
    page = Client().get(piece.path).content.decode()

    assert "By Robert R. King and Ludwig van Beethoven" in page
    assert '<a href="/people/robert-king/">Robert King</a>' in page


def test_an_office_is_one_author_under_its_own_name():
    office = makers.person("Bureau of Fisheries, Ports, and Tides")
    piece = makers.released("Tides", people=(office,))

    assert "author = {{Bureau of Fisheries, Ports, and Tides}}" in citations.bibtex(piece)
    assert "AU  - Bureau of Fisheries, Ports, and Tides\r\n" in citations.ris(piece)


def test_an_initial_at_the_end_of_a_name_is_followed_by_one_dot(piece):
    assert citations.cite(piece, url="/x/").plain.startswith("King, Robert R., and Ludwig van Beethoven. “Talks")

    Byline.objects.filter(publication=piece).last().delete()
    alone = type(piece).objects.get(pk=piece.pk)

    assert citations.cite(alone, url="/x/").plain.startswith("King, Robert R. “Talks")
