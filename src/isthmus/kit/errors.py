"""The root of Isthmus's error tree.

A message is one sentence: what happened, to which thing, and what to do next. The command line prints it as it stands.
"""


class IsthmusError(Exception):
    """Something failed that a person can act on; the command ends with `exit_code`."""

    exit_code: int = 1


class UsageError(IsthmusError):
    """Asked for in a way that cannot work: an unknown option, a missing file, an impossible value."""

    exit_code: int = 2
