"""Carol and the mailing list: the form on a page, a mail, a button; what she then gets, changes and leaves.

Once through a mail server and without scripts, as a reader's whole story; the rest by what lies in the outbox.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

from tests import axe
from tests.stories import mailbox, site
from tests.stories.conftest import PASSWORD
from tests.stories.desk import Desk
from tests.stories.mailbox import Mailbox
from tests.stories.site import Site, until

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CAROL = "carol@example.org"
_MAILED_WITHIN_S, _ALERTED_WITHIN_S = 20, 60
# Long enough for an alert that must not come: one that may comes in some two seconds.
_SILENCE_S = 8


@pytest.fixture(scope="module")
def post() -> Iterator[Mailbox]:
    """The mail server that the institute hands its mail to."""
    with mailbox.open_mailbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def mailing(
    isthmus_command: list[str], made: Path, tmp_path_factory: pytest.TempPathFactory, post: Mailbox
) -> Iterator[Site]:
    """An institute that sends its mail through that server."""
    directory = Path(shutil.copytree(made, tmp_path_factory.mktemp("mailing") / "institute"))
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
    asked = post.nth(CAROL, 1, within_s=_MAILED_WITHIN_S)
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
    alert = post.nth(CAROL, 2, within_s=_ALERTED_WITHIN_S)

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


def mails_to(own: Site, email: str) -> list[EmailMessage]:
    """What lies in the outbox for an address, the oldest first."""
    files = sorted((own.directory / "data" / "outbox").glob("*.eml"))
    found = [BytesParser(policy=policy.default).parsebytes(file.read_bytes()) for file in files]
    return [mail for mail in found if email in str(mail["To"])]


def link_in(mail: EmailMessage, beginning: str) -> str:
    """The path of the link that begins so, from the text of a mail."""
    text = mail.get_body(("plain",)).get_content()
    return re.search(rf"https?://[^/\s]+({re.escape(beginning)}[^\s>)\]]*)", text)[1]


def signed_up(own: Site, page: Any, email: str, *, at: str) -> EmailMessage:
    """Fill in the form in the foot of a page; the mail that answers."""
    page.goto(own.address(at))
    form = page.locator(".colophon .sign-up")
    form.get_by_label("Register to receive updates").fill(email)
    with page.expect_navigation():
        form.get_by_role("button", name="Subscribe").click()
    assert page.locator("h1").inner_text() == "Now look into your mail"
    return until(lambda: mails_to(own, email), within_s=_MAILED_WITHIN_S)[0]


def confirmed(own: Site, page: Any, email: str, *, at: str = "/") -> None:
    """Sign up and press the button behind the link."""
    page.goto(own.address(link_in(signed_up(own, page, email, at=at), "/subscribe/confirm/")))
    with page.expect_navigation():
        page.get_by_role("button", name="Yes, send it to me").click()
    assert page.locator("h1").inner_text() == "You are on the list"


def seen_well(page: Any) -> list[str]:
    """What is wrong with the page as it stands: by axe, in both schemes, and on a telephone."""
    wrong = []
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [f"{width} {scheme}: {found}" for found in axe.violations(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{width}: wider than the screen")
    return wrong


def test_carol_chooses_pauses_and_leaves_on_her_own_page(own: Site, visit: Callable[..., Any]) -> None:
    email = "carol.finch@example.org"
    page = visit()
    confirmed(own, page, email, at="/about/")

    page.get_by_role("link", name="your own page").click()
    page.get_by_label("Everything we publish").select_option("weekly")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    assert page.locator("main").get_by_role("status").inner_text().startswith("Saved")
    assert page.get_by_label("Everything we publish").input_value() == "weekly"
    page.get_by_label("A month").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Pause", exact=True).click()
    assert "Paused until" in page.locator("main").inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="Leave the mailing list").click()

    assert f"Nothing is sent to {email}" in page.locator("main").inner_text()


def test_every_page_of_the_list_is_accessible_on_any_screen(own: Site, visit: Callable[..., Any]) -> None:
    page = visit()
    mail = signed_up(own, page, "dan@example.org", at="/")
    wrong = seen_well(page)

    page.goto(own.address(link_in(mail, "/subscribe/confirm/")))
    wrong += seen_well(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Yes, send it to me").click()
    wrong += seen_well(page)
    page.get_by_role("link", name="your own page").click()
    page.get_by_text("Follow more").click()
    wrong += seen_well(page)
    page.get_by_role("link", name="have it erased").click()
    wrong += seen_well(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Erase my data now").click()
    wrong += seen_well(page)

    assert wrong == []
    assert page.locator("h1").inner_text() == "Your data is erased"
