"""Makes the demo's directory: a new institute in the way of `isthmus init`, then the content in one transaction."""

from __future__ import annotations

import sys
import traceback
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from isthmus.demo import reading, stamp
from isthmus.demo.entries import Content
from isthmus.kit import files, options
from isthmus.kit.errors import IsthmusError
from isthmus.server import institute

# A kind with fields of its own, as any institute may declare them.
_OWN_OPTIONS = """
[kinds.testimony]
label = "Testimony"
plural = "Testimony"
fields = [
  { name = "body_heard_by", label = "Given before", type = "text" },
  { name = "place", label = "Place", type = "text" },
]
"""


class DemoNotMade(IsthmusError):
    """The process that makes the demo failed; the message is its own."""


def make(directory: Path) -> None:
    """Make the demo in `directory`, which must be empty or hold an older or half-made demo; safe to repeat.

    Raises: UsageError where the directory holds anything else; ContentError for a broken content file.
    """
    content = reading.read()
    stamp.clear(directory)
    stamp.begin(directory)
    _make_apart(directory, content)
    stamp.complete(directory)


def _make_apart(directory: Path, content: Content) -> None:
    """Make it in a process of its own.

    `institute.make` loads the settings before the institute has its options, and they can be loaded only once.
    Forked, because nothing is running yet and loading Python anew would cost a second.
    """
    here, there = get_context("fork").Pipe(duplex=False)
    maker = get_context("fork").Process(target=_tell, args=(there, directory, content))
    maker.start()
    there.close()
    try:
        problem = here.recv()
    except EOFError:
        problem = f"The process that makes {directory} was killed: see that memory is free, then try again."
    maker.join()
    if problem:
        raise DemoNotMade(problem)


def _tell(parent: Connection, directory: Path, content: Content) -> None:
    try:
        _make_and_load(directory, content)
        parent.send("")
    except IsthmusError as error:
        parent.send(str(error))
    except Exception as error:  # noqa: BLE001 -- whatever it is, the parent waits to be told
        traceback.print_exc(file=sys.stderr)
        parent.send(
            f"The demo could not be made in {directory} ({type(error).__name__}): please report the lines above."
        )


def _make_and_load(directory: Path, content: Content) -> None:
    institute.make(directory, name=content.institute.name, url="")
    _add_options(directory / options.FILE_NAME, time_zone=content.institute.time_zone)
    from django.db import transaction

    from isthmus.demo import loading

    with transaction.atomic():
        loading.load(content)
    _mine()


def _mine() -> None:
    """Have dossiers, their queue and suggestions there when the first page is asked for: a second's work."""
    from isthmus.dossiers.keeper import Keeper
    from isthmus.dossiers.suggestions import Finder

    for tick in (Keeper().tick, Finder().tick):
        while tick():
            pass


def _add_options(path: Path, *, time_zone: str) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("# time_zone ="))
    lines[place] = f'time_zone = "{time_zone}"'
    files.write_durably(path, ("\n".join(lines) + "\n" + _OWN_OPTIONS).encode())
