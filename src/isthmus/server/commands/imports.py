"""`isthmus import`: an archive moves in."""

import argparse
import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from isthmus.kit.errors import UsageError
from isthmus.kit.progress import progress
from isthmus.server.commands.opening import open_institute

_SHOWN = 10


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "import",
        help="move an archive in",
        description="Reads an archive (a file, a .gz, .zip, .tar or .tar.gz, or a directory; the format is found from "
        "the content), stages it, and releases the whole run at once. The same archive again changes nothing; a run "
        "that was killed goes on. Exit 0 if at least one item came in or was known, 1 if none.",
    )
    parser.add_argument(
        "path", nargs="?", type=_archive, metavar="PATH", help="the archive: a file, a directory, or a feed's address"
    )
    parser.add_argument("--source", metavar="NAME", help="how to read it; by default found from the content")
    parser.add_argument(
        "--series", metavar="NAME", help="put every piece into this series; without, as the source was placed before"
    )
    parser.add_argument(
        "--map",
        type=Path,
        metavar="FILE",
        help="a TOML or CSV file that says which label goes where; with --dry-run a draft of it is written there",
    )
    parser.add_argument("--hold", action="store_true", help="stage only: nothing becomes public yet")
    parser.add_argument("--release", action="store_true", help="release what was held; of PATH, or the newest run")
    parser.add_argument("--dry-run", action="store_true", help="read and report; write nothing")
    parser.add_argument("--fetch-media", action="store_true", help="fetch the pictures and files that pieces refer to")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the whole report as JSON to a file")
    parser.add_argument("--json", action="store_true", help="print the report, or the runs, as JSON")
    parser.add_argument("--runs", action="store_true", help="list the runs so far")
    parser.add_argument("--undo", metavar="RUN", help="take a run back out, as --runs names it")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Import, release what is held, list or undo."""
    _check(arguments)
    open_institute(arguments, upgrade=True)
    if arguments.runs:
        return _list(as_json=arguments.json)
    status = _undo(arguments.undo) if arguments.undo else _import(arguments)
    _follow()
    return status


def _check(arguments: argparse.Namespace) -> None:
    is_import = arguments.path is not None or arguments.release
    if sum([is_import, arguments.runs, bool(arguments.undo)]) != 1:
        raise UsageError("Say one thing to `isthmus import`: a PATH, --runs, or --undo RUN.")
    if arguments.hold and arguments.release:
        raise UsageError("--hold keeps everything back and --release lets it out: give one of them.")
    if isinstance(arguments.path, Path) and not arguments.path.exists():
        raise UsageError(f"{arguments.path} is not there: give the path of a file or a directory.")


def _archive(word: str) -> Path | str:
    """A path, or the address of a feed as it was typed."""
    return word if word.startswith(("http://", "https://")) else Path(word)


def _fetched(address: str) -> Path:
    """The feed at an address as a file, the same one at every import, so that a run can go on. Raises: FetchRefused."""
    from django.conf import settings

    from isthmus.kit import fetch, files

    body = fetch.fetch(address).body
    folder = settings.DATA / "feeds"
    folder.mkdir(exist_ok=True)
    ending = "json" if body.lstrip().startswith(b"{") else "xml"
    path = folder / f"{sha256(address.encode()).hexdigest()[:16]}.{ending}"
    files.write_durably(path, body)
    return Path(path)


def _import(arguments: argparse.Namespace) -> int:
    from isthmus.importers import actions

    if isinstance(arguments.path, str):
        arguments.path = _fetched(arguments.path)
        arguments.source = arguments.source or "feed"
    with progress(None, "read") as tick:
        report = actions.run_import(
            arguments.path,
            source=arguments.source,
            series=arguments.series,
            map_file=arguments.map,
            hold=arguments.hold,
            release=arguments.release,
            dry_run=arguments.dry_run,
            fetch_media=arguments.fetch_media,
            report_file=arguments.report,
            tick=tick,
        )
    if arguments.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        _print_report(report, is_dry=arguments.dry_run)
    return 0 if report.is_success else 1


def _print_report(report: Any, *, is_dry: bool) -> None:
    _print_some("skipped", [f"{row['where']}: {row['reason']}" for row in report.skipped])
    _print_some("warning", [f"{row['id']}: {row['kind']}: {row['text']}" for row in report.warnings])
    print(f"Run {report.run}: {report.summary()}")
    for sentence in report.said:
        print(sentence)
    counts = report.counts
    if counts["unchanged"] and not counts["created"] + counts["updated"]:
        print("Everything was known already: nothing changed.")
    elif is_dry:
        print("This was a dry run: nothing was written.")


def _print_some(kind: str, lines: Sequence[str]) -> None:
    """The first of them; the report has them all."""
    for line in lines[:_SHOWN]:
        print(f"  {kind}: {line}", file=sys.stderr)
    if len(lines) > _SHOWN:
        print(f"  … and {len(lines) - _SHOWN} more ({kind}); --report FILE writes them all.", file=sys.stderr)


def _list(*, as_json: bool) -> int:
    from isthmus.importers import queries

    rows = [
        {
            "run": row.pk,
            "state": row.state,
            "started_at": row.started_at.isoformat(timespec="seconds"),
            "path": row.path,
            "counts": row.report.get("counts", {}),
        }
        for row in queries.runs()
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    for row in rows:
        counts = ", ".join(f"{n} {name}" for name, n in row["counts"].items())
        print(f"{row['run']}  {row['state']}  {row['started_at']}  {row['path']}  {counts}")
    if not rows:
        print("No run yet: `isthmus import PATH` makes the first.")
    return 0


def _undo(run_id: str) -> int:
    from isthmus.importers import actions

    print(actions.undo(run_id).summary())
    return 0


def _follow() -> None:
    """Bring the index up at once, so that a search right after this finds it even where no worker runs."""
    from isthmus.search import actions

    actions.keep()
