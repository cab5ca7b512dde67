"""`isthmus demo`: the invented institute in a directory of its own, on this machine only."""

from __future__ import annotations

import os
import time
from argparse import Namespace
from datetime import datetime
from pathlib import Path

from isthmus.demo import actions, reading, stamp
from isthmus.kit import clock, locks
from isthmus.kit.errors import IsthmusError
from isthmus.server import institute, serving

# The editor's password is printed, so nobody beyond this machine may reach the login.
_HOST = "127.0.0.1"


class DemoRuns(IsthmusError):
    """The demo in this directory is being served by another process."""


def default_directory() -> Path:
    """Where the demo lives when nobody says: `~/.local/share/isthmus/demo`, or as XDG_DATA_HOME has it."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "isthmus" / "demo"


def demo(args: Namespace) -> int:
    """Make the demo where it is missing or older than this Isthmus, and serve it until told to stop.

    args: `dir` (None where nobody named one) and `port`.
    """
    directory = args.dir.resolve() if args.dir else default_directory()
    serving.check_port(_HOST, args.port)
    institute.forget_options()
    os.environ["ISTHMUS_PUBLIC_URL"] = f"http://localhost:{args.port}"
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        with locks.file_lock(directory.with_name(f".{directory.name}.lock"), wait_s=0):
            return _serve(directory, port=args.port)
    except locks.LockHeld as error:
        raise DemoRuns(
            f"The demo in {directory} is running: stop it first, or name another place with --dir."
        ) from error


def _serve(directory: Path, *, port: int) -> int:
    if not stamp.is_complete(directory):
        _make(directory)
    institute.open_django(directory)
    if status := serving.upgraded_apart(_say):
        return status
    from isthmus.demo import starting

    due_at = starting.renew_scheduled(reading.read().scheduled, now=clock.now())
    starting.keep_subscriber(now=clock.now())
    password, flagship = starting.renew_editor(), starting.flagship_path()
    lines = _welcome(port, flagship=flagship, email=starting.EDITOR_EMAIL, password=password)
    return serving.serve(
        _HOST, port, say=lambda _: None, on_ready=lambda: _say("\n".join([*lines, _announced(due_at)]))
    )


def _make(directory: Path) -> None:
    started = time.monotonic()
    _say(f"Making the demo in {directory} (once; some 20 seconds) ...")
    actions.make(directory)
    _say(f"Made in {time.monotonic() - started:.1f} s.")


def _welcome(port: int, *, flagship: str, email: str, password: str) -> list[str]:
    site = f"http://localhost:{port}"
    return [
        "",
        f"  The site            {site}/",
        f"  A piece to begin    {site}{flagship}",
        f"  For editors         {site}/admin/   {email}   {password}",
        "",
    ]


def _announced(due_at: datetime) -> str:
    n_seconds = max(0, round((due_at - clock.now()).total_seconds()))
    return (
        f"  A scheduled piece goes live in {n_seconds} seconds: then the Total is one higher, and a search for\n"
        "  “gulls” finds it, and the mail to a subscriber lies in /admin/mailbox/. Until then it is nowhere.\n"
        "  Stop the demo with Ctrl-C.\n"
    )


def _say(sentence: str) -> None:
    print(sentence, flush=True)
