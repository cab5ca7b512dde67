"""Static files come from where they are installed, may be kept for ever, and change address when they change."""

import gzip

import pytest
import rcssmin
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client

from isthmus.server.static_version import static_version

# The public chain asks no database.
CSS = "isthmus/site.css"


def _css():
    with open(finders.find(CSS), "rb") as file:
        return rcssmin.cssmin(file.read())


def test_the_address_a_template_prints_leads_to_the_file_for_ever():
    answer = Client().get(static(CSS))

    assert answer.content == _css()
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("address", [f"/static/{CSS}", f"/static/0123456789ab/{CSS}"])
def test_an_old_address_or_one_without_version_leads_there_for_a_minute(address):
    answer = Client().get(address)

    assert answer.content == _css()
    assert answer.headers["Cache-Control"] == "public, max-age=60"


def test_it_is_compressed_for_who_asks():
    answer = Client().get(static(CSS), headers={"Accept-Encoding": "gzip, br"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == _css()
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_our_sheets_and_scripts_leave_their_comments_at_home():
    assert b"/*" not in Client().get(static(CSS)).content
    assert b"//" not in Client().get(static("isthmus/search.js")).content


def test_it_is_not_sent_again_to_who_has_it():
    etag = Client().get(static(CSS)).headers["ETag"]

    answer = Client().get(static(CSS), headers={"If-None-Match": etag})

    assert answer.status_code == 304
    assert answer.content == b""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["no-such.css", "../settings.py", "..%2f..%2fetc/passwd", "isthmus/", "", "%00", "isthmus/fonts"]
)
def test_nothing_else_can_be_had(name):
    assert Client().get(f"/static/{name}").status_code == 404


def test_nothing_can_be_posted():
    assert Client().post(static(CSS)).status_code == 405


def test_the_version_changes_with_a_byte_of_a_file_and_with_a_packages_version(tmp_path):
    (tmp_path / "a.css").write_text("a")
    before = static_version([tmp_path], packages=["Django"])
    assert static_version([tmp_path], packages=["Django"]) == before

    (tmp_path / "a.css").write_text("b")

    assert static_version([tmp_path], packages=["Django"]) != before
    assert static_version([tmp_path], packages=["wagtail"]) != static_version([tmp_path], packages=["Django"])


def test_a_stylesheets_relative_addresses_stay_within_its_version():
    import re
    from urllib.parse import urljoin

    css = _css().decode()
    used = [address for address in re.findall(r"url\(['\"]?([^'\")]+)", css) if not address.startswith("data:")]

    assert used
    for address in used:
        assert Client().get(urljoin(static(CSS), address)).status_code == 200
