"""The worker: whatever happens by itself happens here, in rounds of a second.

Releases first, since readers wait for them; then the index, then background tasks. A job that fails is logged and
tried again later and later, and never stops the others. Several workers may run, on one machine or many.
"""

from __future__ import annotations

import logging
import os
import secrets
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections, connections
from django_tasks import DEFAULT_TASK_QUEUE_NAME

from isthmus.kit import claim, clock
from isthmus.mailing import actions as people
from isthmus.mailing import alerts, campaigns, copies, digests, maildir, returns, sending
from isthmus.publications import attached_text
from isthmus.publications.audit import acting
from isthmus.publications.audit import actions as audit
from isthmus.server import task_backend
from isthmus.server.failures import sentence_for
from isthmus.server.models import WorkerSign
from isthmus.server.storage_trouble import trouble_in

if TYPE_CHECKING:
    from isthmus.edition.caches import Cache

log = logging.getLogger(__name__)

SIGN_EVERY_S = 10.0
_PRUNE_EVERY_S = 3600.0
_DIGESTS_EVERY_S, _MAILDIR_EVERY_S = 10.0, 10.0
_OUTGOING_EVERY_S = 2.0
_SEARCHED_EVERY_S = 60.0
# How often it is asked whether a day has gone since the archive was looked through.
_SUGGESTED_EVERY_S = 60.0
# Signs of workers that were killed are forgotten after a day.
_KEEP_SIGNS = timedelta(days=1)
# One round of tasks ends after this, so that a long queue never delays a release by more than its last task.
_TASKS_BUDGET_S = 2.0
_MOST_BACK_OFF_S = 60.0
# What is on the wire may end; within the 25 s that the supervisor gives.
_MAIL_ENDS_WITHIN_S = 22.0
_FILES_END_WITHIN_S = 1.0
# A batch of texts in hand is done again by the next worker.
_MINING_ENDS_WITHIN_S = 2.0
# Killed in a step, the next one takes it again.
_EDITION_ENDS_WITHIN_S = 2.0
_EDITION_EVERY_S = 0.1


@dataclass(slots=True)
class Job:
    """One thing to do again and again.

    run: does a bounded piece of work and returns how much it did; above 0, there may be more.
    every_s: how long to rest when there was nothing to do.
    """

    name: str
    run: Callable[[], int]
    every_s: float
    due: float = 0.0
    n_failures: int = 0


class Stop:
    """The wish to stop, which a signal handler may set at any moment.

    `threading.Event` was rejected: its lock can be held by the very thread that the handler interrupts.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self.is_set = False

    def set(self) -> None:
        """Wish it, from a signal handler or from any thread."""
        self.is_set = True
        os.write(self._write, b".")

    def wait(self, seconds: float) -> None:
        """Rest for so long, or until the wish."""
        select.select([self._read], [], [], max(0.0, seconds))


class Worker:
    """Runs jobs in turn until `stop` is set."""

    def __init__(self, jobs: Iterable[Job], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._jobs = list(jobs)
        self._monotonic = monotonic

    def run(self, stop: Stop) -> None:
        """Work until told to stop; returns after the job in hand."""
        while not stop.is_set:
            self.round(stop)
            stop.wait(min(job.due for job in self._jobs) - self._monotonic())

    def round(self, stop: Stop) -> None:
        """Run each job that is due, once."""
        for job in self._jobs:
            if not stop.is_set and self._monotonic() >= job.due:
                close_old_connections()
                self._run(job)

    def _run(self, job: Job) -> None:
        try:
            n_done = job.run()
        except Exception as error:
            job.n_failures += 1
            wait_s = claim.retry_after_s(job.n_failures, first_s=max(job.every_s, 1), most_s=_MOST_BACK_OFF_S)
            # A full disk or a busy database needs no traceback, and comes again each minute.
            detail = sentence_for(error) if trouble_in(error) else None
            log.error(
                "The worker's job %s failed (%s in a row)%s", job.name, job.n_failures, f": {detail}" if detail else "",
                exc_info=None if detail else error,
            )  # fmt: skip
            # The failure may be the connection's own; the next job gets a new one.
            connections.close_all()
        else:
            job.n_failures, wait_s = 0, 0.0 if n_done else job.every_s
        job.due = self._monotonic() + wait_s


def worker_name() -> str:
    """A name that no other worker has: host, process, and some letters for a process number used again."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(3)}"


