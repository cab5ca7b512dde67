"""`isthmus index`: the search index, which can always be made again."""

import argparse
import json
from typing import Any

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
    from isthmus.search import queries

    return _print(queries.status().as_json(), arguments)


def _rebuild(arguments: argparse.Namespace) -> int:
    open_institute(arguments)
    from isthmus.search import actions

    return _print(actions.rebuild().as_json(), arguments)


def _check(arguments: argparse.Namespace) -> int:
    open_institute(arguments)
    from isthmus.search import actions

    return _print(actions.check().as_json(), arguments)


def _print(found: dict[str, Any], arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for name, value in found.items():
            print(f"{name.replace('_', ' ')}: {value}")
    return 0 if found.get("is_right", True) else 1


_ACTIONS = (
    ("status", _status, "say what is indexed, and how far it is behind"),
    ("rebuild", _rebuild, "make the index anew beside the old one, then switch"),
    ("check", _check, "compare the index with what is published"),
)
