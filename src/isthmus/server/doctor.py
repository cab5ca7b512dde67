"""The table of checks behind `isthmus doctor`: each looks at one thing and says in a sentence what to do."""

import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, connections
from django.db.models import Count, Max
from wagtail.models import Revision

from isthmus.dossiers.keeper import Keeper as DossiersKeeper
from isthmus.edition.keeper import Keeper as EditionKeeper
from isthmus.kit import clock, text
from isthmus.mailing import dns_checks, mail_checks
from isthmus.publications import journal
from isthmus.publications.models import FileText, JournalEntry, Publication
from isthmus.search.keeper import FOLLOWER
from isthmus.search.meaning_keeper import MeaningKeeper
from isthmus.server import health, house_checks, upgrade
from isthmus.server.backup import kept as backups
from isthmus.server.databases import journal_mode, wal_is_safe

State = Literal["ok", "note", "wrong"]
_LITTLE_BYTES, _TOO_LITTLE_BYTES = 2 * 1024**3, 200 * 1024**2
_MANY_OVERDUE_S = 60.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. note: worth knowing, nothing to be mended at once."""

    check: str
    state: State
    sentence: str

    def as_json(self) -> dict[str, str]:
        """The finding for a program."""
        return asdict(self)


Found = tuple[State, str]


def examine() -> list[Finding]:
    """Every check in order; a check that fails is itself a finding, and no check changes anything."""
    findings = []
    for name, look in CHECKS:
        try:
            state, sentence = look()
        except Exception as error:  # noqa: BLE001 -- a check must never hide the others
            state, sentence = "wrong", f"could not be looked at ({type(error).__name__}: {error})."
        findings.append(Finding(name, state, sentence))
    connections.close_all()
    return findings


def _database() -> Found:
    try:
        n_pending = upgrade.count_pending()
    except upgrade.UPGRADE_ERRORS as error:
        return "wrong", str(error)
    except DatabaseError as error:
        return "wrong", f"It does not answer ({error}): see that it runs and that the option database is right."
    if n_pending:
        return "note", f"It is {n_pending} steps older than this Isthmus: the next `isthmus serve` brings it up."
    return "ok", f"{connection.vendor.replace('postgresql', 'PostgreSQL').replace('sqlite', 'SQLite')} answers."


def _journal_mode() -> Found:
    if connection.vendor != "sqlite":
        return "ok", "PostgreSQL keeps its own log."
    version, mode = sqlite3.sqlite_version, journal_mode(settings.ISTHMUS.sqlite_journal)
    if wal_is_safe(sqlite3.sqlite_version_info):
        return "ok", f"SQLite {version} with {'a write-ahead log' if mode == 'wal' else 'the rollback journal'}."
    if mode == "wal":
        return "wrong", (
            f"SQLite {version} can corrupt a write-ahead log when two connections write at once: "
            "set sqlite_journal to auto, or link SQLite 3.51.3 or later."
        )
    return "note", (
        f"SQLite {version} has the fault that can corrupt a write-ahead log (mended in 3.51.3, 3.50.7, 3.44.6), "
        "so the rollback journal is used: nothing is at risk, but a long read makes writers wait."
    )


def _worker() -> Found:
    age_s = health.age_of_worker_s()
    if age_s is None:
        # A worker that ends in good order takes its sign down.
        return "note", "Isthmus is not running: start it with `isthmus serve`, or nothing is released."
    sentence = health.about_worker(age_s)
    return ("wrong", sentence) if sentence else ("ok", f"A worker gave a sign {age_s:.0f} s ago.")


def _index() -> Found:
    lag = journal.lag(FOLLOWER)
    if sentence := health.about_index(lag):
        return "wrong", sentence
    return "ok", f"It has {lag} changes still to read." if lag else "It has read every change."


def _meaning() -> Found:
    found = MeaningKeeper().status()
    # Search works without it, and an archive that moved in takes it a minute.
    return ("ok" if found.is_on else "note"), found.sentence


def _chronology() -> Found:
    found = DossiersKeeper().status()
    # Pages show what was read before, and an archive that moved in takes some minutes.
    return ("ok" if found.is_done else "note"), found.sentence


def _edition() -> Found:
    found = EditionKeeper().status()
    # Not running, it is brought up at the next start, before the first reader.
    return ("note" if found.lag or not found.is_own else "ok"), found.sentence


def _files() -> Found:
    counts = dict(FileText.objects.order_by().values_list("state").annotate(n=Count("pk")))
    n_waiting, n_refused = counts.get(FileText.State.WAITING, 0), counts.get(FileText.State.REFUSED, 0)
    n_found = counts.get(FileText.State.EXTRACTED, 0)
    said = f"Search finds the text of {text.plural(n_found, 'attached file', 'attached files')}"
    if n_waiting:
        said += f"; {n_waiting} wait to be read"
    if not n_refused:
        return "ok", f"{said}."
    first = FileText.objects.filter(state=FileText.State.REFUSED).select_related("document").earliest("pk")
    return "note", (
        f"{said}, and {n_refused} could not be read (“{first.document.title}”: {first.reason}): "
        "each file's own page under Documents says why; put a readable one in its place."
    )


def _overdue() -> Found:
    now = clock.now()
    due = Revision.objects.filter(approved_go_live_at__lte=now)
    late = [at for at in due.values_list("approved_go_live_at", flat=True) if _seconds_since(at) > _MANY_OVERDUE_S]
    late += list(Publication.objects.filter(live=True, expire_at__lt=now).values_list("expire_at", flat=True))
    if late:
        return "wrong", f"{len(late)} scheduled changes are past their time: see why no worker has made them."
    return "ok", "No scheduled piece is past its time."


def _seconds_since(at: Any) -> float:
    return float((clock.now() - at).total_seconds())


def _unfinished_imports() -> Found:
    runs = set(Publication.objects.exclude(staged_in="").order_by().values_list("staged_in", flat=True).distinct())
    if not runs:
        return "ok", "No import waits to be finished."
    return "note", (
        f"{len(runs)} imports are staged and not public ({', '.join(sorted(runs)[:3])}): "
        "run the same import again with --release, or take it back with `isthmus import --undo RUN`."
    )


def _disk() -> Found:
    free = shutil.disk_usage(settings.DATA).free
    said = f"{free / 1024**3:.1f} GB are free where {settings.DATA} is"
    if free < _TOO_LITTLE_BYTES:
        return "wrong", f"{said}: make room before writes fail."
    return ("note", f"{said}: make room soon.") if free < _LITTLE_BYTES else ("ok", f"{said}.")


def _secrets() -> Found:
    directory = settings.DATA / "secrets"
    if not directory.is_dir():
        return "wrong", f"{directory} is not there: restore it from a backup, or logins and links in mail end."
    loose = [path for path in [directory, *directory.iterdir()] if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if loose:
        return "wrong", f"Others may read {loose[0]}: run `chmod -R go= {directory}`."
    return "ok", "Only this user may read the keys."


def _writable() -> Found:
    for path in (settings.DATA, settings.DATA / "media", settings.DATA / "index"):
        if not os.access(path, os.W_OK | os.X_OK):
            return "wrong", f"{path} cannot be written: give it to the user who runs Isthmus."
    return "ok", "data/ can be written."


def _public_url() -> Found:
    url = settings.ISTHMUS.public_url
    if not url:
        return "note", "public_url is not set, so feeds and mail would say localhost: set it before readers come."
    host = urlsplit(url).hostname or ""
    if host in ("localhost", "127.0.0.1", "::1"):
        return "note", f"public_url is {url}, which only this machine can open: set the site's real address."
    if not url.startswith("https://"):
        return "wrong", f"public_url is {url}: serve the site by HTTPS and write https:// here, or logins can be read."
    return "ok", f"Readers find the site at {url}."


def _logins() -> Found:
    users = get_user_model().objects.filter(is_active=True)
    if not users.exists():
        return "note", "Nobody can log in: `isthmus user add EMAIL --role administrator`."
    locked = [user.email for user in users.only("email", "password") if not user.has_usable_password()]
    if locked:
        return "note", f"{len(locked)} users have no password ({locked[0]}): set one under Users, or remove them."
    return "ok", "Every active user has a password."


def _clock() -> Found:
    if time.time() < time.mktime((2026, 1, 1, 0, 0, 0, 0, 0, 0)):
        return "wrong", "The clock of this machine is years behind: set it, or nothing is released in time."
    newest = JournalEntry.objects.aggregate(at=Max("at"))["at"]
    if newest and newest > clock.now():
        return "wrong", f"The journal has entries from {newest:%Y-%m-%d %H:%M} UTC, later than now: set the clock."
    return "ok", "The clock agrees with the journal."


CHECKS: tuple[tuple[str, Callable[[], Found]], ...] = (
    ("database", _database),
    ("journal mode", _journal_mode),
    ("worker", _worker),
    ("index", _index),
    ("meaning", _meaning),
    ("chronology", _chronology),
    ("edition", _edition),
    ("files", _files),
    ("schedule", _overdue),
    ("imports", _unfinished_imports),
    ("disk", _disk),
    ("backup", backups.check),
    ("directory", _writable),
    ("keys", _secrets),
    ("address", _public_url),
    *house_checks.CHECKS,
    *mail_checks.CHECKS,
    *dns_checks.CHECKS,
    ("logins", _logins),
    ("clock", _clock),
)
