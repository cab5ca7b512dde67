"""An editor at the admin in a browser: what she clicks and types, by the words she sees."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import Image

from tests.stories.conftest import PASSWORD
from tests.stories.site import Site


@dataclass
class Desk:
    """The admin of a site in the page of a browser."""

    site: Site
    page: Any

    def __post_init__(self) -> None:
        # Wagtail's form saves itself as well; where a click comes while it does, a second piece is made or the click
        # is lost, and which of them depends on the machine. These stories are of the clicks.
        self.page.route("**/admin/publications/**", _without_autosave)

    def log_in(self, name: str, password: str = PASSWORD) -> None:
        """Fill in the login form and send it; the answer may be a refusal."""
        self.page.goto(self.site.address("/admin/login/"))
        self.page.fill("[name=username]", f"{name}@institute.example")
        self.page.fill("[name=password]", password)
        with self.page.expect_navigation():
            self.page.click("button[type=submit]")

    def new(self, title: str, text: str) -> None:
        """The form of a new publication with a title and one block of text; not saved."""
        self.page.goto(self.site.address("/admin/publications/add/"))
        self.page.get_by_placeholder("Title", exact=True).fill(title)
        self.add_block("Text")
        self._type(text)

    def add_person(self, at: int, name: str) -> None:
        """One more line of the byline, a new person made in the chooser."""
        self.page.get_by_role("button", name="Add Person").click()
        row = self.page.locator(f"#inline_child_bylines-{at}")
        row.get_by_role("button", name="Choose person", exact=True).click()
        chooser = self.page.locator(".modal-dialog")
        chooser.get_by_role("tab", name="New person").click()
        chooser.locator("[name$=name]:visible").first.fill(name)
        chooser.locator("form:visible").last.get_by_role("button").last.click()
        chooser.wait_for(state="hidden")

    def add_block(self, label: str) -> None:
        """A block at the end of the body."""
        self.page.locator("#panel-child-piece-body-content").get_by_role("button", name="Insert a block").last.click()
        self.page.get_by_role("option", name=label, exact=True).click()

    def add_footnote(self, label: str, text: str) -> None:
        """The block of footnotes with one note."""
        self.add_block("Footnotes")
        body = self.page.locator("#panel-child-piece-body-content")
        if not body.locator("input[name$=label]").count():
            body.get_by_role("button", name="Add").last.click()
        body.locator("input[name$=label]").last.fill(label)
        self._type(text)

    def _type(self, text: str) -> None:
        """Into the newest editor of formatted text, which hands its words to the form a quarter of a second later."""
        self.page.locator("[contenteditable=true]").last.click()
        self.page.keyboard.type(text)
        self.page.wait_for_function(
            "words => [...document.querySelectorAll('[name^=body-]')].some(field => field.value.includes(words))",
            arg=text.split("[")[0],
        )

    def upload_picture(self, title: str, *, creator: str) -> None:
        """A picture with its credit as data."""
        self.page.goto(self.site.address("/admin/images/add/"))
        self.page.locator("input[type=file]").first.set_input_files(
            {"name": f"{title}.png", "mimeType": "image/png", "buffer": picture()}
        )
        self.page.get_by_label("Title").fill(title)
        self.page.get_by_label("Text for people who do not see it").fill("The outer bar, dry.")
        self.page.get_by_label("Creator").fill(creator)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Upload").click()

    def choose_lead_image(self, title: str) -> None:
        """The picture at the top."""
        self.page.get_by_role("button", name="Choose an image").first.click()
        chooser = self.page.locator(".modal-dialog")
        chooser.get_by_role("link", name=title).first.click()
        chooser.wait_for(state="hidden")

    def save(self, action: str = "") -> None:
        """Save the draft, or press another button of the menu beside it; back when the admin has said what it did."""
        button = self.page.get_by_role("button", name=action or "Save draft", exact=True).first
        if action:
            self.page.get_by_role("button", name="More actions").click()
        # Saving by itself while one types changes the address of a new piece, so that is no sign of this save.
        with self.page.expect_response(lambda answer: _is_form(answer.request)):
            button.click()
        self.page.locator(".messages .success").wait_for()

    def said(self) -> str:
        """What the admin said at the top of the page."""
        return " ".join(self.page.locator(".messages").inner_text().split())

    def open(self, path: str) -> str:
        """What stands on a page of the admin."""
        self.page.goto(self.site.address(path))
        return str(self.page.locator("main").inner_text())

    def offered(self) -> list[str]:
        """The buttons of the menu beside "Save draft"."""
        self.page.get_by_role("button", name="More actions").click()
        return [words.strip() for words in self.page.locator("footer").get_by_role("button").all_inner_texts()]

    def previewed(self) -> str:
        """What the preview beside the form shows."""
        self.page.get_by_role("button", name="Toggle preview").click()
        frame = self.page.frame_locator("[data-w-preview-target=iframe]:not([hidden])").last
        frame.locator("article").wait_for()
        words = " ".join(frame.locator("body").inner_text().split())
        self.page.get_by_role("button", name="Toggle preview").click()
        return words

    def schedule(self, due_at: datetime) -> None:
        """Set the minute of release, and confirm."""
        self.page.get_by_role("button", name="Toggle status").click()
        self.page.get_by_role("button", name="Set schedule").click()
        moment = self.page.locator("[name=go_live_at]")
        moment.fill(due_at.strftime("%Y-%m-%d %H:%M"))
        # A click beside the field closes its calendar, which opens a moment after the field and covers the button.
        calendar = self.page.locator(".xdsoft_datetimepicker:visible")
        calendar.first.wait_for()
        self.page.get_by_text("Set publishing schedule").first.click()
        calendar.first.wait_for(state="hidden")
        with self.page.expect_response(lambda answer: _is_form(answer.request)):
            self.page.get_by_role("button", name="Save schedule").click()
        self.page.locator(".messages .success").wait_for()
        self.save("Schedule to publish")

    def withdraw(self, title: str) -> None:
        """The page that asks, then the act."""
        self.edit_again(title)
        self.page.goto(self.page.url.replace("/edit/", "/unpublish/"))
        with self.page.expect_navigation():
            self.page.locator("main form [type=submit]").first.click()

    def edit_again(self, title: str) -> None:
        """The form of a piece, found in the list."""
        self.page.goto(self.site.address("/admin/publications/"))
        self.page.get_by_role("link", name=title, exact=True).first.click()
        self.page.wait_for_load_state()

    def change_slug(self, slug: str) -> None:
        """Another address."""
        self.page.get_by_role("tab", name="Address").click()
        self.page.locator("[name=slug]").fill(slug)

    def forced(self, action: str) -> int:
        """The status of the form sent with a button that is not offered."""
        return int(
            self.page.evaluate(
                """async (action) => {
                    const data = new FormData(document.querySelector("form[data-edit-form]"));
                    data.set(action, action);
                    const answer = await fetch(location.href, {method: "POST", body: data, redirect: "follow"});
                    return answer.status;
                }""",
                action,
            )
        )


def _without_autosave(route: Any) -> None:
    request = route.request
    is_autosave = request.method == "POST" and "application/json" in request.headers.get("accept", "")
    route.abort() if is_autosave else route.continue_()


def _is_form(request: Any) -> bool:
    return bool(request.method == "POST" and request.is_navigation_request())


def picture() -> bytes:
    """A small picture that no other test has."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((900, 600)).convert("RGB").save(out, "PNG")
    return out.getvalue()
