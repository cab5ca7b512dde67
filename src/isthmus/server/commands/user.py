"""`isthmus user`: people who may log in."""

import argparse
import secrets
from pathlib import Path
from typing import Any

from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.server.commands.opening import open_institute

ROLES = ("author", "editor", "publisher", "administrator")


def add(commands: Any) -> None:
    """Declare the commands."""
    user = commands.add_parser("user", help="people who may log in", description="People who may log in.")
    actions = user.add_subparsers(title="commands", metavar="COMMAND", required=True)
    parser = actions.add_parser(
        "add",
        help="give somebody a login",
        description="Gives somebody a login to /admin/. Without --password-file a random password is made and "
        "printed once.",
    )
    parser.add_argument("email", metavar="EMAIL", help="the mail address, which is the login's name")
    parser.add_argument("--role", required=True, choices=ROLES, metavar="ROLE", help=", ".join(ROLES))
    parser.add_argument("--password-file", type=Path, metavar="F", help="a file with the password in its first line")
    parser.set_defaults(run=run_add)
    reset = actions.add_parser(
        "reset-second-factor",
        help="forget the authenticator app of somebody whose phone is lost",
        description="Forgets the authenticator app and recovery codes of a login and ends its sessions. Where the "
        "option second_factor asks for a second step, a new one is set up at the next login.",
    )
    reset.add_argument("email", metavar="EMAIL", help="the mail address, which is the login's name")
    reset.set_defaults(run=run_reset)


def run_add(arguments: argparse.Namespace) -> int:
    """Make the user."""
    open_institute(arguments)
    from isthmus.server import logins

    given = None if arguments.password_file is None else _password_in(arguments.password_file)
    password = given or secrets.token_urlsafe(15)
    logins.add(arguments.email, role=arguments.role, password=password)
    print(f"{arguments.email} may now log in at /admin/ as {arguments.role}.")
    if given is None:
        print(f"The password, shown this once: {password}")
    return 0


def run_reset(arguments: argparse.Namespace) -> int:
    """Forget somebody's second step."""
    open_institute(arguments)
    from isthmus.server.second_factor import actions

    email = arguments.email.strip().lower()
    if actions.reset(email):
        print(f"The second step of {email} is forgotten; their sessions have ended.")
    else:
        print(f"{email} had no second step: nothing was changed.")
    return 0


def _password_in(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path} cannot be read as text ({why}): name a file with the password in it.") from error
    if not lines or not lines[0].strip():
        raise IsthmusError(f"{path} has no password in its first line: write one there, of 12 characters or more.")
    return lines[0].strip()
