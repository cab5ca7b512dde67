"""Runs a command with ISTHMUS_TEST_DATABASE_URL set: as it is, else to a server from a wheel that lives as long."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.postgres import temporary_server


def main(command: list[str]) -> int:
    """The exit code of the command."""
    name = "ISTHMUS_TEST_DATABASE_URL"
    if os.environ.get(name):
        return subprocess.call(command)
    with temporary_server() as address:
        return subprocess.call(command, env={**os.environ, name: address})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
