"""Failures of the database and the disk in an operator's words."""

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError

from isthmus.server.storage_trouble import Trouble, trouble_in


def sentence_for(error: BaseException) -> str | None:
    """What failed and what to do, or None if it is neither disk nor database."""
    trouble = trouble_in(error)
    if trouble is Trouble.FULL:
        return (
            f"The disk is full: make room on the file system of {settings.DATA} and try again; "
            "what was saved before is untouched."
        )
    if trouble is Trouble.BUSY:
        return "The database was busy for too long: try again, and look for a command that never ends."
    if isinstance(error, DatabaseError | InterfaceError):
        lines = str(error).strip().splitlines() or ["no reason given"]
        fault = "cannot be used" if isinstance(error, OperationalError | InterfaceError) else "refused a step"
        return f"The database {fault} ({lines[0][:300]}): see `isthmus doctor`."
    return None
