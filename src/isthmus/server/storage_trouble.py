"""A full disk or a busy database, told apart from faults of our own, so that the answer can say what is the matter."""

import errno
from enum import Enum

from django.db import DatabaseError, OperationalError

from isthmus.kit.files import DiskFull

# PostgreSQL's SQLSTATE: disk_full, lock_not_available, and the states of a server that is starting or stopping.
_FULL_STATES = frozenset({"53100"})
_BUSY_STATES = frozenset({"55P03", "57P03", "53300"})


class Trouble(Enum):
    """What keeps the institute from writing."""

    FULL = "full"
    BUSY = "busy"


def trouble_in(error: BaseException | None) -> Trouble | None:
    """What an exception, or one of its causes, says about the storage; None if it is about something else."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if found := _told_by(error):
            return found
        error = error.__cause__ or error.__context__
    return None


def _told_by(error: BaseException) -> Trouble | None:
    if isinstance(error, DiskFull):
        return Trouble.FULL
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble.FULL
    if isinstance(error, OperationalError):
        said = str(error)
        if "disk is full" in said or "disk I/O error" in said:
            # SQLite says "I/O error" where its journal finds no room.
            return Trouble.FULL
        if "database is locked" in said or "table is locked" in said:
            return Trouble.BUSY
    if isinstance(error, DatabaseError) or hasattr(error, "sqlstate"):
        state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
        return Trouble.FULL if state in _FULL_STATES else Trouble.BUSY if state in _BUSY_STATES else None
    return None
