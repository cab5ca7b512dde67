"""kill -9 between any two steps of the keeper: whoever goes on ends where a rebuild would, and the search hears of it.

The steps are its statements and commits, as in `tests/publications/test_crash.py`; ISTHMUS_TEST_KILLS says how many of
each work are tried.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from isthmus.dossiers import happened
from isthmus.dossiers.keeper import FOLLOWER, Keeper
from isthmus.dossiers.models import Alias, MatchedVocabulary, MinedText, Occurrence, Ruling, Subject
from isthmus.publications import actions, journal
from isthmus.publications.models import FollowerCursor, JournalEntry, MediaUse, Publication, Withdrawal
from tests.dossiers import archive
from tests.publications.test_crash import killed_at, run_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

N_KILLS = int(os.environ.get("ISTHMUS_TEST_KILLS", "5"))


def follow() -> None:
    """As the worker does it, until nothing is left."""
    keeper = Keeper()
    while keeper.tick():
        pass


def read_archive() -> list[Publication]:
    """Three pieces, read."""
    archive.two()
    texts = (archive.MEETING, archive.QUARREL, "On 3 June 2018 the Heron spoke.")
    pieces = [archive.piece(text, title=f"Piece {number}") for number, text in enumerate(texts)]
    follow()
    return pieces


def new_pieces() -> Callable[[], object]:
    archive.two()
    for number in range(2):
        archive.piece(archive.MEETING, archive.QUARREL, title=f"Piece {number}")
    return follow


def revision_and_withdrawal() -> Callable[[], object]:
    pieces = read_archive()
    actions.withdraw(pieces[0])
    archive.rewritten(pieces[1], "On 9 August 2017 Orla Verin thanked Han Sol-bi.")
    return follow


def new_alias() -> Callable[[], object]:
    read_archive()
    Alias.objects.create(subject=Subject.objects.get(name="Orla Verin"), text="the Heron")
    return follow


def rebuild() -> Callable[[], object]:
    read_archive()
    Occurrence.objects.filter(edtf="2019-05").delete()
    MinedText.objects.update(made_with="older")
    return lambda: Keeper().rebuild()


@pytest.mark.parametrize(
    "work", [new_pieces, revision_and_withdrawal, new_alias, rebuild], ids=lambda one: one.__name__
)
def test_killed_keeper_loses_nothing(miner: Keeper, work: Callable[[], Callable[[], object]]):
    n_steps = count_steps(work)
    chosen = random.Random(work.__name__).sample(range(n_steps), min(N_KILLS, n_steps))

    for step in sorted(chosen):
        forget_everything()
        act = work()
        days, seq = public_days(), journal.latest_seq()
        assert killed_at(step, act), f"step {step} of {n_steps} was never reached"
        follow()

        followed = archive.rows()
        assert (archive.without_evidence(), journal.lag(FOLLOWER)) == ([], 0)
        assert told_to_the_search(after=seq) >= changed(days, public_days()), f"the search missed step {step}"
        miner.rebuild()
        assert followed == archive.rows(), f"other rows after step {step} than a rebuild makes"


def count_steps(work: Callable[[], Callable[[], object]]) -> int:
    forget_everything()
    act = work()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, str(run_until(act, step=None)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return int(os.read(read, 20))


def forget_everything() -> None:
    for model in (Ruling, Subject, MinedText, MatchedVocabulary, Publication, Withdrawal, MediaUse, FollowerCursor):
        model.objects.all().delete()
    JournalEntry.objects.all().delete()
    Withdrawal.objects.all().delete()


def public_days() -> dict[int, frozenset[Any]]:
    return dict(happened.days_of(list(MinedText.objects.values_list("pk", flat=True))))


def changed(before: dict[int, frozenset[Any]], after: dict[int, frozenset[Any]]) -> set[str]:
    """Visible pieces that `happened:` must find by other dates now."""
    visible = set(MinedText.objects.values_list("pk", flat=True))
    return {f"pub:{number}" for number in visible if before.get(number) != after.get(number)}


def told_to_the_search(*, after: int) -> set[str]:
    return set(JournalEntry.objects.filter(seq__gt=after).values_list("subject", flat=True))
