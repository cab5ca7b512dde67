"""`isthmus edition`: the pages as readers get them, which are kept and can always be made again."""

import argparse
import json
import os
from dataclasses import asdict
from typing import Any

from isthmus.kit.progress import progress
from isthmus.kit.text import plural
from isthmus.server.commands.opening import open_institute

# More would only take turns with the site itself.
_MAX_PROCESSES = 4


def add(commands: Any) -> None:
    """Declare the command and what stands below it."""
    parser = commands.add_parser("edition", help="the pages as readers get them: look, fill, make anew")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, act, told in _ACTIONS:
        action = actions.add_parser(name, help=told, description=f"{told[0].upper()}{told[1:]}.")
        action.set_defaults(run=act)
        if name != "warm":
            action.add_argument("--json", action="store_true", help="answer as JSON")
            continue
        action.add_argument(
            "--processes",
            type=int,
            choices=range(1, _MAX_PROCESSES + 1),
            metavar="N",
            help=f"how many at once, {_MAX_PROCESSES} at most; else one for each processor",
        )
        action.add_argument("--kept", action="store_true", help="only what the edition now in use holds")
        action.add_argument("--quiet", action="store_true", help="say nothing")


def _status(arguments: argparse.Namespace) -> int:
    open_institute(arguments)
    from isthmus.edition.keeper import Keeper

    found = Keeper().status()
    print(json.dumps(asdict(found)) if arguments.json else found.sentence)
    return 0


def _warm(arguments: argparse.Namespace) -> int:
    open_institute(arguments, upgrade=not arguments.kept)
    from isthmus.edition import editions, filling, paths
    from isthmus.edition.keeper import Keeper

    current = editions.shelf().current()
    if (store := editions.own()) is None and current is None:
        Keeper().tick()
        store = editions.own()
    if store is None or (arguments.kept and current is None):
        raise editions.EditionAway(
            "The pages in use belong to another version, theme or options than this command finds: set public_url in "
            "isthmus.toml, without which `isthmus serve` takes the address of its port, and start it anew."
        )
    keys = current.keys() if arguments.kept and current else list(paths.every_key())
    n_processes = arguments.processes or min(_MAX_PROCESSES, os.cpu_count() or 1)
    if arguments.quiet:
        filling.fill(store, keys, n_processes=n_processes, on_progress=lambda n: None)
        return 0
    with progress(len(keys), "pages") as tick:
        filling.fill(store, keys, n_processes=n_processes, on_progress=tick)
    print(f"{plural(store.held().n_pages, 'page is', 'pages are')} kept.")
    return 0


def _rebuild(arguments: argparse.Namespace) -> int:
    open_institute(arguments, upgrade=True)
    from isthmus.edition.keeper import Keeper

    Keeper().rebuild()
    said = "A new edition is in use. Its pages are made as readers ask for them, or all now by `isthmus edition warm`."
    print(json.dumps({"rebuilt": True}) if arguments.json else said)
    return 0


_ACTIONS = (
    ("status", _status, "say how many pages are kept, and how far they are behind"),
    ("warm", _warm, "make every page that is not kept yet, so that no reader waits for it"),
    ("rebuild", _rebuild, "begin a new edition with nothing in it, and drop the old one"),
)
