"""`isthmus mail`: how sending stands, to stop it and to go on, people from a list, and mail that comes back."""

import argparse
import json
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from isthmus.kit.errors import UsageError
from isthmus.kit.progress import progress
from isthmus.kit.text import plural
from isthmus.server.commands import mail_bounce, mail_resume
from isthmus.server.commands.opening import open_institute, say

_SHOWN = 10


def add(commands: Any) -> None:
    """Declare the commands."""
    mail = commands.add_parser("mail", help="the mailing list", description="The mailing list.")
    actions = mail.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, run, told in _ACTIONS:
        parser = actions.add_parser(name, help=told, description=f"{told[0].upper()}{told[1:]}.")
        parser.set_defaults(run=run)
        if name in ("status", "pause", "resume"):
            parser.add_argument("mailings", nargs="*", metavar="MAILING", help="such as alert:pub:17; by default all")
        if name in ("status", "send", "import"):
            parser.add_argument("--json", action="store_true", help="answer as JSON")
        if name == "resume":
            mail_resume.add_options(parser)
        if name == "import":
            parser.add_argument("path", type=Path, metavar="CSV", help="the list, with a line of column names")
            parser.add_argument("--report", type=Path, metavar="FILE", help="write the whole report as JSON to a file")
    mail_bounce.add(actions)


def _status(arguments: argparse.Namespace) -> int:
    open_institute(arguments)
    from isthmus.kit import clock
    from isthmus.mailing.standing import standing

    found = standing(mail_resume.known(arguments.mailings), now=clock.now())
    if arguments.json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
        return 0
    paused = f"is paused until {found.paused_until} ({found.relay_said})" if found.paused_until else "is in use"
    print(f"The way out, {found.relay}, {paused}.")
    _print_place(found)
    if found.n_uncertain:
        print(f"{plural(found.n_uncertain, 'delivery is', 'deliveries are')} uncertain.")
    for line in found.mailings:
        numbers = ", ".join(f"{n} {state}" for state, n in line.counts.items() if n)
        print(f"{line.key}  {line.state}  {line.n_candidates} people: {numbers or 'nobody'}")
        if line.held_because:
            print(f"    {line.held_because}")
    if not found.mailings:
        print("No mailing is under way.")
    return 0


def _print_place(found: Any) -> None:
    restored = found.restored
    if restored is None and not found.is_accepted_here:
        print("This is a copy, which sends nothing until `isthmus mail resume --here`.")
    if restored is None:
        return
    print(f"This was restored from the backup of {restored.backup_at} and sends nothing until `isthmus mail resume`.")
    waited = plural(restored.n_people_waited, "message", "messages")
    print(f"  {waited} waited when it was backed up; the original may have sent them since (--only-new leaves them).")
    missed = plural(restored.n_mailings_missed, "mailing", "mailings")
    people = plural(restored.n_people_missed, "person", "people")
    print(f"  {missed} to {people} fell due between it and the restore (--again sends them).")


def _send(arguments: argparse.Namespace) -> int:
    open_institute(arguments, upgrade=True)
    from isthmus.mailing import sending
    from isthmus.publications.audit import actions as audit
    from isthmus.publications.audit.kinds import Act
    from isthmus.server.worker import Stop

    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    with progress(None, "handed over") as tick:
        n = sending.sender().run_dry(stop, on_progress=_from_totals(tick))
    if n:
        audit.note(Act.HANDED_OVER, said=plural(n, "message", "messages"))
    if arguments.json:
        print(json.dumps({"n_handed_over": n}))
    else:
        print(f"{plural(n, 'message was', 'messages were')} handed over.")
    return 0


def _pause(arguments: argparse.Namespace) -> int:
    open_institute(arguments, upgrade=True)
    from isthmus.mailing import ledger
    from isthmus.mailing.models import Mailing

    wanted = _mailings(arguments.mailings, [Mailing.State.SENDING])
    n = sum(ledger.pause(mailing) for mailing in wanted)
    print(f"{plural(n, 'mailing is', 'mailings are')} paused.")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    if not arguments.path.is_file():
        raise UsageError(f"{arguments.path} is not there: give the path of a CSV file.")
    open_institute(arguments, upgrade=True)
    from isthmus.kit import clock
    from isthmus.mailing import moving_in

    with progress(None, "read") as tick:
        report = moving_in.move_in(arguments.path, now=clock.now(), progress=_from_totals(tick))
    found = report.as_json()
    if arguments.report:
        arguments.report.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(report.summary())
        for one in found["skipped"][:_SHOWN]:
            say(f"skipped {one['id']} ({one['where']}): {one['reason']}")
        if len(found["skipped"]) > _SHOWN:
            say(f"and {len(found['skipped']) - _SHOWN} more; --report FILE names each.")
    counts = found["counts"]
    return 0 if counts["created"] + counts["updated"] + counts["unchanged"] else 1


def _rotate(arguments: argparse.Namespace) -> int:
    open_institute(arguments)
    from django.conf import settings

    from isthmus.mailing import links
    from isthmus.publications.audit import actions as audit
    from isthmus.publications.audit.kinds import Act

    keys = links.rotate(settings.DATA / "secrets")
    audit.note(Act.KEYS_ROTATED, said=f"Mail is signed with key {keys[0].number} from now on.")
    print(f"Links and return addresses are signed with key {keys[0].number} from now on.")
    print(
        f"{plural(len(keys) - 1, 'older key reads', 'older keys read')} what was signed before; keep them in backups."
    )
    return 0


def _from_totals(tick: Callable[[int], None]) -> Callable[[int], None]:
    """Takes how many there are so far, and tells `tick` how many more these are."""
    n_told = 0

    def told(n: int) -> None:
        nonlocal n_told
        tick(n - n_told)
        n_told = n

    return told


def _mailings(keys: Iterable[str], states: list[Any]) -> list[Any]:
    from isthmus.mailing.models import Mailing

    if named := mail_resume.known(keys):
        return list(Mailing.objects.filter(key__in=named).defer("message"))
    return list(Mailing.objects.filter(state__in=states).defer("message"))


_ACTIONS = (
    ("status", _status, "say how sending stands"),
    ("send", _send, "hand over what is due now, and end"),
    ("pause", _pause, "stop sending; what is on the wire ends, the rest waits"),
    ("resume", mail_resume.run, "go on with what was paused or held; after a restore, begin to send"),
    ("import", _import, "bring in people with their consents from a CSV file"),
    ("rotate", _rotate, "sign links with a new key; those in mails already sent stay good"),
)
