"""How a database says that it came out of a backup: two rows among the machines it was used on, no place at all.

Pure, since a restore writes them before any institute is there: see `server.backup.restoring`, read by `copies`.
"""

from __future__ import annotations

from datetime import datetime

BACKED_UP, RESTORED = "backed up", "restored"

Row = tuple[str, str, datetime, str]


def rows_for(backup_at: datetime, restored_at: datetime) -> list[Row]:
    """What to add to the machines, in order: mark, described, accepted_at, accepted_by."""
    at = f"{backup_at:%Y-%m-%d %H:%M} UTC"
    return [
        (BACKED_UP, f"the institute as it was backed up at {at}", backup_at, "isthmus restore"),
        (RESTORED, f"the backup of {at}, restored", restored_at, "isthmus restore"),
    ]
