"""`isthmus worker`: the worker alone, on as many machines as there are."""

import argparse
from typing import Any

from isthmus.server.commands.opening import open_institute, say


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "worker",
        help="run the worker alone",
        description="Releases what is due, keeps the index and does background work until it is stopped. "
        "`serve` has a worker in it; this is for more of them, beside it or on other machines.",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Work until stopped."""
    from isthmus.server import serving

    directory = open_institute(arguments, upgrade=True)
    say(f"The worker of {directory} is at work.")
    serving.run_worker()
    return 0
