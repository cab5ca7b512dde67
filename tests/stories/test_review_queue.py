"""An editor decides what the archive says happened when, by keyboard alone and without script, and readers see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.stories.site import Site, until

pytestmark = [pytest.mark.slow, pytest.mark.browser]

_DOSSIER = "/dossiers/ilse-marrant/"
# A poll of the worker is half a second.
_PUBLIC_WITHIN_S = 20
_DECIDED = re.compile(r"(\d+) of (\d+) decided")


def at_the_queue(demo: Site, page: Any, query: str = "") -> Any:
    """Logged in with what the demo printed, at the review queue."""
    login = re.search(r"(editor@merrow\.example) +(\S+)", demo.printed)
    assert login is not None
    page.goto(demo.address(f"/admin/login/?next={quote(f'/admin/dossiers/review/{query}')}"))
    page.fill("[name=username]", login[1])
    page.fill("[name=password]", login[2])
    with page.expect_navigation():
        page.click("button[type=submit]")
    return page


def n_decided(page: Any) -> int:
    found = _DECIDED.search(page.inner_text(".isthmus-progress"))
    assert found is not None
    return int(found[1])


def press(page: Any, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def test_the_queue_is_gone_through_with_the_keyboard_alone(demo: Site, visit: Callable[..., Any]) -> None:
    page = at_the_queue(demo, visit(), "?subject=ilse-marrant")
    before, first = n_decided(page), page.inner_text("blockquote strong")
    assert "July 1999" not in demo.page(_DOSSIER).text

    press(page, "a")
    assert n_decided(page) == before + 1
    second = page.inner_text("blockquote strong")
    assert second != first

    press(page, "u")
    assert (n_decided(page), page.inner_text("blockquote strong")) == (before, first)
    press(page, "j")
    press(page, "k")
    assert page.inner_text("blockquote strong") == first

    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.id") == "edtf"
    page.keyboard.type("1999-07")
    press(page, "Enter")
    assert (n_decided(page), page.inner_text("blockquote strong")) == (before + 1, second)

    until(lambda: "July 1999" in demo.page(_DOSSIER).text, within_s=_PUBLIC_WITHIN_S)
    press(page, "u")
    until(lambda: "July 1999" not in demo.page(_DOSSIER).text, within_s=_PUBLIC_WITHIN_S)


def test_the_queue_is_gone_through_without_script(demo: Site, visit: Callable[..., Any]) -> None:
    page = at_the_queue(demo, visit(java_script_enabled=False), "?subject=mirela-kye-sand")
    before, first = n_decided(page), page.inner_text("blockquote strong")

    with page.expect_navigation():
        page.get_by_role("button", name="Refuse").click()
    assert n_decided(page) == before + 1

    with page.expect_navigation():
        page.get_by_role("button", name="Undo it").click()
    assert (n_decided(page), page.inner_text("blockquote strong")) == (before, first)
