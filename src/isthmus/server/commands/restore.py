"""`isthmus restore`: a backup becomes an institute again, in an empty directory, and sends nothing by itself."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from isthmus.kit.errors import UsageError
from isthmus.server.commands.backup import ticking


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "restore",
        help="bring a backup back into an empty directory",
        description="Checks FILE whole and makes DIR the institute that it holds. DIR must be empty or absent. What is "
        "restored serves, and sends no mail until `isthmus mail resume`. An older backup is brought up by the next "
        "`isthmus serve`.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    parser.add_argument("directory", type=Path, nargs="?", metavar="DIR", help="where to; else as --dir says")
    parser.add_argument(
        "--database", metavar="URL",
        help="an empty database for a backup of PostgreSQL, such as postgresql://user@host:5432/name",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Restore, and say what comes next."""
    from isthmus.server.backup.restoring import restore

    if not arguments.file.is_file():
        raise UsageError(f"{arguments.file} is not there: give the path of a backup.")
    directory = arguments.directory or arguments.dir
    done = restore(arguments.file, directory, database_url=arguments.database or "", ticking=ticking("restored"))
    if arguments.json:
        print(json.dumps(done.as_json(), ensure_ascii=False))
        return 0
    about = done.manifest
    print(f"{done.directory} is the institute “{about.institute}” as of {about.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    for sentence in done.notes:
        print(sentence)
    if "ISTHMUS_DATABASE" in os.environ or "ISTHMUS_DATABASE_FILE" in os.environ:
        print("ISTHMUS_DATABASE is set here and wins over isthmus.toml: take it away, or another database is served.")
    print(f"It sends no mail until `isthmus --dir {done.directory} mail resume`; serve it with:")
    print(f"  isthmus --dir {done.directory} serve")
    return 0
