"""Carol signs up, confirms, reads of a new piece in her mail and leaves; through a real mail server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.stories import mailbox, site
from tests.stories.conftest import PASSWORD
from tests.stories.desk import Desk
from tests.stories.mailbox import Mailbox
from tests.stories.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CAROL = "carol@example.org"
_CONFIRMATION_WITHIN_S, _ALERT_WITHIN_S = 20, 60
# Long enough for an alert that must not come: one that may comes in some two seconds.
_SILENCE_S = 8


@pytest.fixture(scope="module")
def post() -> Iterator[Mailbox]:
    """The mail server that the institute hands its mail to."""
    with mailbox.open_mailbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def mailing(isthmus_command: list[str], tmp_path_factory: pytest.TempPathFactory, post: Mailbox) -> Iterator[Site]:
    """An institute that sends its mail through that server."""
    directory = tmp_path_factory.mktemp("mailing") / "institute"
    site.done(isthmus_command, "--dir", directory, "init", "--name", "The Institute of the Narrows")
    options = directory / "isthmus.toml"
    own = (
        f'mail_server = "{post.url}"\nmail_from = "news@institute.example"\n'
        'mail_bounce_address = "bounce@mail.institute.example"\n'
    )
    options.write_text(own + options.read_text(encoding="utf-8"), encoding="utf-8")
    password = directory / "password"
    password.write_text(PASSWORD + "\n", encoding="utf-8")
    site.done(isthmus_command, "--dir", directory, "user", "add", "alice@institute.example", "--role", "publisher",
              "--password-file", password)  # fmt: skip
    with site.served(isthmus_command, directory) as running:
        yield running


def _released(mailing: Site, visit: Callable[..., Any], title: str) -> None:
    desk = Desk(mailing, visit(height=1000))
    desk.log_in("alice")
    desk.new(title, "The relationship has been cordial.")
    desk.save("Publish")


def _signed_up(mailing: Site, page: Any) -> None:
    page.goto(mailing.address("/"))
    page.fill("#sign-up-footer-email", CAROL)
    page.locator("section.sign-up").get_by_role("button", name="Subscribe").click()
    page.wait_for_load_state()


def _heading(page: Any) -> str:
    return str(page.locator("h1").inner_text())


def test_carol_signs_up_reads_of_a_new_piece_and_leaves(
    mailing: Site, post: Mailbox, visit: Callable[..., Any]
) -> None:
    page = visit(java_script_enabled=False)

    _signed_up(mailing, page)
    asked = post.nth(CAROL, 1, within_s=_CONFIRMATION_WITHIN_S)
    confirm = next(link for link in mailbox.links(asked) if "/subscribe/confirm/" in link)
    for link in mailbox.links(asked):
        # A scanner opens all of it before she does, and changes nothing.
        assert mailing.get(link).status == 200
    page.goto(confirm)
    before = _heading(page)
    page.locator("main button").click()

    assert asked["Subject"] == "Please confirm: mail from The Institute of the Narrows"
    assert (before, _heading(page)) == ("Shall we write to you?", "You are on the list")

    _released(mailing, visit, "The Bar at Low Water")
    alert = post.nth(CAROL, 2, within_s=_ALERT_WITHIN_S)

    assert alert["Subject"] == "The Bar at Low Water"
    assert "The relationship has been cordial." in mailbox.text(alert)
    assert "because you follow everything we publish." in mailbox.text(alert)

    page.goto(next(link for link in mailbox.links(alert) if "/subscriptions/" in link))
    assert CAROL in page.locator("main").inner_text()
    page.locator("select[name='pace:everything']").select_option("daily")
    page.get_by_role("button", name="Save").click()
    page.reload()
    assert page.locator("select[name='pace:everything']").input_value() == "daily"
    page.locator("select[name='pace:everything']").select_option("at_once")
    page.get_by_role("button", name="Save").click()

    assert mailbox.leave_with_one_press(alert) == 200
    page.reload()
    assert "Nothing is sent to" in page.locator("main").inner_text()
    _released(mailing, visit, "The Pilot Stays Ashore")
    time.sleep(_SILENCE_S)

    assert len(post.to(CAROL)) == 2
