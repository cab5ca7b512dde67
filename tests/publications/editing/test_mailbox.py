"""The mailbox shows administrators what waits in the outbox, as text, and nobody else anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.publications.editing.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail() -> Iterator[str]:
    """The name of one mail with HTML in it."""
    outbox = Path(settings.EMAIL_FILE_PATH)
    outbox.mkdir(parents=True, exist_ok=True)
    path = outbox / "20261123T090000.000000Z-abcd1234.eml"
    path.write_bytes(
        b"To: carol@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n<script>alert(1)</script>\r\n"
    )
    yield path.name
    path.unlink()


def test_an_administrator_reads_who_was_written_to_and_what(olive: Any, mail: str):
    browser = browser_of(olive)

    assert "Grüße" in browser.get("/admin/mailbox/").content.decode()
    assert "carol@example.org" in browser.get(f"/admin/mailbox/{mail}/").content.decode()


def test_nothing_of_a_mail_is_rendered(olive: Any, mail: str):
    page = browser_of(olive).get(f"/admin/mailbox/{mail}/").content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize("name", ["..%2Fisthmus.db", "missing.eml", "isthmus.db"])
def test_only_mails_are_shown(olive: Any, mail: str, name: str):
    assert browser_of(olive).get(f"/admin/mailbox/{name}/").status_code == 404


def test_others_see_no_mail(alice: Any, bob: Any, mail: str):
    for user in (alice, bob):
        assert browser_of(user).get("/admin/mailbox/").status_code == 302
        assert browser_of(user).get(f"/admin/mailbox/{mail}/").status_code == 302
