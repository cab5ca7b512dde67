"""`isthmus export OUT` without --static: everything the institute has, in the documented format."""

import argparse
import json
from pathlib import Path

from isthmus.kit.errors import UsageError
from isthmus.kit.progress import progress
from isthmus.server.commands.opening import open_institute, say


def run(arguments: argparse.Namespace) -> int:
    """Export, and say what was written."""
    out: Path = arguments.out.absolute()
    open_institute(arguments, upgrade=True)
    from django.conf import settings

    from isthmus.importers.own_export.writing import write_export

    if settings.DIRECTORY.is_relative_to(out) or out.is_relative_to(settings.DATA):
        raise UsageError(f"{out} holds the institute itself, or is inside of it: name another directory.")
    with progress(None, "written") as tick:
        counts = write_export(out, with_keys=arguments.with_keys, tick=tick)
    if arguments.json:
        print(json.dumps({"out": str(out), "counts": dict(sorted(counts.items()))}))
        return 0
    said = ", ".join(f"{n} {what.replace('-', ' ')}" for what, n in sorted(counts.items()) if n)
    print(f"{out}: {said}.")
    if arguments.with_keys:
        say(f"{out / 'secrets'} holds the keys: whoever has them can sign as this institute.")
    return 0