def jobs_of(name: str) -> list[Job]:
    """Everything the institute has to be done by itself."""
    poll_s = settings.ISTHMUS.worker_poll_interval_ms / 1000
    return [
        Job("sign", lambda: sign(name), SIGN_EVERY_S),
        Job("release", _release_due, poll_s),
        Job("index", _index_job(), min(poll_s, settings.ISTHMUS.search_commit_interval_ms / 1000)),
        Job("meaning", _meaning_job(), poll_s),
        Job("alerts", alerts.tick, poll_s),
        Job("campaigns", lambda: campaigns.start_due(clock.now()), poll_s),
        Job("digests", digests.tick, _DIGESTS_EVERY_S),
        *_returned_mail(),
        Job("searches", _fold_searched, _SEARCHED_EVERY_S),
        Job("readership", _fold_readings, _SEARCHED_EVERY_S),
        Job("tasks", lambda: _run_tasks(name), poll_s),
        Job("prune", _prune, _PRUNE_EVERY_S),
    ]


def outgoing_jobs_of() -> list[Job]:
    """The admin's own mail, for a thread of its own: a mail server may take minutes."""
    from isthmus.server.outgoing import Outgoing

    return [Job("outgoing", Outgoing().tick, _OUTGOING_EVERY_S)]


def file_jobs_of(name: str) -> list[Job]:
    """Reading attached files, for a thread of its own: a long report takes 20 s, and no release waits for that."""
    poll_s = settings.ISTHMUS.worker_poll_interval_ms / 1000
    return [
        Job("files", lambda: _run_tasks(f"{name}:files", queue=attached_text.QUEUE), poll_s),
        Job("unread files", attached_text.ask_for_missing, _PRUNE_EVERY_S),
    ]


def mining_jobs_of() -> list[Job]:
    """Reading what happened and who is named, for a thread of its own: a text takes 10 ms, a new vocabulary thousands.

    What waits for it is a chronology, and no release does.
    """
    from isthmus.dossiers.keeper import Keeper
    from isthmus.dossiers.suggestions import Finder

    return [
        Job("chronology", Keeper().tick, settings.ISTHMUS.worker_poll_interval_ms / 1000),
        Job("suggested names", Finder().tick, _SUGGESTED_EVERY_S),
    ]


def edition_jobs_of(cache: Cache | None = None) -> list[Job]:
    """Keeping this machine's pages right, in a thread of its own: what was withdrawn is gone within a second."""
    from isthmus.edition.keeper import Keeper

    keeper = Keeper() if cache is None else Keeper(told=cache.told)
    return [Job("edition", keeper.tick, _EDITION_EVERY_S)]


def _cache_before_us() -> Cache | None:
    """The cache that is to be told of what changed, where there is one."""
    if not settings.ISTHMUS.cache_purge_url:
        return None
    from isthmus.edition.caches import Cache
    from isthmus.publications.queries import total_in_words

    return Cache(settings.ISTHMUS.cache_purge_url, total=total_in_words)


def _edition_threads(stop: Stop) -> list[threading.Thread]:
    """What keeps the pages; a cache is told in a thread of its own, as it may not answer."""
    cache = _cache_before_us()
    beside = {"isthmus-edition": edition_jobs_of(cache)}
    if cache is not None:
        beside["isthmus-cache"] = [Job("cache", cache.tick, _EDITION_EVERY_S)]
    return [
        threading.Thread(target=_work_beside, args=(jobs, stop), name=name, daemon=True)
        for name, jobs in beside.items()
    ]


