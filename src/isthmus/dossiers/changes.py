"""A numbered list of what changed on the pages of dossiers: for who keeps those pages as they were answered.

Not the journal, which says what the public may see: this follows it, as texts are read and editors rule. A row is
written in the transaction of its change, and the newest few thousand are enough: who is further behind starts anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from isthmus.dossiers.models import Mention, PageChange, Relation, Ruling
from isthmus.kit.bulk import insert_many
from isthmus.kit.compiled import Compiled
from isthmus.publications import journal

# What changed is told by these, by `pub:17` and by `subject:4`. NAMES: subjects, which pages of people lead to.
EVERY_PAGE, NAMES = "all", "names"
_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Changes:
    """seq: of the newest row. subjects: `pub:17`, `subject:4`, `names` or `all`; None if too much happened to tell."""

    seq: int
    subjects: frozenset[str] | None


def append(subjects: Iterable[str]) -> None:
    """Say what looks otherwise now; in the transaction of the change.

    Raises: TransactionManagementError outside a transaction on PostgreSQL, where order is kept by a lock.
    """
    rows = [PageChange(subject=subject) for subject in dict.fromkeys(subjects)]
    if rows:
        journal.keep_order()
        insert_many(rows)
        PageChange.objects.filter(seq__lte=latest_seq() - _REMEMBERED).delete()


def latest_seq() -> int:
    """The number of the newest row; 0 for none."""
    return _LATEST.first() or 0


def after(seq: int) -> Changes:
    """What changed after a number."""
    rows = list(PageChange.objects.filter(seq__gt=seq).order_by("seq").values_list("seq", "subject"))
    if not rows:
        # A number that was never reached is of another database.
        return Changes(seq, frozenset()) if seq <= latest_seq() else Changes(latest_seq(), None)
    is_whole = rows[0][0] == seq + 1 or PageChange.objects.filter(seq__lte=seq).exists() or seq == 0
    return Changes(rows[-1][0], frozenset(subject for _, subject in rows) if is_whole else None)


def told_of(publication_ids: Collection[int]) -> set[str]:
    """The texts, and the dossiers whose pages are made from them as they are mined now."""
    ids = list(publication_ids)
    if Ruling.objects.filter(publication__in=ids, values__has_key="subjects").exists():
        # A correction gave an entry to others than the text names.
        return {EVERY_PAGE, *(f"pub:{number}" for number in ids)}
    named = set(Mention.objects.filter(text__in=ids).order_by().values_list("subject_id", flat=True).distinct())
    for pair in Relation.objects.filter(text__in=ids).order_by().values_list("actor_id", "towards_id").distinct():
        named.update(pair)
    return {*(f"pub:{number}" for number in ids), *(f"subject:{number}" for number in named)}


_LATEST = Compiled[int](lambda: PageChange.objects.order_by("-seq").values_list("seq", flat=True)[:1])
