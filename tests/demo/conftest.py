"""The whole demonstration, loaded once for all tests of a module and rolled back after them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from isthmus.demo import reading
from isthmus.demo.entries import Content


@pytest.fixture(scope="session")
def content() -> Content:
    return reading.read()


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: object, content: Content) -> Iterator[Content]:
    """An institute with all of the content; what a test changes on top of it is that test's own."""
    from django.db import transaction

    from isthmus.demo import loading
    from isthmus.publications import setup

    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        setup.prepare_site(content.institute.name)
        loading.load(content)
        yield content
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: Content, db: None) -> Content:
    """The loaded content, inside a transaction of the test."""
    return loaded
