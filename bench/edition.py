"""How long it takes to make every page of an archive, and how much a purge costs: CPU time and steps, not the clock.

DATA names the real archive, as for the other benches; without it one of invented pieces is made.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import generated
import given

_N_SAMPLED = 300


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--institute", type=Path, help="one that has its archive already")
    parser.add_argument("--pieces", type=int, default=9166, help="how many to invent, where DATA names no archive")
    parser.add_argument("--all", action="store_true", help="make every page, and not a sample")
    parser.add_argument("--large", type=int, metavar="N", help="only purges, in an edition of so many made-up pieces")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as scratch:
        if arguments.large:
            _measure_large(Path(scratch) / "institute", arguments.large)
            return 0
        directory = arguments.institute or _made(Path(scratch), arguments.pieces)
        _open(directory)
        _measure(every=arguments.all)
    return 0


def _measure_large(directory: Path, n_pieces: int) -> None:
    directory.mkdir()
    command = [sys.executable, "-m", "isthmus.cli", "--dir", str(directory), "init", "--name", "Bench"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    _open(directory)
    import large_edition

    for name, spent_ms in large_edition.measure(n_pieces):
        print(f"{name}: {spent_ms:.0f} ms of CPU" if spent_ms else name, flush=True)


def _made(scratch: Path, n_pieces: int) -> Path:
    """An institute with the archive that DATA names, or with so many invented pieces."""
    archive = given.archive() or generated.write(scratch / "archive.jsonl.gz", n=n_pieces)
    directory = scratch / "institute"
    directory.mkdir()
    for words in (("init", "--name", "Bench"), ("import", str(archive))):
        command = [sys.executable, "-m", "isthmus.cli", "--dir", str(directory), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return directory


def _open(directory: Path) -> None:
    from isthmus.server import institute

    institute.open_django(directory)


def _measure(*, every: bool) -> None:
    from isthmus.edition import editions, paths, rendering
    from isthmus.edition.keeper import Keeper
    from isthmus.publications import actions, visibility
    from isthmus.publications.models import Publication

    keeper, total = Keeper(), visibility.total()
    keeper.rebuild()
    print(f"pieces: {total}")
    print(f"a new edition with the facts of all pieces: {_cpu_ms(keeper.rebuild):.0f} ms of CPU")
    store: Any = editions.own()
    keys = [key for key in paths.every_key() if "cite." not in key]
    some = keys if every else keys[:: max(1, len(keys) // _N_SAMPLED)]
    spent = _cpu_ms(lambda: [store.put(page) for key in some if (page := rendering.render(key).page)])
    print(f"pages made and kept: {len(some)} of {len(keys)}, {spent / len(some):.1f} ms of CPU each")
    print(f"all {len(keys)}: {spent / len(some) * len(keys) / 1000:.0f} s of CPU")
    newest, oldest = (
        Publication.objects.filter(live=True).order_by(order, "id").first() for order in ("-listed_at", "listed_at")
    )
    for name, piece in (("newest", newest), ("oldest", oldest)):
        actions.withdraw(piece)
        n_before, spent = len(store.keys()), _cpu_ms(keeper.tick)
        n_gone = n_before - len(store.keys())
        print(f"the {name} piece withdrawn: {spent:.0f} ms of CPU, {n_gone} of {n_before} pages purged")
        actions.release(Publication.objects.get(pk=piece.pk))
        print(f"and released again: {_cpu_ms(keeper.tick):.0f} ms of CPU")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
