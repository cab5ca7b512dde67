"""What reading a whole archive costs: dates, names and relations of every text, one new piece, a changed alias.

`bench/chronology.py` takes `rows` into its table. CPU time, because what is wanted is said for two cores at work.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from datetime import date, timedelta
from html import escape
from pathlib import Path
from typing import Any

import generated
import given

_ISTHMUS = Path(sys.executable).parent / "isthmus"
_N_GENERATED = 9_166
_N_NEW = 20
# In any archive of policy texts; of a generated one they are the names its sentences are made with.
_PLACES = ("United States", "China", "Russia", "Iran", "Japan", "North Korea", "South Korea", "Ukraine", "Congress")
_VERBS = ("met", "thanked", "denounced", "invited", "warned", "wrote to")


def rows(scratch: Path) -> list[tuple[str, str, str]]:
    """Every figure as (what, figure, wanted), in an institute of its own."""
    institute, real = scratch / "institute", given.archive()
    archive = real or generated.write(scratch / "made.jsonl.gz", n=_N_GENERATED, sentence=_sentence)
    _isthmus(institute, "init", "--name", "Bench")
    _isthmus(institute, "import", str(archive))
    os.environ.update(ISTHMUS_DIR=str(institute), DJANGO_SETTINGS_MODULE="isthmus.server.settings")
    import django

    django.setup()
    n_subjects = _keep_vocabulary()
    told = "the real archive" if real else "a generated archive"
    return [*_whole(institute, told, n_subjects), *_one_new(), *_changed_alias()]


def _sentence(chance: random.Random) -> str:
    """One sentence with a date and two names."""
    one, other = chance.sample(_PLACES, 2)
    day = date(2005, 1, 1) + timedelta(days=chance.randrange(6000))
    when = chance.choice(
        (f"On {day.day} {day:%B} {day.year}", f"In {day:%B} {day.year}", "Last month", "Two days later")
    )
    return f"{when}, {one} {chance.choice(_VERBS)} {other}."


def _isthmus(institute: Path, *words: str) -> tuple[float, float]:
    """Run the command as an operator would; its CPU seconds and most memory in MB. Raises: CalledProcessError."""
    command = [str(_ISTHMUS), "--dir", str(institute), *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), command)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _keep_vocabulary() -> int:
    """Subjects for the places and for everybody who is named on a piece; returns how many."""
    from isthmus.dossiers.models import Subject
    from isthmus.publications.models import Person

    people = sorted({name for name in Person.objects.values_list("name", flat=True) if 1 < len(name.split()) < 5})
    named = [*((name, "place") for name in _PLACES), *((name, "person") for name in people[:500])]
    for number, (name, kind) in enumerate(named):
        Subject.objects.create(name=name[:200], kind=kind, slug=f"subject-{number}", is_open=kind == "place")
    return len(named)


def _whole(institute: Path, told: str, n_subjects: int) -> list[tuple[str, str, str]]:
    from isthmus.dossiers.models import Mention, MinedText, Occurrence, Relation

    cpu_s, most_mb = _isthmus(institute, "chronology", "rebuild")
    n_texts = MinedText.objects.count()
    found = f"{Occurrence.objects.count()} dates, {Mention.objects.count()} names, {Relation.objects.count()} acts"
    return [
        (f"read {told} ({n_texts} texts, {n_subjects} subjects; CPU)", f"{cpu_s:.0f} s", "720 s (6 minutes, 2 cores)"),
        ("found in it", found, ""),
        ("memory of reading it, at most", f"{most_mb:.0f} MB", "300 MB"),
    ]


def _one_new() -> list[tuple[str, str, str]]:
    from isthmus.dossiers.keeper import Keeper
    from isthmus.publications import actions, documents
    from isthmus.publications.models import Publication

    keeper, taken = Keeper(), []
    _rest(keeper)
    for document in list(documents.documents(documents.visible_ids()[:_N_NEW])):
        # Somebody rewrites a piece of this archive: all of its length is read again.
        piece = Publication.objects.get(pk=document.id).get_latest_revision_as_object()
        piece.body = [("text", f"<p>New. {escape(document.body_text)}</p>")]
        actions.save_draft(piece)
        actions.release(Publication.objects.get(pk=document.id))
        taken.append(_rest(keeper))
    return [(f"one new piece (CPU, median of {len(taken)})", f"{statistics.median(taken) * 1000:.0f} ms", "100 ms")]


def _changed_alias() -> list[tuple[str, str, str]]:
    from isthmus.dossiers.keeper import Keeper
    from isthmus.dossiers.models import Alias, Subject

    Alias.objects.create(subject=Subject.objects.get(name="Iran"), text="Tehran")
    return [("a new alias, matched in all texts that hold it (CPU)", f"{_rest(Keeper()):.1f} s", "seconds")]


def _rest(keeper: Any) -> float:
    """CPU seconds until the keeper has nothing left to do."""
    before = time.process_time()
    while keeper.tick():
        pass
    return time.process_time() - before
