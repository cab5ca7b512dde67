"""The mailbox shows administrators what waits in the outbox, and nobody else anything; a mail can do nothing there."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
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


@pytest.fixture
def letter() -> Iterator[str]:
    """The name of one mail with a text and an HTML part."""
    path = Path(settings.EMAIL_FILE_PATH) / "20261123T090100.000000Z-abcd1234.eml"
    path.parent.mkdir(parents=True, exist_ok=True)
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "news@institute.example", "carol@example.org", "Ardor Fades"
    made.set_content("The relationship has been cordial.")
    made.add_alternative(
        "<html><head></head><body><p>Cordial</p><script>alert(1)</script></body></html>", subtype="html"
    )
    path.write_bytes(made.as_bytes())
    yield path.name
    path.unlink()


def test_a_mail_is_shown_as_it_looks_as_text_and_as_it_is_written(olive: Any, letter: str):
    browser = browser_of(olive)
    shown = {
        form: browser.get(f"/admin/mailbox/{letter}/?as={form}").content.decode() for form in ("html", "text", "source")
    }

    assert f'src="/admin/mailbox/{letter}/frame/" sandbox="allow-popups' in shown["html"]
    assert "The relationship has been cordial." in shown["text"]
    assert "Subject: Ardor Fades" in shown["source"]


def test_the_frame_of_a_mail_may_run_and_load_nothing(olive: Any, letter: str):
    answer = browser_of(olive).get(f"/admin/mailbox/{letter}/frame/")

    policy = answer.headers["Content-Security-Policy"]
    assert "<p>Cordial</p>" in answer.content.decode()
    assert policy.startswith("default-src 'none'; img-src 'self'")
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "script" not in policy
    assert "allow-scripts" not in policy


def test_a_mail_without_html_has_no_frame(olive: Any, mail: str):
    assert browser_of(olive).get(f"/admin/mailbox/{mail}/frame/").status_code == 404


def test_others_see_no_frame(alice: Any, letter: str):
    assert browser_of(alice).get(f"/admin/mailbox/{letter}/frame/").status_code == 302


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
