"""What an operator forgets once the site runs, for `isthmus doctor`: certificate, clock, second step, a second site.

Nothing here waits longer than a few seconds, and what cannot be asked from here is said and is no fault.
"""

from __future__ import annotations

import ctypes
import socket
import ssl
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.db.models import Max

from isthmus.kit import clock
from isthmus.kit.text import plural
from isthmus.publications.audit import triggers
from isthmus.publications.models import FollowerCursor, JournalEntry, User
from isthmus.server.models import WorkerSign
from isthmus.server.second_factor import actions as second_step
from isthmus.server.second_factor import codes, gate
from isthmus.server.second_factor.models import SecondFactor

Found = tuple[Literal["ok", "note", "wrong"], str]
_ASK_WITHIN_S = 4.0
# Certificates that renew themselves do so with a third of 90 days left; two weeks before the end something has failed.
_SOON, _VERY_SOON = timedelta(days=21), timedelta(days=7)
# The supervisor starts a worker that died within seconds, so its old sign is older than this before a new one counts.
_FRESH = timedelta(seconds=30)
_LATE = timedelta(minutes=15)
_TIME_ERROR, _TIMEX_BYTES = 5, 512


def admin_address() -> Found:
    """Where editors are sent by mail."""
    url = settings.ISTHMUS.admin_base_url
    if not url:
        return "ok", "Editors find /admin/ at the site's own address."
    if url.startswith("https://") or urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1"):
        return "ok", f"Editors find /admin/ at {url}."
    return "wrong", f"admin_base_url is {url}: serve it by HTTPS and write https:// here, or logins can be read."


def certificate() -> Found:
    """How long the certificate of public_url lasts, seen from here."""
    parts = urlsplit(settings.ISTHMUS.public_url)
    if parts.scheme != "https" or not parts.hostname:
        return "ok", "public_url is not https, so there is no certificate to look at."
    try:
        ends = _end_of_certificate(parts.hostname, parts.port or 443)
    except ssl.SSLCertVerificationError as error:
        return "wrong", f"The certificate of {parts.hostname} is not accepted ({error.verify_message}): renew it."
    except OSError as error:
        return (
            "note",
            f"{parts.hostname} could not be reached from here ({error}), so its certificate was not looked at.",
        )
    left = ends - clock.now()
    said = f"The certificate of {parts.hostname} ends on {ends:%Y-%m-%d}"
    if left < _SOON:
        state: Literal["note", "wrong"] = "wrong" if left < _VERY_SOON else "note"
        return state, f"{said}, in {plural(max(0, left.days), 'day', 'days')}: see why it did not renew itself."
    return "ok", f"{said}."


def _end_of_certificate(host: str, port: int) -> datetime:
    """Raises: ssl.SSLCertVerificationError; OSError where it cannot be asked."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=_ASK_WITHIN_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        found: Any = wrapped.getpeercert()
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), tz=UTC)


def clock_is_kept() -> Found:
    """Whether something keeps the clock right: the kernel knows, without a network."""
    state = _kernel_clock()
    if state is None:
        return "ok", "This system does not say whether its clock is kept."
    if state == _TIME_ERROR:
        return "note", (
            "Nothing keeps this machine's clock right: turn time synchronisation on (`timedatectl set-ntp true`), or "
            "releases and codes of the second step come early or late."
        )
    return "ok", "The clock is kept by a time service."


def _kernel_clock() -> int | None:
    """The state that Linux's adjtimex(2) answers; asking with a structure of zeros changes nothing."""
    if sys.platform != "linux":
        return None
    try:
        answer = int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    except (OSError, AttributeError):
        return None
    # Refused, as some containers do: then it is the host's affair.
    return None if answer < 0 else answer


def second_factor() -> Found:
    """Who may release, send or keep logins, and logs in with a password alone."""
    mark = codes.key_mark(second_step.key())
    if n_lost := SecondFactor.objects.exclude(key_mark=mark).count():
        return "wrong", (
            f"{plural(n_lost, 'second step was', 'second steps were')} set up under another key than the one in "
            "data/secrets/: put that key back, or `isthmus user reset-second-factor EMAIL` for each."
        )
    users = User.objects.filter(is_active=True).select_related("second_factor").order_by("pk")
    powerful = [user for user in users if gate.has_power(user)]
    without = [user.email for user in powerful if gate.factor_of(user) is None]
    if not without:
        return "ok", "Every publisher and administrator logs in with a second step."
    said = f"{len(without)} of {plural(len(powerful), 'login', 'logins')} of publishers and administrators"
    if settings.ISTHMUS.second_factor != "optional":
        return "ok", f"{said} will set a second step up when they next log in."
    return "note", (
        f'{said} ({without[0]}) have a password alone: set second_factor = "publishers", or have them set it up '
        "under Account."
    )


def audit_log() -> Found:
    """Whether the database still refuses to change the log."""
    if triggers.are_up(connection):
        return "ok", f"It is kept for {settings.ISTHMUS.audit_keep_days} days, and the database lets nobody change it."
    return "wrong", (
        "The database would let the audit log be changed: somebody removed its triggers. Find out who; a restored "
        "backup has them."
    )


def one_site() -> Found:
    """Whether a second site runs on the same directory, which two commands on two ports would do."""
    here = socket.gethostname()[:60]
    fresh = WorkerSign.objects.filter(seen_at__gt=clock.now() - _FRESH)
    n_here = fresh.filter(name__startswith=f"{here}:").count()
    if connection.vendor == "sqlite" and (elsewhere := fresh.exclude(name__startswith=f"{here}:").first()):
        return "wrong", (
            f"A worker on another machine ({elsewhere.name.partition(':')[0]}) uses this SQLite file: stop it; many "
            "machines need PostgreSQL."
        )
    if n_here > 1:
        return "note", f"{n_here} workers run here on this directory: stop the second `isthmus serve` or `worker`."
    return "ok", "No second site runs on this directory."


def followers() -> Found:
    """Whether all that follows the journal keeps up with it."""
    newest = JournalEntry.objects.aggregate(seq=Max("seq"))["seq"] or 0
    late = []
    # Digests gather a day or a week of it, and wait with their cursor until then.
    steady = FollowerCursor.objects.exclude(name__startswith="digest:")
    for cursor in steady.filter(seq__lt=newest).order_by("name"):
        oldest = JournalEntry.objects.filter(seq__gt=cursor.seq).order_by("seq").first()
        if oldest is not None and clock.now() - oldest.at > _LATE:
            late.append(f"{cursor.name} ({newest - cursor.seq})")
    if late:
        return (
            "note",
            f"Behind the journal for over 15 minutes: {', '.join(late)}. See that a worker runs, and its log.",
        )
    return "ok", "All that follows the journal keeps up with it."


def debugging() -> Found:
    """Whether visitors would be shown what is inside."""
    if settings.DEBUG:
        return "wrong", "DEBUG is on: errors show visitors code and options. Take it out of the settings."
    return "ok", "Errors are shown to nobody but the log."


CHECKS: tuple[tuple[str, Callable[[], Found]], ...] = (
    ("admin address", admin_address),
    ("certificate", certificate),
    ("time service", clock_is_kept),
    ("second step", second_factor),
    ("audit log", audit_log),
    ("one site", one_site),
    ("followers", followers),
    ("debug", debugging),
)
