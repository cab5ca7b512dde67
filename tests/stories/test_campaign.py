"""Alice writes a letter to everybody, looks at it, tries it, sends it and watches it go; then anybody can read it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests import axe
from tests.stories import site
from tests.stories.conftest import PASSWORD
from tests.stories.desk import Desk
from tests.stories.site import Site, until

pytestmark = [pytest.mark.slow, pytest.mark.browser]

_SENT_WITHIN_S = 30
_LIST = """email,name,subjects,pace,consent_at,consent_how,state
carol@example.org,Carol,everything,at_once,2026-01-05T09:00:00+00:00,signed a list,confirmed
dan@example.org,Dan,everything,weekly,2026-01-05T09:00:00+00:00,signed a list,confirmed
"""


@pytest.fixture(scope="module")
def institute(isthmus_command: list[str], made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An institute with two subscribers that has no mail server yet: its mail is in data/outbox/."""
    directory = Path(shutil.copytree(made, tmp_path_factory.mktemp("letters") / "institute"))
    people, password = directory / "people.csv", directory / "password"
    people.write_text(_LIST, encoding="utf-8")
    password.write_text(PASSWORD + "\n", encoding="utf-8")
    site.done(isthmus_command, "--dir", directory, "mail", "import", people)
    site.done(isthmus_command, "--dir", directory, "user", "add", "alice@institute.example", "--role", "publisher",
              "--password-file", password)  # fmt: skip
    with site.served(isthmus_command, directory) as running:
        yield running


def _mails(institute: Site) -> list[EmailMessage]:
    found = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted(Path(institute.directory, "data", "outbox").glob("*.eml"))
    ]
    return [mail for mail in found if isinstance(mail, EmailMessage)]


def _to_whom(institute: Site, subject: str) -> set[str]:
    return {str(mail["To"]) for mail in _mails(institute) if mail["Subject"] == subject}


def _write(page: Any, institute: Site, subject: str, words: str) -> None:
    """The form of a new campaign with one quotation in it, saved."""
    page.goto(institute.address("/admin/mail/campaigns/add/"))
    page.get_by_label("Subject").fill(subject)
    page.get_by_role("button", name="Insert a block").last.click()
    page.get_by_role("option", name="Quotation", exact=True).click()
    page.locator("textarea[name^=body-]").first.fill(words)
    page.get_by_label("Everyone on the mailing list").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Pre-flight").wait_for()


def test_alice_writes_a_letter_tries_it_sends_it_and_watches(institute: Site, visit: Callable[..., Any]) -> None:
    page = visit(height=1400)
    Desk(institute, page).log_in("alice")
    _write(page, institute, "The bar at low water", "A ferry that runs empty is still a ferry.")

    shown = page.frame_locator(".isthmus-view-desk iframe").locator("body").inner_text()
    assert "A ferry that runs empty is still a ferry." in shown
    assert "2 people get it" in " ".join(page.locator("main").inner_text().split())

    page.get_by_role("button", name="Send a test to alice@institute.example").click()
    until(lambda: _to_whom(institute, "Test: The bar at low water"), within_s=_SENT_WITHIN_S)
    assert _to_whom(institute, "Test: The bar at low water") == {"alice@institute.example"}

    page.get_by_role("button", name="Send now to 2 people").click()
    page.locator(".isthmus-mark.is-finished").wait_for(timeout=_SENT_WITHIN_S * 1000)

    assert "Everybody had their turn: 2 people." in page.locator("main").inner_text()
    assert _to_whom(institute, "The bar at low water") == {"carol@example.org", "dan@example.org"}
    # Of the admin's pages only what stands in ours; the rest, and the menu, is Wagtail's.
    assert [fault for fault in axe.violations(page) if "isthmus-" in fault and "isthmus-logo" not in fault] == []
    _is_read_by_a_stranger(institute, visit(width=390), "A ferry that runs empty is still a ferry.")


def _is_read_by_a_stranger(institute: Site, page: Any, words: str) -> None:
    page.goto(institute.address("/mail/"))
    page.get_by_role("link", name="The bar at low water").click()

    assert words in page.locator("body").inner_text()
    assert "/subscriptions/" not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # A sheet that the policy refused would leave the letter in the browser's own bold heading.
    assert page.locator("h1").evaluate("heading => getComputedStyle(heading).fontWeight") == "400"
    assert axe.violations(page) == []
