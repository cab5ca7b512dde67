"""`isthmus doctor`: what is wrong, and what to do about it."""

import argparse
import json
from typing import Any

from isthmus.server.commands.opening import open_institute

_SIGN = {"ok": "  ok  ", "note": " note ", "wrong": "WRONG "}


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "doctor",
        help="say what is wrong, and what to do",
        description="Looks at the database, index, worker, disk, keys and options; exit 1 if something is wrong.",
    )
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look, and print a line for each check."""
    open_institute(arguments)
    from isthmus.server import doctor

    findings = doctor.examine()
    is_wrong = any(finding.state == "wrong" for finding in findings)
    if arguments.json:
        print(json.dumps({"wrong": is_wrong, "checks": [finding.as_json() for finding in findings]}, indent=2))
    else:
        for finding in findings:
            print(f"{_SIGN[finding.state]} {finding.check}: {finding.sentence}")
    return 1 if is_wrong else 0
