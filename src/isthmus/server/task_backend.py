"""Background tasks of Django's task interface, kept in the database: no broker, and nothing lost with a worker.

A task is enqueued by the transaction that asks for it and so stands or falls with it. A worker claims it with a
lease; a dead worker's task is claimed again when the lease ends. A task may therefore run twice and must bear it.
"""

import logging
import threading
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, close_old_connections, connection
from django.utils.module_loading import import_string
from django_tasks import DEFAULT_TASK_QUEUE_NAME
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskContext, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.signals import task_enqueued, task_finished, task_started
from django_tasks.utils import get_module_path, normalize_json

from isthmus.kit import claim, clock
from isthmus.server.models import BackgroundTask

log = logging.getLogger(__name__)

# With waits of 5, 10, 20 … seconds between them the sixth try is some 5 minutes after the first.
MAX_TRIES = 6
KEEP_FINISHED = timedelta(days=7)
_STATUS = {
    BackgroundTask.Status.READY: TaskResultStatus.READY,
    BackgroundTask.Status.RUNNING: TaskResultStatus.RUNNING,
    BackgroundTask.Status.SUCCESSFUL: TaskResultStatus.SUCCESSFUL,
    BackgroundTask.Status.FAILED: TaskResultStatus.FAILED,
}


class DatabaseBackend(BaseTaskBackend):
    """Enqueue writes a row in the caller's transaction; results can be asked for until they are pruned."""

    supports_defer = True
    supports_get_result = True

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        """Have a worker call the task, after this transaction and after the task's own `run_after`."""
        self.validate_task(task)
        now = clock.now()
        row = BackgroundTask.objects.create(
            key=uuid.uuid4(),
            function=task.module_path,
            queue=task.queue_name,
            arguments=normalize_json({"args": list(args), "kwargs": dict(kwargs)}),
            enqueued_at=now,
            due_at=task.run_after or now,
        )
        result = _result_of(row, task, alias=self.alias)
        task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> Any:
        """What has become of a task. Raises: TaskResultDoesNotExist if it was pruned or never was."""
        try:
            row = BackgroundTask.objects.get(key=uuid.UUID(result_id))
        except (ValueError, BackgroundTask.DoesNotExist) as error:
            raise TaskResultDoesNotExist(result_id) from error
        return _result_of(row, _task_named(row.function), alias=self.alias)


def run_one(owner: str, *, queue: str = DEFAULT_TASK_QUEUE_NAME) -> bool:
    """Claim the task of the queue due longest and call it; False if none is due.

    owner: names the worker. Call it outside a transaction. A task's own failure is recorded, never raised.
    """
    now, lease_s = clock.now(), settings.ISTHMUS.lease_s
    row = claim.claim(BackgroundTask.objects.filter(queue=queue), now=now, lease_s=lease_s, owner=owner)
    if row is None:
        return False
    row.status, row.last_attempted_at, row.started_at = BackgroundTask.Status.RUNNING, now, row.started_at or now
    row.worker_ids = [*row.worker_ids, owner]
    _save(row, "status", "last_attempted_at", "started_at", "worker_ids")
    if row.tries > MAX_TRIES:
        # Its error was never recorded, so every try took the worker down with it.
        _fail(row, RuntimeError(f"No worker outlived it in {MAX_TRIES} tries."))
        return True
    with _kept(row, lease_s=lease_s):
        _call(row)
    return True


def prune() -> int:
    """Forget tasks that ended over a week ago; returns how many."""
    n_pruned, _ = BackgroundTask.objects.filter(finished_at__lt=clock.now() - KEEP_FINISHED).delete()
    return n_pruned


def _call(row: BackgroundTask) -> None:
    try:
        task = _task_named(row.function)
        result = _result_of(row, task, alias=task.backend)
        task_started.send(DatabaseBackend, task_result=result)
        context = [TaskContext(task_result=result)] if task.takes_context else []
        value = normalize_json(task.call(*context, *row.arguments["args"], **row.arguments["kwargs"]))
    except ObjectDoesNotExist as error:
        # Deleted between the asking and the doing, as a piece is whose references Wagtail wanted to note: no trouble of
        # anybody's, and no later try finds it.
        log.info("Task %s has nothing left to do: %s", row.function, error)
        _fail(row, error)
        return
    except Exception as error:
        log.exception("Task %s failed at try %s", row.function, row.tries)
        _retry(row, error) if row.tries < MAX_TRIES else _fail(row, error)
        return
    row.result, row.status, row.finished_at = value, BackgroundTask.Status.SUCCESSFUL, clock.now()
    _finish(row, "result")
    task_finished.send(DatabaseBackend, task_result=_result_of(row, task, alias=task.backend))


def _retry(row: BackgroundTask, error: Exception) -> None:
    row.errors, row.status = [*row.errors, _described(error)], BackgroundTask.Status.READY
    if _save(row, "errors", "status"):
        claim.release(row, due_at=clock.now() + timedelta(seconds=claim.retry_after_s(row.tries)))


def _fail(row: BackgroundTask, error: Exception) -> None:
    row.errors = [*row.errors, _described(error)]
    row.status, row.finished_at = BackgroundTask.Status.FAILED, clock.now()
    _finish(row, "errors")


def _finish(row: BackgroundTask, *fields: str) -> None:
    """Record the end under our claim alone: if another has the task by now, its outcome counts."""
    if _save(row, "status", "finished_at", *fields):
        claim.release(row, due_at=None)


def _save(row: BackgroundTask, *fields: str) -> bool:
    ours = BackgroundTask.objects.filter(pk=row.pk, lease_owner=row.lease_owner, tries=row.tries)
    return bool(ours.update(**{name: getattr(row, name) for name in fields}) == 1)


@contextmanager
def _kept(row: BackgroundTask, *, lease_s: float) -> Iterator[None]:
    """Renew the lease from a thread of its own while the task runs."""
    done = threading.Event()

    def renew() -> None:
        try:
            while not done.wait(lease_s / 3):
                close_old_connections()
                if not _renewed(row, lease_s=lease_s):
                    return
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name=f"lease of {row.function}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renewed(row: BackgroundTask, *, lease_s: float) -> bool:
    try:
        if claim.heartbeat(row, now=clock.now(), lease_s=lease_s):
            return True
    except DatabaseError as error:
        # Two more tries are left before the lease ends.
        log.warning("The lease of task %s was not renewed: %s", row.function, error)
        return True
    log.warning("Task %s was taken over while it ran: is lease_s too short?", row.function)
    return False


def _task_named(path: str) -> Any:
    task = import_string(path)
    if not isinstance(task, Task):
        raise TypeError(f"{path} is no task.")
    return task


def _described(error: Exception) -> dict[str, str]:
    text = "".join(traceback.format_exception(error))
    return {"exception_class_path": get_module_path(type(error)), "traceback": text[-20_000:]}


def _result_of(row: BackgroundTask, task: Any, *, alias: str) -> Any:
    result: Any = TaskResult(
        task=task,
        id=str(row.key),
        status=_STATUS[BackgroundTask.Status(row.status)],
        enqueued_at=row.enqueued_at,
        started_at=row.started_at,
        last_attempted_at=row.last_attempted_at,
        finished_at=row.finished_at,
        args=row.arguments["args"],
        kwargs=row.arguments["kwargs"],
        backend=alias,
        errors=[TaskError(**error) for error in row.errors],
        worker_ids=list(row.worker_ids),
    )
    # The class is frozen; its own backends fill the value in like this.
    object.__setattr__(result, "_return_value", row.result)
    return result
