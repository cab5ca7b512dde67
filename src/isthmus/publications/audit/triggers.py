"""What has the database itself refuse to change the log: triggers, for SQLite and PostgreSQL.

An entry may go once it is LEAST_KEEP_DAYS old; the days stand in the SQL, since a trigger knows no option.
"""

from __future__ import annotations

from typing import Any

TABLE = "isthmus_audit_entry"
NAMES = ("isthmus_audit_no_update", "isthmus_audit_no_delete")
_WORDS = "The audit log is only ever added to"

_SQLITE = (
    f"CREATE TRIGGER IF NOT EXISTS {NAMES[0]} BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END",
    f"CREATE TRIGGER IF NOT EXISTS {NAMES[1]} BEFORE DELETE ON {TABLE} WHEN OLD.at > datetime('now', '-30 days') "
    f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END",
)
_POSTGRESQL = (
    f"""
    CREATE OR REPLACE FUNCTION isthmus_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.at <= now() - interval '30 days' THEN RETURN OLD; END IF;
      END IF;
      RAISE EXCEPTION '{_WORDS}';
    END $$
    """,
    f"CREATE OR REPLACE TRIGGER {NAMES[0]} BEFORE UPDATE OR TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION isthmus_audit_stays()",
    f"CREATE OR REPLACE TRIGGER {NAMES[1]} BEFORE DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION isthmus_audit_stays()",
)  # fmt: skip
_FIND = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D'",
}


def put_up(apps: Any, schema_editor: Any) -> None:
    """Make the triggers; a step of a migration, safe to run twice."""
    for statement in _SQLITE if schema_editor.connection.vendor == "sqlite" else _POSTGRESQL:
        schema_editor.execute(statement, params=None)


def take_down(apps: Any, schema_editor: Any) -> None:
    """Remove them, so that a migration can be undone."""
    on_table = "" if schema_editor.connection.vendor == "sqlite" else f" ON {TABLE}"
    for name in NAMES:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}", params=None)


def are_up(connection: Any) -> bool:
    """Whether the database refuses changes: both triggers are there."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND[connection.vendor], [TABLE])
        return set(NAMES) <= {name for (name,) in cursor.fetchall()}
