"""`isthmus backup`: the institute in one file, made while it is served; and whether such a file is good."""

import argparse
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from isthmus.kit.errors import UsageError
from isthmus.kit.progress import progress
from isthmus.kit.text import plural
from isthmus.server.commands.opening import open_institute, say


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "backup",
        help="write the institute into one file, or verify such a file",
        usage="isthmus backup [-h] [--json] [verify] FILE",
        description="Writes database, media, keys, options and theme into FILE while the site is served; an older "
        "backup there is replaced when the new one is whole. FILE holds every key and address: only this user may "
        "read it. `backup verify FILE` checks every hash, opens the database and counts it; it needs no institute.",
    )
    parser.add_argument("words", nargs="+", metavar="FILE", help="the backup; with `verify` before it, one to look at")
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make a backup, or look at one."""
    words = arguments.words
    if len(words) == 2 and words[0] == "verify":
        return _verify(Path(words[1]), as_json=arguments.json)
    if len(words) > 1:
        raise UsageError("`isthmus backup` takes one FILE; `isthmus backup verify FILE` looks at one.")
    if words[0] == "verify":
        raise UsageError(
            "Name the backup to look at: `isthmus backup verify FILE`; to write one of that name, ./verify."
        )
    return _back_up(arguments)


def _back_up(arguments: argparse.Namespace) -> int:
    # Before anything changes the directory: a relative name is meant from here.
    target = Path(arguments.words[0]).absolute()
    open_institute(arguments)
    from django.db import DatabaseError

    from isthmus.publications.audit import actions as audit
    from isthmus.publications.audit.kinds import Act
    from isthmus.server.backup.making import back_up

    made = back_up(target, ticking=ticking("backed up"))
    # A database that waits for its upgrade may have no log yet, and its backup is good all the same.
    with suppress(DatabaseError):
        audit.note(Act.BACKED_UP, said=str(target))
    for sentence in made.warnings:
        say(sentence)
    if arguments.json:
        print(json.dumps(made.as_json(), ensure_ascii=False))
    else:
        found = made.as_json()
        print(
            f"{target} holds the institute as of {made.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC: {found['rows']} rows, "
            f"{plural(int(str(found['files'])), 'file', 'files')}, {made.n_bytes / 1024**2:.1f} MB."
        )
        print("It holds every key and address: keep it where nobody else can read it.")
    return 0


def _verify(path: Path, *, as_json: bool) -> int:
    from isthmus.server.backup.verifying import verify

    if not path.is_file():
        raise UsageError(f"{path} is not there: give the path of a backup.")
    found = verify(path, ticking=ticking("looked at"))
    if as_json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
        return 0
    about = found.manifest
    print(f"{path} is whole: {about.institute}, {about.made_at:%Y-%m-%d %H:%M:%S} UTC, by Isthmus {about.version}.")
    for sentence in found.notes:
        print(sentence)
    return 0


def ticking(label: str) -> Callable[[int | None], AbstractContextManager[Callable[[int], None]]]:
    """Progress under a label, for as many as there turn out to be; None where nobody can know."""
    return lambda total: progress(total, label)
