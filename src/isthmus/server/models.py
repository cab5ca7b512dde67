"""What running needs to remember: background tasks, failed logins, and that a worker is alive."""

from django.db import models

from isthmus.kit.claim import Leased


class BackgroundTask(Leased):
    """One call of a task function, to be made by a worker once this row is committed.

    `due_at` is empty when the work has ended, well or badly. Arguments and result are plain JSON values.
    """

    class Status(models.TextChoices):
        """How far the call has come."""

        READY = "ready", "ready"
        RUNNING = "running", "running"
        SUCCESSFUL = "successful", "successful"
        FAILED = "failed", "failed"

    key = models.UUIDField(unique=True)
    function = models.CharField(max_length=300)
    queue = models.CharField(max_length=60, default="default")
    arguments = models.JSONField(default=dict)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.READY)
    result = models.JSONField(null=True)
    errors = models.JSONField(default=list)
    worker_ids = models.JSONField(default=list)
    enqueued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    last_attempted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["ready", "running", "successful", "failed"]),
                name="isthmus_task_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.function} ({self.status})"


class LoginCounter(models.Model):
    """How many logins were tried in vain for one account or from one network since an instant.

    subject: a keyed hash, so that the table names nobody.
    """

    subject = models.CharField(max_length=80, primary_key=True)
    n_tries = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.n_tries} since {self.since:%Y-%m-%d %H:%M}"


class WorkerSign(models.Model):
    """A worker's sign of life, renewed every few seconds; the row goes when it stops in good order."""

    name = models.CharField(max_length=120, primary_key=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.name}, seen {self.seen_at:%Y-%m-%d %H:%M:%S}"
