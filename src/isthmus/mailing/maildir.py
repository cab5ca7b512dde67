"""Reads returned mail out of a Maildir: what is in `new/` is taken, then moved to `cur/`, each message for itself.

A crash between the two takes a message twice, and the second time changes nothing: it is known by its bytes.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from isthmus.kit import files
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import returns

log = logging.getLogger(__name__)

SOURCE = "maildir"
# One process reads so many; 12 MB of them at most.
_AT_ONCE = 50
# Then the worker looks after its other jobs: a release must not wait for a campaign's bounces.
_BUDGET_S = 1.0


class MaildirMissing(IsthmusError):
    """The option names no Maildir, or one that cannot be used."""


def read_new(maildir: Path, *, now: datetime) -> int:
    """Take what has come, for about a second; how many messages. Several workers may do so at once.

    Raises: MaildirMissing.
    """
    until, n_taken = time.monotonic() + _BUDGET_S, 0
    names = _waiting(maildir)
    while names and (n_taken == 0 or time.monotonic() < until):
        n_taken += _take_some(maildir, names[:_AT_ONCE], now)
        names = names[_AT_ONCE:]
    return n_taken


def trouble(maildir: Path) -> str:
    """A sentence for `isthmus doctor` about what is wrong with a Maildir; empty for nothing."""
    try:
        _waiting(maildir)
    except MaildirMissing as error:
        return str(error)
    if not all(os.access(maildir / part, os.R_OK | os.W_OK | os.X_OK) for part in ("new", "cur")):
        return f"{maildir} cannot be read and written: give it to the user who runs Isthmus."
    return ""


def _waiting(maildir: Path) -> list[str]:
    """The names in new/, oldest first as their names begin with the time; hidden ones belong to other programs."""
    try:
        found = sorted(name for name in os.listdir(maildir / "new") if not name.startswith("."))
        (maildir / "cur").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise MaildirMissing(
            f"The Maildir {maildir} cannot be read ({error.strerror}): let the option mail_bounce_maildir name a "
            "directory with new/ and cur/ in it."
        ) from error
    return found


def _take_some(maildir: Path, names: list[str], now: datetime) -> int:
    read = list(_contents(maildir / "new", names))
    taken = returns.take_each([raw for _, raw in read], source=SOURCE, now=now)
    for (name, _), _row in zip(read, taken, strict=True):
        # Another worker may have moved it meanwhile.
        with suppress(FileNotFoundError):
            (maildir / "new" / name).rename(maildir / "cur" / f"{name.partition(':')[0]}:2,S")
    files.sync_directory(maildir / "cur")
    files.sync_directory(maildir / "new")
    return len(read)


def _contents(directory: Path, names: list[str]) -> Iterator[tuple[str, bytes]]:
    """Each message's beginning; what is no plain file of ours to read is left lying, and said once a round."""
    for name in names:
        try:
            handle = os.open(directory / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENOENT:
                log.warning("%s in the Maildir cannot be read (%s).", name, error.strerror)
            continue
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            log.warning("%s in the Maildir is no file: take it out of new/.", name)
            os.close(handle)
            continue
        with os.fdopen(handle, "rb") as file:
            yield name, file.read(returns.MAX_BYTES)
