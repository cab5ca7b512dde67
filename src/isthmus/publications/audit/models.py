"""The rows of the audit log: written once, never changed, and gone only when they are old.

Code refuses anything else here; triggers in the database refuse it there (migration 0001), for whoever comes by
another way. They let rows go that are older than LEAST_KEEP_DAYS, which is what pruning needs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from django.db import models

from isthmus.kit.errors import IsthmusError
from isthmus.publications.audit.kinds import LABELS

# Also in the triggers and the least of the option audit_keep_days.
LEAST_KEEP_DAYS = 30


class LogIsAppendOnly(IsthmusError):
    """Somebody tried to change or remove what the log tells."""


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise LogIsAppendOnly("The audit log is only ever added to: note another entry that says what is right.")


class _Entries(models.QuerySet["Entry"]):
    """Reads, and adds through `Entry.save`."""

    update = bulk_update = bulk_create = delete = update_or_create = _refuse

    def forget_before(self, moment: datetime) -> int:
        """Remove the entries from before `moment`, which the database allows for old ones only; how many went."""
        return int(super().filter(at__lt=moment)._raw_delete(self.db))


class Entry(models.Model):
    """One thing that was done.

    who: the mail address of a login, `command line as NAME`, `worker`, or `a visitor`.
    user_id: of the login; no foreign key, since the entry outlives the login unchanged.
    subject: as the journal names things (`pub:17`), and `user:3`, `mailing:5`, `subscriber:8`, `run:2026-11-23-1`.
    network: the address it came from, of IPv6 its /64; empty for commands, the worker and readers.
    """

    at = models.DateTimeField(db_index=True)
    what = models.CharField(max_length=40, db_index=True)
    who = models.CharField(max_length=254)
    user_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=80)
    said = models.CharField(max_length=500)
    network = models.CharField(max_length=50)

    objects = _Entries.as_manager()

    class Meta:
        ordering = ("-pk",)
        default_permissions = ("view",)
        verbose_name = "entry of the audit log"
        verbose_name_plural = "entries of the audit log"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.who}: {self.label} {self.subject}".rstrip()

    @property
    def label(self) -> str:
        """What was done, in words."""
        return LABELS.get(self.what, self.what)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it. Raises: LogIsAppendOnly for an entry that is there already."""
        if self.pk is not None:
            _refuse()
        super().save(*args, **{**kwargs, "force_insert": True})

    delete = _refuse
