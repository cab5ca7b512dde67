"""Whoever has not passed the second step is nobody, at every address below /admin/ and for every view there.

The login that gave its password and no code stands aside on the request, for the pages of the second step alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from isthmus.kit import clock
from isthmus.publications.models import User
from isthmus.server.second_factor.models import SecondFactor

_PASSED, _PASSWORD_AT = "second_step", "password_at"
# After this the password has to be given again: a browser left on the second step is no door for the next person.
HALF_LASTS = timedelta(minutes=10)
# What makes somebody a publisher here, whatever their group is called: to release, to send, to keep logins.
_POWERS = (
    "isthmus_publications.publish_publication",
    "isthmus_mailing.send_campaign",
    "isthmus_publications.change_user",
    "isthmus_publications.change_sitesettings",
)


class SecondStep:
    """Middleware behind Django's own for logins."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer to whoever has come all the way, or to nobody; looked at when a view asks who is there."""
        logged_in: Any = request.user
        request.user = SimpleLazyObject(lambda: _all_the_way(request, logged_in))
        # The asynchronous twin would give the login without asking; nothing here uses it, and nothing shall.
        request.auser = None
        return self._get_response(request)


def half_of(request: HttpRequest) -> User | None:
    """Whoever has given the password and still owes the second step; None for everybody else."""
    _ = request.user.is_authenticated
    half: User | None = getattr(request, "half_logged_in", None)
    return half


def is_due(user: User) -> bool:
    """Whether this login needs a second step: it has one, or the option asks for one."""
    return factor_of(user) is not None or is_required(user)


def is_required(user: User) -> bool:
    """Whether the option `second_factor` asks it of this login."""
    asked = settings.ISTHMUS.second_factor
    return asked == "all" or (asked == "publishers" and has_power(user))


def has_power(user: User) -> bool:
    """Whether this login may release, send, or keep logins or settings."""
    return any(user.has_perm(power) for power in _POWERS)


def factor_of(user: User) -> SecondFactor | None:
    """The login's app; no query where the session's backend loaded it together with the login."""
    try:
        found: SecondFactor = user.second_factor
    except SecondFactor.DoesNotExist:
        return None
    return found


def remember(request: HttpRequest, user: User, factor: SecondFactor) -> None:
    """This session has passed; under a new name, so that one planted before is worth nothing."""
    request.session.cycle_key()
    request.session[_PASSED] = _mark(factor)
    request.user = user
    request.half_logged_in = None


def _all_the_way(request: HttpRequest, logged_in: Any) -> Any:
    if not logged_in.is_authenticated:
        return logged_in
    factor = factor_of(logged_in)
    if factor is None and not is_required(logged_in):
        return logged_in
    if factor is not None and request.session.get(_PASSED) == _mark(factor):
        return logged_in
    if clock.now().timestamp() - request.session.get(_PASSWORD_AT, 0) <= HALF_LASTS.total_seconds():
        request.half_logged_in = logged_in
    return AnonymousUser()


def _mark(factor: SecondFactor) -> str:
    """Of one setting-up: a reset, or another app, ends every session that passed before."""
    return f"{factor.pk}:{factor.salt[:16]}"


@receiver(user_logged_in, dispatch_uid="isthmus_password_given")
def _password_is_given(request: HttpRequest, **_: Any) -> None:
    if hasattr(request, "session"):
        request.session.pop(_PASSED, None)
        request.session[_PASSWORD_AT] = int(clock.now().timestamp())
