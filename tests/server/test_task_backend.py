"""Background work is done once a transaction asked for it, and by somebody else if a worker dies."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django_tasks import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from isthmus.kit import claim
from isthmus.server import task_backend
from isthmus.server.models import BackgroundTask
from isthmus.server.task_backend import MAX_TRIES, run_one
from tests.server.tasks_for_tests import CALLS, attempt_number, fail, miss, note

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_calls_yet():
    BackgroundTask.objects.all().delete()
    CALLS.clear()


def test_a_task_is_called_with_its_arguments_and_its_result_can_be_asked_for():
    enqueued = note.enqueue("release", times=2)
    assert enqueued.status == TaskResultStatus.READY

    assert run_one("w1")

    found = note.get_result(enqueued.id)
    assert CALLS == ["release", "release"]
    assert found.return_value == {"noted": "release"}
    assert found.worker_ids == ["w1"]


def test_nothing_to_do_is_said():
    assert run_one("w1") is False


def test_a_task_is_not_called_twice():
    note.enqueue("once")

    assert [run_one("w1"), run_one("w2")] == [True, False]

    assert CALLS == ["once"]


def test_a_task_of_a_transaction_that_failed_is_never_called():
    with transaction.atomic():
        note.enqueue("never")
        transaction.set_rollback(True)

    assert run_one("w1") is False


def test_a_task_for_later_waits(clock):
    note.using(run_after=clock() + timedelta(minutes=5)).enqueue("later")

    assert run_one("w1") is False
    clock.advance(timedelta(minutes=5))
    assert run_one("w1") is True


def test_a_dead_workers_task_is_called_by_another_when_its_lease_ends(clock):
    note.enqueue("after all")
    held = claim.claim(BackgroundTask.objects.all(), now=clock(), lease_s=settings.ISTHMUS.lease_s, owner="dead worker")
    assert held is not None
    assert run_one("w2") is False

    clock.advance(timedelta(seconds=settings.ISTHMUS.lease_s))

    assert run_one("w2") is True
    assert CALLS == ["after all"]


def test_a_failing_task_is_tried_again_later_and_later_and_then_given_up(clock, caplog):
    enqueued = fail.enqueue("this")
    waits = []

    for _ in range(MAX_TRIES):
        assert run_one("w1")
        due_at = BackgroundTask.objects.get().due_at
        waits.append(due_at and (due_at - clock()).total_seconds())
        clock.advance(timedelta(hours=1))

    found = fail.get_result(enqueued.id)
    assert waits == [5, 10, 20, 40, 80, None]
    assert found.status == TaskResultStatus.FAILED
    assert "cannot bear this" in found.errors[-1].traceback
    assert len(found.errors) == MAX_TRIES
    assert run_one("w1") is False


def test_a_task_about_a_row_that_was_deleted_ends_without_a_word(caplog):
    miss.enqueue()

    assert run_one("w1")

    row = BackgroundTask.objects.get()
    assert (row.status, row.tries) == (BackgroundTask.Status.FAILED, 0)
    assert caplog.records == []
    assert not run_one("w1")


def test_a_task_that_takes_every_worker_down_is_given_up(clock):
    note.enqueue("poison")
    for number in range(MAX_TRIES):
        claim.claim(BackgroundTask.objects.all(), now=clock(), lease_s=60, owner=f"victim {number}")
        clock.advance(timedelta(seconds=61))

    assert run_one("w1") is True

    assert CALLS == []
    assert BackgroundTask.objects.get().status == BackgroundTask.Status.FAILED


def test_a_task_whose_code_is_gone_fails_like_any_other(clock, caplog):
    note.enqueue("x")
    BackgroundTask.objects.update(function="isthmus.gone.task")

    assert run_one("w1")

    assert "isthmus.gone" in BackgroundTask.objects.get().errors[0]["traceback"]


def test_a_worker_that_lost_its_lease_cannot_overwrite_the_others_outcome(clock, monkeypatch):
    enqueued = note.enqueue("slow")

    def taken_over(row):
        clock.advance(timedelta(seconds=settings.ISTHMUS.lease_s + 1))
        monkeypatch.undo()
        assert run_one("w2")
        row.status, row.result = BackgroundTask.Status.SUCCESSFUL, "stale"
        task_backend._finish(row, "result")

    monkeypatch.setattr(task_backend, "_call", taken_over)
    run_one("w1")

    assert note.get_result(enqueued.id).return_value == {"noted": "slow"}


def test_a_task_that_asks_is_told_its_attempt():
    attempt_number.enqueue()

    run_one("w1")

    assert CALLS == [1]


def test_results_are_forgotten_after_a_week(clock):
    enqueued = note.enqueue("old")
    run_one("w1")
    clock.advance(timedelta(days=8))
    waiting = note.enqueue("waiting")

    assert task_backend.prune() == 1

    with pytest.raises(TaskResultDoesNotExist):
        note.get_result(enqueued.id)
    assert note.get_result(waiting.id).status == TaskResultStatus.READY


def test_a_result_nobody_knows_is_said():
    with pytest.raises(TaskResultDoesNotExist):
        note.get_result("no such thing")


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_the_task_runs(monkeypatch):
    note.enqueue("long")
    renewed = threading.Event()
    real = claim.heartbeat

    def heartbeat(row, **more):
        kept = real(row, **more)
        renewed.set()
        return kept

    monkeypatch.setattr(task_backend.claim, "heartbeat", heartbeat)
    row = claim.claim(BackgroundTask.objects.all(), now=task_backend.clock.now(), lease_s=60, owner="w1")
    before = row.lease_until

    with task_backend._kept(row, lease_s=0.3):
        assert renewed.wait(10)

    connection.close()
    assert BackgroundTask.objects.get().lease_until != before
