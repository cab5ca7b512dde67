"""`isthmus init`: a new institute in a directory."""

import argparse
from typing import Any


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "init",
        help="make a new institute in DIR",
        description="Makes DIR an institute: isthmus.toml, data/ (database, index, media, keys) and theme/. "
        "Refuses a directory that is one already.",
    )
    parser.add_argument("--name", required=True, help="the institute's name")
    parser.add_argument("--url", default="", help="where readers will find the site, such as https://institute.example")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make it and say what comes next."""
    from isthmus.server import institute

    institute.make(arguments.dir, name=arguments.name, url=arguments.url)
    directory = arguments.dir.resolve()
    print(f"{directory} is now the institute “{arguments.name}”. Next:")
    print(f"  isthmus --dir {directory} user add you@institute.example --role administrator")
    print(f"  isthmus --dir {directory} serve")
    return 0
