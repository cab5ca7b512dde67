"""`isthmus serve`: the site and its worker."""

import argparse
import os
from typing import Any

from isthmus.kit import options
from isthmus.server import institute
from isthmus.server.commands.opening import say


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "serve",
        help="serve the site, with its worker",
        description="Serves the site, the admin and the worker until it is stopped (Ctrl-C or SIGTERM). "
        "An older database is migrated first, after a copy.",
    )
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="the address to listen on")
    parser.add_argument("--port", type=port, default=8000, metavar="N", help="the port to listen on")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check the port, bring the database up in a process of its own, then serve."""
    from isthmus.server import serving

    directory = institute.require(arguments.dir)
    chosen = options.load(directory, os.environ)
    serving.check_port(arguments.host, arguments.port)
    if not chosen.public_url:
        os.environ["ISTHMUS_PUBLIC_URL"] = f"http://localhost:{arguments.port}"
    institute.open_django(directory)
    if status := serving.upgraded_apart(say):
        return status
    return serving.serve(arguments.host, arguments.port, say=_print)


def port(text: str) -> int:
    """The number of a port, for argparse."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port, write a number from 1 to 65535")
    return int(text)


def _print(sentence: str) -> None:
    print(sentence, flush=True)