def run(stop: Stop, *, keeps_edition: bool = False) -> None:
    """Work for the institute of the settings until `stop` is set, then take our sign down.

    keeps_edition: where readers are served. A worker alone has no pages beside it.
    """
    name = worker_name()
    acting.be_worker()
    began = clock.now()
    WorkerSign.objects.update_or_create(name=name, defaults={"started_at": began, "seen_at": began})
    # A thread of its own: a mail server may take ten minutes to answer, and no release waits for that.
    mail = threading.Thread(target=sending.run, args=(stop,), name="isthmus-mail", daemon=True)
    files = threading.Thread(target=_work_beside, args=(file_jobs_of(name), stop), name="isthmus-files", daemon=True)
    mining = threading.Thread(target=_work_beside, args=(mining_jobs_of(), stop), name="isthmus-mining", daemon=True)
    outgoing = threading.Thread(target=_work_beside, args=(outgoing_jobs_of(), stop), name="isthmus-own", daemon=True)
    edition = _edition_threads(stop) if keeps_edition else []
    for thread in (mail, files, mining, outgoing, *edition):
        thread.start()
    try:
        Worker(jobs_of(name)).run(stop)
    finally:
        stop.set()
        mail.join(_MAIL_ENDS_WITHIN_S)
        # A file in hand is left: its process dies with ours, and another worker reads it when the lease ends.
        files.join(_FILES_END_WITHIN_S)
        mining.join(_MINING_ENDS_WITHIN_S)
        for thread in edition:
            thread.join(_EDITION_ENDS_WITHIN_S)
        WorkerSign.objects.filter(name=name).delete()
        connections.close_all()


def sign(name: str) -> int:
    """Say that this worker lives; always 0, since a sign makes no further work."""
    now = clock.now()
    if not WorkerSign.objects.filter(name=name).update(seen_at=now):
        WorkerSign.objects.create(name=name, started_at=now, seen_at=now)
    return 0


def _release_due() -> int:
    from isthmus.publications import actions

    return actions.release_due(clock.now())


def _index_job() -> Callable[[], int]:
    from isthmus.search.keeper import Keeper

    return Keeper().tick


def _fold_searched() -> int:
    from isthmus.search import searched

    # One file at a time: what was noted meanwhile has time until the next round.
    searched.fold(clock.now())
    return 0


def _fold_readings() -> int:
    from isthmus.edition.readership import actions as readership

    # As above.
    readership.fold(clock.now())
    return 0


def _meaning_job() -> Callable[[], int]:
    from isthmus.search.meaning_keeper import MeaningKeeper

    return MeaningKeeper().tick


def _run_tasks(name: str, *, queue: str = DEFAULT_TASK_QUEUE_NAME) -> int:
    until, n_done = time.monotonic() + _TASKS_BUDGET_S, 0
    while time.monotonic() < until and task_backend.run_one(name, queue=queue):
        n_done += 1
    return n_done


def _work_beside(jobs: list[Job], stop: Stop) -> None:
    try:
        Worker(jobs).run(stop)
    finally:
        connections.close_all()


def _returned_mail() -> list[Job]:
    """Reading the Maildir, where there is one to be read."""
    if not settings.ISTHMUS.mail_bounce_maildir:
        return []
    place = Path(settings.ISTHMUS.mail_bounce_maildir)
    return [Job("returned mail", lambda: _read_returned(place), _MAILDIR_EVERY_S)]


def _read_returned(place: Path) -> int:
    """A copy of the institute leaves the original's mail where it is."""
    return maildir.read_new(place, now=clock.now()) if copies.is_accepted_here() else 0


def _prune() -> int:
    from isthmus.edition.readership import actions as readership
    from isthmus.search import searched

    now = clock.now()
    WorkerSign.objects.filter(seen_at__lt=now - _KEEP_SIGNS).delete()
    task_backend.prune()
    people.prune(now)
    returns.prune(now)
    searched.prune(now)
    readership.prune(now)
    audit.prune(keep_days=settings.ISTHMUS.audit_keep_days, now=now)
    return 0
