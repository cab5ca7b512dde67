"""Hands over what is due: one thread that alone writes the ledger, and one a connection that only talks.

A round: what the connections have said is recorded and what they are given next is started, in one transaction, and
only then given to them. So one durable commit covers all connections that are idle at that moment, at most one message
a connection is in doubt whenever the process dies, and a slow connection holds up none of the others.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Protocol

from django.conf import settings
from django.db import connections, transaction

from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import copies, ledger, owners, relays, returns
from isthmus.mailing.ledger import Job
from isthmus.mailing.models import Mailing
from isthmus.mailing.transports import Envelope, Handed, Outcome, Transport
from isthmus.mailing.wires import Result, Wire

log = logging.getLogger(__name__)

Render = Callable[[Collection[int]], Mapping[int, Envelope]]

LEASE_S = 120.0
_HEARTBEAT_EVERY_S, _RECOVER_EVERY_S, _LOOK_EVERY_S = 20.0, 15.0, 1.0
# Enough for several rounds, so that the claim's commit is one of many; not more, as others cannot have it meanwhile.
_CLAIM_AT_ONCE = 256
_RENDER_AT_ONCE = 32
# Waiting for the others of a round pays as long as it costs less than the commit it saves.
_MOST_GATHER_S = 0.02
# Shorter than the supervisor's 25 s. What is on the wire longer is named uncertain by whoever comes next.
_END_WITHIN_S = 20.0
_FIRST_PAUSE_S, _MOST_PAUSE_S = 1.0, 60.0
_NOTHING_TO_SEND = "There is nothing to send: the person or the piece is gone."


class Wish(Protocol):
    """The wish to stop; `server.worker.Stop` is one."""

    is_set: bool

    def wait(self, seconds: float) -> None:
        """Rest for so long, or until the wish."""
        ...


def sender() -> Sender:
    """A sender for this institute, as its options say. Raises: UsageError for a provider that cannot be had."""
    from isthmus.mailing import message, ways_out

    options = settings.ISTHMUS
    return Sender(
        ways_out.transport(),
        message.render,
        rate_per_s=options.mail_rate_per_s,
        poll_s=options.worker_poll_interval_ms / 1000,
    )


def run(stop: Wish) -> None:
    """Send for this institute until the wish to stop; raises nothing."""
    try:
        sending = sender()
    except IsthmusError as error:
        log.error("No mail is sent: %s", error)
        return
    sending.run(stop)


class Sender:
    """Sends until it is told to stop. Not safe in two threads; it makes its own."""

    def __init__(
        self,
        transport: Transport,
        render: Render,
        *,
        rate_per_s: int = 0,
        poll_s: float = 1.0,
        lease_s: float = LEASE_S,
        owner: str = "",
    ) -> None:
        """rate_per_s: most messages started in a second, 0 for no limit. poll_s: how often to look for what is due."""
        self._transport, self._render, self._poll_s, self._lease_s = transport, render, poll_s, lease_s
        self._owner = owner or owners.new_owner()
        self._claimed: deque[Job] = deque()
        self._ready: deque[tuple[Job, Envelope]] = deque()
        self._idle: list[Wire] = []
        self._busy: dict[Wire, Job] = {}
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._unrecorded: list[tuple[Job, Handed]] = []
        self._rate = _Rate(rate_per_s)
        self._relay = _Relay(transport.name)
        self._due_at = dict.fromkeys(["heartbeat", "recover", "look", "claim"], 0.0)
        self._is_first, self._is_in_doubt, self._commit_s = True, False, 0.0
        self.n_handed_over = 0

    def run(self, stop: Wish) -> None:
        """Send whatever becomes due, until the wish; then end what is on the wire and give the rest back."""
        n_failures = 0
        while not stop.is_set:
            try:
                if not self.turn():
                    stop.wait(self._poll_s)
                n_failures = 0
            except Exception:
                n_failures += 1
                log.exception("Sending was interrupted (%s in a row)", n_failures)
                self._start_over()
                stop.wait(min(_FIRST_PAUSE_S * 2.0 ** (n_failures - 1), _MOST_PAUSE_S))
        self.end()

    def run_dry(self, stop: Wish, *, on_progress: Callable[[int], None] = lambda n: None) -> int:
        """Send what is due now and return; how many messages were handed over, well or badly."""
        while not stop.is_set and self.turn():
            on_progress(self.n_handed_over)
        self.end()
        return self.n_handed_over

    def turn(self) -> bool:
        """One round. False if there is nothing to do at the moment."""
        self._look_after()
        self._commit_round()
        self._refill()
        self._gather()
        has_next = bool(self._ready or self._claimed) and self._relay.is_open(clock.now())
        return bool(self._busy or self._unrecorded or has_next)

    def end(self) -> None:
        """Let the wires finish, record what they say, give back what is not on one. Raises nothing."""
        try:
            ledger.give_back([job.delivery_id for job in self._waiting_jobs()], self._owner)
            self._claimed.clear()
            self._ready.clear()
            until = time.monotonic() + _END_WITHIN_S
            while (self._busy and time.monotonic() < until) or self._unrecorded:
                self._commit_round()
                self._gather()
            ledger.finish(clock.now())
        except Exception:
            log.exception("Sending ended badly; whoever comes next takes it up")
        for wire in [*self._idle, *self._busy]:
            wire.stop()
        connections.close_all()

    def _look_after(self) -> None:
        """What has to be done now and then, each at its own pace."""
        now = clock.now()
        if self._is_in_doubt:
            ledger.let_go(self._owner, keep=self._in_hand())
            self._is_in_doubt = False
        if self._is_due("heartbeat", _HEARTBEAT_EVERY_S):
            ids = self._in_hand() | {job.delivery_id for job in self._waiting_jobs()}
            ledger.heartbeat(ids, self._owner, now=now, lease_s=self._lease_s)
        if self._is_due("recover", _RECOVER_EVERY_S):
            ledger.recover(now, except_owner=self._owner, is_gone=owners.is_gone if self._is_first else None)
            self._is_first = False
        if self._is_due("look", _LOOK_EVERY_S):
            ledger.finish(now)
            self._relay.look(now)

    def _refill(self) -> None:
        """Claim and render, while the wires are busy, what they are given next."""
        now = clock.now()
        if len(self._ready) >= max(len(self._busy), 1) or not self._relay.is_open(now):
            return
        if not self._claimed and self._is_due("claim", 0.0 if self._busy else self._poll_s / 2):
            if copies.may_send(now):
                self._claimed.extend(ledger.claim(self._owner, limit=_CLAIM_AT_ONCE, now=now, lease_s=self._lease_s))
                if self._claimed:
                    self._due_at["claim"] = 0.0
            else:
                copies.hold_all()
        jobs = [self._claimed.popleft() for _ in range(min(_RENDER_AT_ONCE, len(self._claimed)))]
        if jobs:
            self._ready.extend(self._rendered(jobs))

    def _rendered(self, jobs: Sequence[Job]) -> Iterable[tuple[Job, Envelope]]:
        try:
            envelopes = self._render([job.delivery_id for job in jobs])
        except Exception:  # noqa: BLE001 -- said of the mailing whose fault it is
            # One mailing whose message cannot be made must not hold up the others.
            envelopes = self._rendered_apart(jobs)
        missing = [job.delivery_id for job in jobs if job.delivery_id not in envelopes]
        if missing:
            ledger.leave_out(missing, _NOTHING_TO_SEND, owner=self._owner, now=clock.now())
        return [(job, envelopes[job.delivery_id]) for job in jobs if job.delivery_id in envelopes]

    def _rendered_apart(self, jobs: Sequence[Job]) -> Mapping[int, Envelope]:
        envelopes: dict[int, Envelope] = {}
        for mailing_id in dict.fromkeys(job.mailing_id for job in jobs):
            ids = [job.delivery_id for job in jobs if job.mailing_id == mailing_id]
            try:
                envelopes.update(self._render(ids))
            except Exception as error:
                if not isinstance(error, IsthmusError):
                    log.exception("The message of mailing %s cannot be made", mailing_id)
                ledger.hold(
                    Mailing.objects.defer("message").get(pk=mailing_id),
                    str(error) if isinstance(error, IsthmusError) else f"Its message cannot be made ({error!r}).",
                )
                ledger.give_back(ids, self._owner)
        return envelopes

    def _commit_round(self) -> None:
        """Record what was said and start what is next in one transaction; then, and only then, hand it out."""
        self._drain()
        batch = self._next_batch()
        if not self._unrecorded and not batch:
            return
        began, now, results = time.monotonic(), clock.now(), self._unrecorded
        with transaction.atomic():
            ledger.record([(job.delivery_id, handed) for job, handed in results], owner=self._owner, now=now)
            self._relay.learn(results, now)
            started = ledger.start([job.delivery_id for job, _ in batch], self._owner, now) if batch else set()
        self._unrecorded = []
        self.n_handed_over += len(results)
        self._commit_s = time.monotonic() - began
        for job, envelope in batch:
            if job.delivery_id in started:
                self._give(job, envelope)
        for job, handed in results:
            if handed.is_of_address:
                returns.refused(job.delivery_id, handed.said, now=now)
        self._step_back(now)

    def _next_batch(self) -> list[tuple[Job, Envelope]]:
        """What the idle wires are given next, as far as rate and relay allow."""
        if not self._relay.is_open(clock.now()) or any(_is_down(handed) for _, handed in self._unrecorded):
            return []
        n_free = self._relay.n_at_once(self._transport.max_connections) - len(self._busy)
        n = min(len(self._ready), max(n_free, 0), self._rate.allowance())
        self._rate.spend(n)
        return [self._ready.popleft() for _ in range(n)]

    def _step_back(self, now: datetime) -> None:
        """Give back what must not go now: all of it where the relay is down, else that to domains that wait."""
        jobs = list(self._waiting_jobs())
        if self._relay.is_open(now):
            jobs = [job for job in jobs if job.domain in self._relay.waiting_domains]
        if not jobs:
            return
        ledger.give_back([job.delivery_id for job in jobs], self._owner)
        gone = set(jobs)
        self._claimed = deque(job for job in self._claimed if job not in gone)
        self._ready = deque((job, envelope) for job, envelope in self._ready if job not in gone)

    def _give(self, job: Job, envelope: Envelope) -> None:
        wire = self._idle.pop() if self._idle else Wire(self._transport, self._results)
        self._busy[wire] = job
        wire.give(envelope)

    def _gather(self) -> None:
        """Wait until a wire has said something, and a moment for the others of its round."""
        if not self._busy:
            self._rate.wait(is_wanted=bool(self._ready))
            return
        can_give = self._ready and len(self._busy) < self._relay.n_at_once(self._transport.max_connections)
        if can_give and self._rate.allowance():
            return
        first_wait_s = min(0.5, self._rate.next_s()) if can_give else 0.5
        try:
            self._take(self._results.get(timeout=first_wait_s))
            until = time.monotonic() + min(self._commit_s, _MOST_GATHER_S)
            while self._busy and (left_s := until - time.monotonic()) > 0:
                self._take(self._results.get(timeout=left_s))
        except Empty:
            pass

    def _drain(self) -> None:
        """Take what came in since the last look."""
        try:
            while True:
                self._take(self._results.get_nowait())
        except Empty:
            pass

    def _take(self, result: Result) -> None:
        job = self._busy.pop(result.wire)
        self._idle.append(result.wire)
        self._unrecorded.append((job, result.handed))

    def _start_over(self) -> None:
        """After trouble with the database: forget what is not on a wire; the ledger is told when it can be."""
        self._claimed.clear()
        self._ready.clear()
        self._is_in_doubt = True
        connections.close_all()

    def _waiting_jobs(self) -> Iterable[Job]:
        return [*self._claimed, *(job for job, _ in self._ready)]

    def _in_hand(self) -> set[int]:
        """On a wire, or back from it and not recorded."""
        on_wire = {job.delivery_id for job in self._busy.values()}
        return on_wire | {job.delivery_id for job, _ in self._unrecorded}

    def _is_due(self, what: str, every_s: float) -> bool:
        at = time.monotonic()
        if at < self._due_at[what]:
            return False
        self._due_at[what] = at + every_s
        return True


class _Rate:
    """At most so many in a second, spread over it."""

    def __init__(self, per_s: int) -> None:
        self._per_s = per_s
        # A tenth of a second's worth at once, or a slow rate would come in bursts.
        self._most = max(1.0, per_s / 10)
        self._n, self._at = self._most, time.monotonic()

    def allowance(self) -> int:
        """How many may go now."""
        if not self._per_s:
            return 1_000_000
        at = time.monotonic()
        self._n, self._at = min(self._most, self._n + (at - self._at) * self._per_s), at
        return int(self._n)

    def spend(self, n: int) -> None:
        """So many went."""
        self._n -= n

    def next_s(self) -> float:
        """Seconds until one more may go."""
        return max(0.0, (1 - self._n) / self._per_s) if self._per_s and not self.allowance() else 0.0

    def wait(self, *, is_wanted: bool) -> None:
        """Rest until one more may go, at most half a second."""
        if is_wanted:
            time.sleep(min(self.next_s(), 0.5))


class _Relay:
    """What this sender knows of the relay and of the domains behind it; looked up once a second."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._paused_until: datetime | None = None
        self._is_doubtful = False
        self._troubled: set[str] = set()
        self.waiting_domains: Mapping[str, datetime] = {}

    def look(self, now: datetime) -> None:
        """Read how it stands."""
        self._paused_until = relays.paused_until(self._name, now)
        self._is_doubtful = relays.is_doubtful(self._name)
        self._troubled = relays.troubled_domains()
        self.waiting_domains = relays.waiting_domains(now) if self._troubled else {}

    def is_open(self, now: datetime) -> bool:
        """Whether anything may be handed over."""
        return self._paused_until is None or self._paused_until <= now

    def n_at_once(self, most: int) -> int:
        """How many connections to use: one, to see, after it was down."""
        return 1 if self._is_doubtful else most

    def learn(self, results: Sequence[tuple[Job, Handed]], now: datetime) -> None:
        """Draw the consequences of what was said; in the transaction that records it."""
        down = [handed for _, handed in results if _is_down(handed)]
        spoke = [job for job, handed in results if handed.outcome in (Outcome.SUBMITTED, Outcome.FAILED)]
        for job, handed in results:
            if handed.is_of_domain and job.domain:
                relays.slow_down(job.domain, handed.said, now=now)
        if down and self.is_open(now):
            # Once, however many connections say so.
            self._paused_until = relays.went_down(self._name, down[0].said, now=now)
            self._is_doubtful = True
        elif spoke and self._is_doubtful and not down:
            relays.is_up(self._name, now=now)
            self._is_doubtful = False
        if cured := {job.domain for job in spoke} & self._troubled:
            relays.took_mail(cured)
        if cured or any(handed.is_of_domain for _, handed in results):
            self.look(now)


def _is_down(handed: Handed) -> bool:
    return handed.outcome == Outcome.RELAY_DOWN
