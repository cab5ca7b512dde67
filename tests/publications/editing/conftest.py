"""Four people with logins: Alice the publisher, Bob the author, Erin the editor, Olive the administrator."""

from __future__ import annotations

from typing import Any

import pytest

from tests.publications.editing.people import user


@pytest.fixture
def institute(db: None) -> None:
    """A new institute with its pages, roles and workflow."""
    from isthmus.publications import setup

    setup.prepare_site("The Merrow Institute")


@pytest.fixture
def alice(institute: None) -> Any:
    """May release."""
    return user("alice", "publisher")


@pytest.fixture
def bob(institute: None) -> Any:
    """Writes."""
    return user("bob", "author")


@pytest.fixture
def erin(institute: None) -> Any:
    """Edits."""
    return user("erin", "editor")


@pytest.fixture
def olive(institute: None) -> Any:
    """Keeps the logins."""
    return user("olive", "administrator")
