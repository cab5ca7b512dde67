"""People with logins, and the browsers they sit at."""

from __future__ import annotations

from typing import Any

from django.test import Client


def user(name: str, role: str) -> Any:
    """A saved user in this role; the models are imported late, because conftest is read before Django is set up."""
    from isthmus.publications import roles
    from isthmus.publications.models import User

    made = User.objects.create_user(f"{name}@example.org", "long enough to pass")
    roles.assign(made, role)
    return made


def browser_of(somebody: Any) -> Client:
    """A browser in which this user is logged in."""
    client = Client()
    client.force_login(somebody)
    return client
