"""`isthmus import`: an archive moves in."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from isthmus.kit.errors import UsageError
from isthmus.server.commands.opening import open_institute


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "import",
        help="move an archive in",
        description="Reads an archive (JSON lines, plain or .gz, or saved text pages, one or a directory of them), "
        "stages it, and releases the whole run at once. The same archive again changes nothing; a run that was "
        "killed goes on. Exit 0 if at least one item came in or was known, 1 if none.",
    )
    parser.add_argument("path", nargs="?", type=Path, metavar="PATH", help="the archive: a file or a directory")
    parser.add_argument("--source", metavar="NAME", help="the name of the source; by default found from the content")
    parser.add_argument("--series", metavar="NAME", help="the series of pieces that name none")
    parser.add_argument("--map", type=Path, metavar="FILE", help="a TOML file that says which category goes where")
    parser.add_argument("--hold", action="store_true", help="stage only: nothing becomes public yet")
    parser.add_argument("--release", action="store_true", help="release what is staged; what happens without --hold")
    parser.add_argument("--dry-run", action="store_true", help="read and report; write nothing")
    parser.add_argument("--fetch-media", action="store_true", help="fetch the pictures and files that pieces refer to")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the whole report as JSON to a file")
    parser.add_argument("--json", action="store_true", help="print the report, or the runs, as JSON")
    parser.add_argument("--runs", action="store_true", help="list the runs so far")
    parser.add_argument("--undo", metavar="RUN", help="take a run back out, as --runs names it")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Import, list or undo."""
    wishes = [bool(arguments.path), arguments.runs, bool(arguments.undo)]
    if sum(wishes) != 1:
        raise UsageError("Say one thing to `isthmus import`: a PATH, --runs, or --undo RUN.")
    if arguments.hold and arguments.release:
        raise UsageError("--hold keeps everything back and --release lets it out: give one of them.")
    if arguments.path and not arguments.path.exists():
        raise UsageError(f"{arguments.path} is not there: give the path of a file or a directory.")
    open_institute(arguments, upgrade=True)
    if arguments.runs:
        return _list(as_json=arguments.json)
    return _undo(arguments) if arguments.undo else _import(arguments)


def _import(arguments: argparse.Namespace) -> int:
    from isthmus.importers import actions

    report = actions.run_import(
        arguments.path,
        source=arguments.source,
        series=arguments.series,
        map_file=arguments.map,
        hold=arguments.hold,
        release=arguments.release,
        dry_run=arguments.dry_run,
        fetch_media=arguments.fetch_media,
        report=arguments.report,
        progress=True,
    )
    found = report.as_json()
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print_report(found, arguments)
    counts = found["counts"]
    return 0 if counts["created"] + counts["updated"] + counts["unchanged"] else 1


def _print_report(found: dict[str, Any], arguments: argparse.Namespace) -> None:
    counts = found["counts"]
    print(f"Run {found['run']} ({found['source']}): " + ", ".join(f"{name} {n}" for name, n in counts.items()) + ".")
    _print_some("skipped", [f"{row['where']}: {row['reason']}" for row in found["skipped"]])
    _print_some("warning", [f"{row['id']}: {row['text']}" for row in found["warnings"]])
    if counts["created"] + counts["updated"] == 0 and counts["unchanged"]:
        print("Everything was known already: nothing changed.")
    elif arguments.dry_run:
        print("This was a dry run: nothing was written.")
    elif arguments.hold:
        print("Nothing of it is public yet: run the same command with --release.")


def _print_some(kind: str, lines: Sequence[str]) -> None:
    """The first ten; the report has them all."""
    for line in lines[:10]:
        print(f"  {kind}: {line}", file=sys.stderr)
    if len(lines) > 10:
        print(f"  … and {len(lines) - 10} more ({kind}); --report FILE writes them all.", file=sys.stderr)


def _list(*, as_json: bool) -> int:
    from isthmus.importers import queries

    rows = [row.as_json() for row in queries.runs()]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    if not rows:
        print("No run yet: `isthmus import PATH` makes the first.")
    return 0


def _undo(arguments: argparse.Namespace) -> int:
    from isthmus.importers import actions

    n_gone = actions.undo(arguments.undo)
    print(f"Run {arguments.undo} is taken back: {n_gone} pieces are gone from the site.")
    return 0
