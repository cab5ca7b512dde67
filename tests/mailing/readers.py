"""Carol and others as subscribers, made through the doors they come in by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings

from isthmus.kit import clock
from isthmus.mailing import actions, links
from isthmus.mailing.models import Subscriber

EVERYTHING_AT_ONCE = [("everything", "at_once")]


def asked(email: str = "carol@example.org", *, choices: Iterable[tuple[str, str]] = EVERYTHING_AT_ONCE) -> Subscriber:
    """Somebody who filled in the form and has not pressed the button yet."""
    actions.sign_up(email, choices=choices, form="footer of /", network="192.0.2.0/24", now=clock.now())
    return Subscriber.objects.get(email_key=email.lower())


def link_of(subscriber: Subscriber, *, days: int = 7) -> str:
    """The token in the confirmation that a person was sent."""
    expires_at = clock.now() + timedelta(days=days)
    return links.confirm_path(subscriber.pk, settings.DATA / "secrets", expires_at=expires_at).split("/")[-2]


def confirmed(
    email: str = "carol@example.org", *, choices: Iterable[tuple[str, str]] = EVERYTHING_AT_ONCE
) -> Subscriber:
    """Somebody who pressed the button."""
    return actions.confirm(link_of(asked(email, choices=choices)), now=clock.now())
