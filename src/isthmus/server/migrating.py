"""Runs the steps that make or renew the tables of the database, with a sign of life while they last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.commands.migrate import Command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from isthmus.kit.progress import progress


def migrate() -> None:
    """Run what is missing; 186 in a new database, 20 s of CPU on a small machine."""
    executor = MigrationExecutor(connection)
    n_steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    with progress(n_steps, "database prepared") as tick:
        call_command(_Ticking(tick), interactive=False, verbosity=0)


class _Ticking(Command):
    """Django's own command, which tells of its steps."""

    def __init__(self, tick: Callable[[int], None]) -> None:
        super().__init__()
        self._tick = tick

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        """Django calls this before and after each step."""
        if action == "apply_success":
            self._tick(1)
