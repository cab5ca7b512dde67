"""What tests may need from outside Python: is it there, and if not, the sentence a skipped test shows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest

from tests import database

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def reasons(*, wanted: str) -> dict[str, str]:
    """For each mark that cannot be run here, why.

    wanted: no, if-there or must (see --outside).
    Raises: pytest.UsageError if Chromium must be there and is not.
    """
    found = {"browser": _why_no_browser(wanted=wanted)}
    if not database.POSTGRES_URL:
        found["postgres"] = "needs PostgreSQL: set ISTHMUS_TEST_DATABASE_URL, or run `make test-all`"
    if not os.environ.get("ISTHMUS_TEST_OPENSEARCH_URL"):
        found["opensearch"] = "needs OpenSearch: set ISTHMUS_TEST_OPENSEARCH_URL"
    return {mark: reason for mark, reason in found.items() if reason}


def chromium_path() -> str | None:
    """The browser to drive: ISTHMUS_TEST_CHROMIUM, else the one on PATH."""
    named = os.environ.get("ISTHMUS_TEST_CHROMIUM")
    return named or next((path for name in _CHROMIUM_NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium. No sandbox: it cannot be made by root in a container, and the pages are our own."""
    from playwright.sync_api import sync_playwright

    # playwright keeps an event loop running in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _why_no_browser(*, wanted: str) -> str:
    if wanted == "no":
        return "needs Chromium: run `make test-all`"
    missing = ""
    if chromium_path() is None:
        missing = "needs Chromium: install it (Debian: apt install chromium) or set ISTHMUS_TEST_CHROMIUM"
    elif find_spec("playwright") is None:
        missing = "needs playwright: run `make setup-dev`"
    if missing and wanted == "must":
        raise pytest.UsageError(f"--outside=must: {missing}")
    return missing
