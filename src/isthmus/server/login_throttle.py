"""Logins that cannot be guessed in bulk: tries are counted per account and per network, in the database.

A try is counted before the password is looked at, so that a hundred at once are not a hundred guesses.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest

from isthmus.kit import clock, text
from isthmus.kit.client_address import client_address, network_of
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.server.models import LoginCounter

# An office of editors shares one address; an account is one person.
NETWORK_FACTOR = 4
# Failures at accounts that are not there, noted in one window; more of them would tell nothing new.
_NOTED_UNKNOWN = 200
_UNKNOWN = "an account that is not there"
_COUNT = """
    INSERT INTO {table} (subject, n_tries, since) VALUES (%s, 1, %s)
    ON CONFLICT (subject) DO UPDATE SET n_tries = {table}.n_tries + 1
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """One try, counted. wait_until: None if it may go on."""

    wait_until: datetime | None
    is_first_refusal: bool


class ThrottledBackend(ModelBackend):
    """Password logins, refused without a look at the password once there were too many tries.

    The refusal is the same for accounts that exist and those that do not. Logging in empties the account's
    counter and takes its own try off the network's, no more: else one valid account would pay for guesses at others.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **fields: Any
    ) -> Any:
        """The user, or None. Raises: ValidationError with the minutes to wait, which the login form shows."""
        email = username if username is not None else fields.get("email")
        if not email or password is None:
            return None
        now, subjects = clock.now(), _subjects(email, request)
        tried = [count(subject, limit=limit, now=now) for subject, limit in subjects]
        if until := max((one.wait_until for one in tried if one.wait_until), default=None):
            # As slow as a real look at a password.
            make_password(password)
            if any(one.is_first_refusal for one in tried):
                audit.note(Act.LOGIN_REFUSED, said=_account(email))
            raise ValidationError(sentence(until - now), code="throttled")
        user = super().authenticate(request, username=email.strip().lower(), password=password)
        if user is None:
            _note_failure(email, now)
        else:
            account, network = subjects[0][0], subjects[-1][0]
            LoginCounter.objects.filter(subject=account).delete()
            LoginCounter.objects.filter(subject=network, n_tries__gt=0).update(n_tries=F("n_tries") - 1)
        return user

    def get_user(self, user_id: int) -> Any:
        """The login behind a session, with its second step in the same query; None for one that is not active."""
        user = get_user_model().objects.select_related("second_factor").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


def may_mail_reset(email: str) -> bool:
    """Count one wish for a new password; False once the account had as many in one window as it may have tries."""
    subject = hashed("reset", email.strip().casefold())
    return count(subject, limit=settings.ISTHMUS.login_attempts, now=clock.now()).wait_until is None


def _note_failure(email: str, now: datetime) -> None:
    """For the audit log; counted for known accounts too, so that both cost the same.

    What was typed for an account that is not there may be a password in the wrong field, so it is not kept.
    """
    may_note = count(hashed("noted", "any"), limit=_NOTED_UNKNOWN, now=now).wait_until is None
    said = _account(email)
    if may_note or said != _UNKNOWN:
        audit.note(Act.LOGIN_FAILED, said=said)


def _account(email: str) -> str:
    known = get_user_model().objects.filter(email__iexact=email.strip()).values_list("email", flat=True).first()
    return known or _UNKNOWN


def _subjects(email: str, request: HttpRequest | None) -> list[tuple[str, int]]:
    """What is counted, each with its limit: the account first, the network last (from the shell there is none)."""
    options = settings.ISTHMUS
    counted = [(hashed("account", email.strip().casefold()), options.login_attempts)]
    if request is not None:
        network = network_of(client_address(request.META, trusted=options.trusted_proxies))
        counted.append((hashed("network", network), options.login_attempts * NETWORK_FACTOR))
    return counted


def hashed(kind: str, value: str) -> str:
    """The subject of a counter, which names nobody."""
    keyed = hmac.new(settings.SECRET_KEY.encode(), f"login:{kind}:{value}".encode(), hashlib.sha256)
    return f"{kind}:{keyed.hexdigest()[:48]}"


def count(subject: str, *, limit: int, now: datetime) -> Tried:
    """Count one try, before it is looked at; what follows for it."""
    window = timedelta(seconds=settings.ISTHMUS.login_window_s)
    with transaction.atomic():
        rows = LoginCounter.objects.filter(subject=subject)
        rows.filter(since__lte=now - window).delete()
        # One statement, so that a login that succeeds and empties the counter meanwhile is no trouble.
        with connection.cursor() as cursor:
            since = connection.ops.adapt_datetimefield_value(now)
            cursor.execute(_COUNT.format(table=LoginCounter._meta.db_table), [subject, since])
        counter = rows.get()
    is_over = counter.n_tries > limit
    return Tried(counter.since + window if is_over else None, counter.n_tries == limit + 1)


def sentence(wait: timedelta) -> str:
    """What somebody who must wait is told."""
    return f"Too many logins were tried in vain: wait {minutes(wait)} and try again."


def minutes(wait: timedelta) -> str:
    """A wait in words, at least a minute."""
    return text.plural(max(1, -(-int(wait.total_seconds()) // 60)), "minute", "minutes")
