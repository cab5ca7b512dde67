"""An authenticator app and a browser, for tests of the second step."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
from django.test import Client

from isthmus.kit import clock

PASSWORD = "correct horse battery staple"


class Phone:
    """The app: knows the secret it was shown, and the time."""

    def __init__(self, secret: str) -> None:
        self._app = pyotp.TOTP(secret.replace(" ", ""))

    def code(self, *, seconds_off: int = 0) -> str:
        """What it shows now, on a phone whose clock is so many seconds off."""
        return self._app.at(clock.now() + timedelta(seconds=seconds_off))


def log_in(email: str, *, browser: Client | None = None, password: str = PASSWORD) -> Client:
    """A browser that has given the password."""
    browser = browser or Client()
    browser.post("/admin/login/", {"username": email, "password": password})
    return browser


def enrol(browser: Client) -> tuple[Phone, list[str]]:
    """Set the second step up in a browser that may: the phone, and the recovery codes that were shown."""
    page = browser.get("/admin/second-step/set-up/").content.decode()
    phone = Phone(re.search(r'isthmus-secret">([A-Z2-7 ]+)<', page)[1])  # type: ignore[index]
    shown = browser.post("/admin/second-step/set-up/", {"code": phone.code()}).content.decode()
    return phone, re.findall(r"<li><code>([a-z2-9-]+)</code>", shown)


def type_code(browser: Client, code: str, **more: Any) -> Any:
    """The answer to a typed code."""
    return browser.post("/admin/second-step/", {"code": code}, **more)


def is_in(browser: Client) -> bool:
    """Whether the browser sees the admin."""
    return bool(browser.get("/admin/").status_code == 200)
