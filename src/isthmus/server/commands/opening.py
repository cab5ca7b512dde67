"""What commands do first: find the institute, open it, bring its database up."""

import argparse
import sys
from pathlib import Path

from isthmus.server import institute


def open_institute(arguments: argparse.Namespace, *, upgrade: bool = False) -> Path:
    """The institute's directory, with Django working on it.

    upgrade: migrate an older database first, and say so on standard error.
    Raises: UsageError where there is none; OptionsError; upgrade's errors.
    """
    directory = institute.require(arguments.dir)
    institute.open_django(directory)
    if upgrade:
        from isthmus.server.upgrade import ensure_current

        ensure_current(say=say)
    return directory


def say(sentence: str) -> None:
    """A word to whoever waits, apart from what a program reads."""
    print(sentence, file=sys.stderr, flush=True)
