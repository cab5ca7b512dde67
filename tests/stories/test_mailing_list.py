"""Carol and the mailing list, from the form on a page to leaving by one click; her mail is what lies in the outbox."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import axe
from tests.stories.desk import Desk
from tests.stories.site import Site, until

pytestmark = [pytest.mark.slow, pytest.mark.browser]

_MAILED_WITHIN_S, _ALERTED_WITHIN_S = 20, 60


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


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_carol_signs_up_confirms_chooses_and_leaves(own: Site, visit: Callable[..., Any], has_script: bool) -> None:
    email = f"carol.{'a' if has_script else 'b'}@example.org"
    page = visit(java_script_enabled=has_script)
    confirmed(own, page, email, at="/about/")

    page.get_by_role("link", name="your own page").click()
    page.get_by_label("Everything we publish").select_option("weekly")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    assert page.get_by_role("status").inner_text().startswith("Saved")
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


def test_carol_reads_of_a_piece_in_a_minute_and_leaves_with_one_click(own: Site, visit: Callable[..., Any]) -> None:
    email = "carol.finch@example.org"
    confirmed(own, visit(), email)
    desk = Desk(own, visit(height=1000))
    desk.log_in("alice")
    desk.new("The Bar at Spring Tide", "The canarytide came over the bar at noon.")
    desk.save("Publish")

    alert = until(lambda: mails_to(own, email)[1:], within_s=_ALERTED_WITHIN_S)[0]
    assert "The Bar at Spring Tide" in alert["Subject"]
    assert alert["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # A mail program posts from nowhere, without a cookie, and does not follow.
    leave = own.address(urlsplit(re.search(r"<(http[^>]+)>", alert["List-Unsubscribe"])[1]).path)
    assert own.get(leave).status == 200
    answer = urllib.request.urlopen(urllib.request.Request(leave, b"List-Unsubscribe=One-Click"), timeout=30)

    assert (answer.status, answer.url, answer.headers["Set-Cookie"]) == (200, leave, None)
    preferences = own.get(link_in(alert, "/subscriptions/")).text
    assert f"Nothing is sent to {email}" in " ".join(preferences.split())
