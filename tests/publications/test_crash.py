"""kill -9 between any two steps of a change, through every door: row and journal stand or fall together.

The steps are the statements and commits the door makes; a child process is killed in front of one of them, and the
parent looks at what is left. ISTHMUS_TEST_KILLS says how many steps of each door are tried (3 in CI, chosen by a
fixed seed; `make test-crash` tries 40, which is all of them for most doors).
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from isthmus.kit import clock
from isthmus.publications import actions
from isthmus.publications.models import JournalEntry, MediaUse, Publication, Withdrawal
from tests import makers

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

N_KILLS = int(os.environ.get("ISTHMUS_TEST_KILLS", "5"))


def first_release() -> Callable[[], object]:
    piece = makers.draft("Crash", people=(makers.person(),))
    return lambda: actions.release(piece)


def revision() -> Callable[[], object]:
    piece = makers.edited(makers.released("Crash"), title="Changed", slug="changed")
    return lambda: actions.release(piece)


def unpublish() -> Callable[[], object]:
    piece = makers.released("Crash")
    return lambda: actions.withdraw(piece)


def deletion() -> Callable[[], object]:
    piece = makers.released("Crash")
    return lambda: Publication.objects.filter(pk=piece.pk).delete()


def scheduled() -> Callable[[], object]:
    actions.schedule(makers.draft("Crash"), clock.now() - timedelta(seconds=1))
    return lambda: actions.release_due(clock.now())


def expiry() -> Callable[[], object]:
    piece = makers.released("Crash")
    Publication.objects.filter(pk=piece.pk).update(expire_at=clock.now() - timedelta(seconds=1))
    return lambda: actions.release_due(clock.now())


def wagtails_own_publish() -> Callable[[], object]:
    """What the admin's Publish button calls, outside any transaction of ours."""
    saved = makers.draft("Crash").latest_revision
    return saved.publish


def wagtails_own_unpublish() -> Callable[[], object]:
    piece = makers.released("Crash")
    return piece.unpublish


def moving_in() -> Callable[[], object]:
    staged = [actions.StagedPiece(Publication(title=f"Crash {n}", slug=f"crash-{n}")) for n in range(5)]
    actions.stage_many(staged, run="r")
    ids = [item.piece.pk for item in staged]

    def release() -> None:
        with transaction.atomic():
            actions.release_staged(ids, run="r")

    return release


DOORS = [
    first_release, revision, unpublish, deletion, scheduled, expiry, wagtails_own_publish, wagtails_own_unpublish,
    moving_in,
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_row_and_journal_stand_or_fall_together(door):
    n_steps = count_steps(door)
    chosen = random.Random(door.__name__).sample(range(n_steps), min(N_KILLS, n_steps))

    for step in sorted(chosen):
        forget_everything()
        act = door()
        before, n_rows = public_rows(), JournalEntry.objects.count()
        assert killed_at(step, act), f"step {step} of {n_steps} was never reached"
        assert (public_rows() != before) == (JournalEntry.objects.count() > n_rows), f"half a change after step {step}"
        assert_journal_tells_the_truth()


def count_steps(door: Callable[[], Callable[[], object]]) -> int:
    forget_everything()
    act = door()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        counted = run_until(act, step=None)
        os.write(write, str(counted).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return int(os.read(read, 20))


def killed_at(step: int, act: Callable[[], object]) -> bool:
    """Run the door in a child that is killed in front of its n-th step; whether it got that far."""
    child = os.fork()
    if child == 0:
        run_until(act, step=step)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def run_until(act: Callable[[], object], *, step: int | None) -> int:
    """In the child: count statements and commits, and die at the wanted one."""
    counted = 0
    # A fork of a process with threads can inherit a held lock; better a failed test than one that waits for ever.
    signal.alarm(60)

    def before_step() -> None:
        nonlocal counted
        if counted == step:
            os.kill(os.getpid(), signal.SIGKILL)
        counted += 1

    def statement(execute, sql, params, many, context):
        before_step()
        return execute(sql, params, many, context)

    connection.connection = None
    connection.ensure_connection()
    commit = connection._commit
    connection._commit = lambda: (before_step(), commit(), before_step())
    with connection.execute_wrapper(statement):
        act()
    return counted


def forget_everything() -> None:
    for model in (Publication, JournalEntry, Withdrawal, MediaUse):
        model.objects.all().delete()
    JournalEntry.objects.all().delete()
    Withdrawal.objects.all().delete()


def public_rows() -> set[tuple[int, str, str]]:
    """What the public sees: each visible piece with its address and the hash of its page."""
    return {(row.pk, row.path, row.fingerprint) for row in Publication.objects.filter(live=True)}


def after_replay() -> set[tuple[int, str, str]]:
    """What is visible if only the journal is believed, with the rows as they are."""
    last = {row.subject: row.what for row in JournalEntry.objects.order_by("seq")}
    shown = {int(subject[4:]) for subject, what in last.items() if subject.startswith("pub:") and what != "withdrawn"}
    return {(row.pk, row.path, row.fingerprint) for row in Publication.objects.filter(pk__in=shown)}


def assert_journal_tells_the_truth() -> None:
    assert public_rows() == after_replay()
    withdrawn = set(Withdrawal.objects.values_list("path", flat=True))
    assert not withdrawn & {path for _, path, _ in public_rows()}
    last = {row.subject: row.what for row in JournalEntry.objects.order_by("seq")}
    n_withdrawn = sum(1 for subject, what in last.items() if subject.startswith("pub:") and what == "withdrawn")
    assert Withdrawal.objects.count() == n_withdrawn
