"""What the log tells of, by name and label, in the order the admin's filter offers it; no Django import."""

from enum import Enum


class Act(Enum):
    """One kind of entry: the name is kept in the database, the value is what people read.

    Not choices of the model's field: a new kind needs no migration, and on SQLite one would take the triggers away.
    """

    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    SCHEDULED = "release scheduled"
    UNSCHEDULED = "schedule cancelled"
    DELETED = "deleted"
    SEND_BEGUN = "sending begun"
    SEND_SCHEDULED = "sending scheduled"
    SEND_HELD = "sending held"
    SEND_PAUSED = "sending paused"
    SEND_RESUMED = "sending resumed"
    SEND_CANCELLED = "sending cancelled"
    TEST_SENT = "test sent"
    HANDED_OVER = "mail handed over"
    EXPORTED = "exported"
    PEOPLE_IMPORTED = "subscribers brought in"
    ERASED = "subscriber erased"
    SUPPRESSED = "address suppressed"
    SUPPRESSION_LIFTED = "suppression lifted"
    IMPORT_STAGED = "import staged"
    IMPORT_RELEASED = "import released"
    IMPORT_UNDONE = "import undone"
    LOGGED_IN = "logged in"
    LOGGED_OUT = "logged out"
    LOGIN_FAILED = "login failed"
    LOGIN_REFUSED = "logins refused for a while"
    PASSWORD_CHANGED = "password changed"  # noqa: S105  (a label)
    PASSWORD_RESET_ASKED = "new password asked for"  # noqa: S105  (a label)
    LOGIN_ADDED = "login added"
    LOGIN_CHANGED = "login changed"
    LOGIN_DELETED = "login deleted"
    ROLE_CHANGED = "role changed"
    RIGHTS_CHANGED = "rights of a role changed"
    SECOND_STEP_PASSED = "second step passed"
    SECOND_STEP_FAILED = "second step failed"
    SECOND_STEP_REFUSED = "second steps refused for a while"
    SECOND_STEP_SET_UP = "second step set up"
    SECOND_STEP_REMOVED = "second step removed"
    SECOND_STEP_RESET = "second step reset"
    RECOVERY_CODE_USED = "recovery code used"
    RECOVERY_CODES_MADE = "recovery codes made"
    SETTINGS_CHANGED = "settings changed"
    KEYS_ROTATED = "keys rotated"
    BACKED_UP = "backup made"
    RESTORED = "restored from a backup"
    PRUNED = "old entries of this log removed"


LABELS = {act.name.lower(): act.value for act in Act}


def code(act: Act) -> str:
    """The name as the database keeps it, such as `second_step_reset`."""
    return act.name.lower()
