"""`isthmus index`: the search index, which can always be made again."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from isthmus.kit.progress import progress
from isthmus.kit.text import plural
from isthmus.server.commands.opening import open_institute


def add(commands: Any) -> None:
    """Declare the commands."""
    index = commands.add_parser("index", help="the search index", description="The search index.")
    actions = index.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, run, told in _ACTIONS:
        parser = actions.add_parser(name, help=told, description=f"{told[0].upper()}{told[1:]}.")
        parser.add_argument("--json", action="store_true", help="answer as JSON")
        parser.set_defaults(run=run)


def _status(arguments: argparse.Namespace) -> int:
    open_institute(arguments)
    from isthmus.search import actions

    found, meaning = actions.status(), actions.meaning_status()
    if arguments.json:
        print(json.dumps({**asdict(found), "meaning": asdict(meaning)}, ensure_ascii=False))
    elif found.trouble:
        print(f"The index cannot answer ({found.trouble}): `isthmus index rebuild` makes a new one.")
    else:
        print(f"{found.n_indexed} of {plural(found.n_visible, 'publication', 'publications')} are in the index.")
        print(f"{plural(found.lag, 'change waits', 'changes wait')} to be read.")
        print(meaning.sentence)
    return 1 if found.trouble else 0


def _rebuild(arguments: argparse.Namespace) -> int:
    open_institute(arguments, upgrade=True)
    from isthmus.publications import visibility
    from isthmus.search import actions

    with progress(visibility.total(), "indexed") as tick:
        n_indexed = actions.rebuild(on_progress=tick)
    if arguments.json:
        print(json.dumps({"n_indexed": n_indexed}))
    else:
        print(f"The new index holds {plural(n_indexed, 'publication', 'publications')} and is in use.")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    open_institute(arguments, upgrade=True)
    from isthmus.search import actions

    found = actions.check()
    if arguments.json:
        print(json.dumps({**asdict(found), "is_clean": found.is_clean}))
    elif found.is_clean:
        print("Index and database say the same.")
    else:
        differed = {"missing": found.missing, "stale": found.stale, "left over": found.left_over}
        said = ", ".join(f"{len(ids)} {name}" for name, ids in differed.items() if ids)
        print(f"Index and database differed ({said}), and the index is repaired.")
    return 0


_ACTIONS = (
    ("status", _status, "say what is indexed, and how far it is behind"),
    ("rebuild", _rebuild, "make the index anew beside the old one, then switch"),
    ("check", _check, "compare the index with what is published, and repair it"),
)
