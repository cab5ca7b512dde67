"""Keeps a restored or cloned copy from mailing everybody again: it holds what is to be sent, and asks.

The database remembers where it last sent from. On SQLite that is a machine and a directory; on PostgreSQL the server's
own number and database, since workers on many machines share it. One that came out of a backup remembers that instead,
even in the old place: what the original sent after the backup stands in no ledger that is left.
"""

from __future__ import annotations

import hashlib
import socket
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from isthmus.mailing import ledger, since_backup
from isthmus.mailing.models import Machine, Mailing
from isthmus.mailing.since_backup import Origin, Since

_COPY, _RESTORED = "This database was last used on", "This institute was restored from"
_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def may_send(now: datetime) -> bool:
    """Whether this is the place that the database remembers; a database that remembers none remembers this one now."""
    mark, described = here()
    last = _last()
    if last is None:
        Machine.objects.create(mark=mark, described=described, accepted_at=now, accepted_by="the first start")
        return True
    return last.mark == mark


def is_accepted_here() -> bool:
    """The same, asked without remembering anything: for whoever only wants to say so."""
    last = _last()
    return last is None or last.mark == here()[0]


def hold_all() -> int:
    """Hold every mailing that is being sent, each with the sentence that says what to do; how many."""
    last, (mark, described) = _last(), here()
    if last is None or last.mark == mark:
        return 0
    because = (
        f"{_COPY} {last.described}, and this is {described}. If the other sends no more, run `isthmus mail resume "
        "--here`; whoever it wrote to since this copy was made is written to again."
    )
    if origin := since_backup.origin():
        because = (
            f"{_RESTORED} the backup of {origin.backup_at:%Y-%m-%d %H:%M} UTC and sends nothing until `isthmus mail "
            "resume`; `isthmus mail status` says what the original may have sent since."
        )
    sending = Mailing.objects.filter(state=Mailing.State.SENDING).defer("message")
    return sum(ledger.hold(mailing, because) for mailing in sending)


def accept(*, by: str, now: datetime, wanted: frozenset[Since] = frozenset(Since)) -> int:
    """From now on this is the place; goes on with what was held because it was not; how many mailings.

    wanted: of a restored institute, what of it goes on; the rest stays held and asks for itself.
    """
    mark, described = here()
    with transaction.atomic():
        hold_all()
        origin = since_backup.origin()
        Machine.objects.create(mark=mark, described=described, accepted_at=now, accepted_by=by[:200])
        because = Q(held_because__startswith=_COPY) | Q(held_because__startswith=_RESTORED)
        held = Mailing.objects.filter(because, state=Mailing.State.HELD).defer("message")
        return sum(_goes_on(mailing, origin, wanted) for mailing in held)


def _goes_on(mailing: Mailing, origin: Origin | None, wanted: frozenset[Since]) -> bool:
    if origin is None or since_backup.kind_of(mailing, origin) in wanted:
        return ledger.resume(mailing)
    because = since_backup.may_have_been_sent(mailing, origin)
    Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.HELD).update(held_because=because)
    return False


def here() -> tuple[str, str]:
    """The mark of this place, 64 hex digits, and how it is called in a sentence."""
    if connection.vendor == "postgresql":
        place, described = _server()
    else:
        directory = str(Path(settings.DATA).resolve().parent)
        place, described = f"{_machine()}\n{directory}", f"{socket.gethostname()} in {directory}"
    return hashlib.sha256(place.encode()).hexdigest(), described[:500]


def _last() -> Machine | None:
    return Machine.objects.order_by("-pk").first()


def _machine() -> str:
    for path in _MACHINE_IDS:
        try:
            if found := path.read_text().strip():
                return found
        except OSError:
            continue
    return socket.gethostname()


def _server() -> tuple[str, str]:
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        number = cursor.fetchone()[0]
        try:
            with transaction.atomic():
                cursor.execute("SELECT system_identifier FROM pg_control_system()")
                system = cursor.fetchone()[0]
        except DatabaseError:
            # Some hosts forbid it; then the address has to say which server it is.
            system = f"{connection.settings_dict['HOST']}:{connection.settings_dict['PORT']}"
    return f"{system}\n{number}\n{name}", f"the PostgreSQL server {system}, database {name}"
