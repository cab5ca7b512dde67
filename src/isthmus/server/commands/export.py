"""`isthmus export`: everything in a documented format, or the site as files that any web server can send."""

import argparse
import json
import logging
from pathlib import Path
from typing import Any

from isthmus.kit.errors import UsageError
from isthmus.kit.option_values import absolute_url
from isthmus.kit.text import plural
from isthmus.server.commands import export_own
from isthmus.server.commands.backup import ticking
from isthmus.server.commands.opening import open_institute, say

_SHOWN = 10


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "export",
        help="write everything in a documented format, or the public site as files",
        description="Writes everything the institute has below OUT, in the format of docs/reference/export-format.md, "
        "which `isthmus import` reads back. With --static: every public page, feed, picture and file, with links that "
        "work without a program. A second run makes OUT anew; OUT belongs to the export.",
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="the directory, new or of an earlier export")
    parser.add_argument("--static", action="store_true", help="pages as readers get them")
    parser.add_argument("--with-keys", action="store_true", help="also the institute's keys; not with --static")
    parser.add_argument(
        "--live", default=None, type=_live, metavar="URL",
        help="with --static: where search, sign-up and the API are; without it, public_url",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Export, and say what was made."""
    if not arguments.static:
        return _run_own(arguments)
    if arguments.with_keys:
        raise UsageError("--with-keys is for the whole export: leave --static away, or the keys.")
    out = arguments.out.absolute()
    open_institute(arguments, upgrade=True)
    from django.conf import settings

    from isthmus.server.static_export.walking import export_static

    if not settings.ISTHMUS.public_url:
        say(f"public_url is not set, so feeds and search say {settings.PUBLIC_URL}: set it before readers come.")
    if settings.DIRECTORY.is_relative_to(out):
        raise UsageError(f"{out} holds the institute itself: name another directory.")
    # One address is asked for that nobody has, for the page that stands in its place.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    done = export_static(out, live_url=arguments.live or "", ticking=ticking("exported"))
    if arguments.json:
        print(json.dumps(done.as_json(), ensure_ascii=False))
        return 0
    print(
        f"{out}: {plural(done.n_pages, 'page', 'pages')} of {plural(done.total, 'publication', 'publications')}, "
        f"{plural(done.n_files, 'file', 'files')} in all, {done.n_bytes / 1024**2:.1f} MB; {done.n_written} written, "
        f"{done.n_kept} unchanged, {done.n_removed} removed, {plural(done.n_redirects, 'redirect', 'redirects')}."
    )
    for sentence in _doubts(done.dead, done.unfit, is_steady=done.is_steady):
        say(sentence)
    return 0


def _run_own(arguments: argparse.Namespace) -> int:
    if arguments.live is not None:
        raise UsageError("--live is for --static: the whole export has no pages that could lead there.")
    return export_own.run(arguments)


def _doubts(dead: list[str], unfit: list[str], *, is_steady: bool) -> list[str]:
    said = [f"{path} is referred to and has no page." for path in dead[:_SHOWN]]
    said += [f"{path} cannot be a file here." for path in unfit[:_SHOWN]]
    if (n_more := len(dead) + len(unfit) - len(said)) > 0:
        said.append(f"And {n_more} more: --json names each.")
    if not is_steady:
        said.append("Something was released while it was made, so pages may differ by that: run it again.")
    return said


def _live(text: str) -> str:
    try:
        absolute_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no address: write {error}") from error
    return text
