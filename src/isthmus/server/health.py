"""How the institute is: what /healthz answers and doctor looks at."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import DatabaseError

from isthmus.kit import clock
from isthmus.kit.text import plural
from isthmus.publications import journal
from isthmus.publications.models import JournalEntry
from isthmus.search.keeper import FOLLOWER
from isthmus.server.models import WorkerSign

# A worker signs every few seconds; a minute without a sign is a worker that is gone or stuck.
WORKER_SILENT_S = 60
# A rebuild of some 100,000 pieces takes minutes and is no fault.
INDEX_LATE_S = 900


@dataclass(frozen=True, slots=True)
class Health:
    """What was found; `wrong` holds a sentence for each thing that needs somebody."""

    database: str
    index_lag: int | None = None
    worker_age_s: float | None = None
    wrong: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The answer of /healthz."""
        return {
            "status": "wrong" if self.wrong else "ok",
            "database": self.database,
            "index_lag": self.index_lag,
            "worker_age_s": self.worker_age_s,
            "wrong": self.wrong,
        }


def report() -> Health:
    """Ask the database, the journal and the workers' signs; three small queries, and none may raise."""
    try:
        lag, worker_age_s = journal.lag(FOLLOWER), age_of_worker_s()
        wrong = [said for said in (about_worker(worker_age_s), about_index(lag)) if said]
    except DatabaseError:
        return Health("unreachable", wrong=["The database does not answer: see whether it runs and `isthmus doctor`."])
    return Health("ok", lag, None if worker_age_s is None else round(worker_age_s, 1), wrong)


def age_of_worker_s() -> float | None:
    """Seconds since the last sign of any worker; None if there has been none."""
    seen_at = WorkerSign.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    return None if seen_at is None else max(0.0, (clock.now() - seen_at).total_seconds())


def about_worker(age_s: float | None) -> str:
    """What is wrong with the workers, empty if nothing is."""
    if age_s is None:
        return "No worker is running: start `isthmus serve` or `isthmus worker`."
    if age_s > WORKER_SILENT_S:
        return f"No worker has given a sign for {age_s:.0f} s: start `isthmus serve` or `isthmus worker`."
    return ""


def about_index(lag: int) -> str:
    """What is wrong with the index that has `lag` changes to read, empty if nothing is."""
    if not lag:
        return ""
    oldest = JournalEntry.objects.filter(seq__gt=journal.cursor_of(FOLLOWER)).order_by("seq").first()
    if oldest is None or clock.now() - oldest.at < timedelta(seconds=INDEX_LATE_S):
        return ""
    return (
        f"The index has not read {plural(lag, 'change', 'changes')}: see the worker's log, then `isthmus index check`."
    )
