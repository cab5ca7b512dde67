"""`isthmus mail`: how sending stands, to stop it and to go on, people from a list, and mail that comes back."""

import argparse
import getpass
import json
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from isthmus.kit.errors import UsageError
from isthmus.kit.progress import progress
from isthmus.kit.text import plural
from isthmus.server.commands import mail_bounce
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
            parser.add_argument("--here", action="store_true", help="send from this machine and directory from now on")
        if name == "import":
            parser.add_argument("path", type=Path, metavar="CSV", help="the list, with a line of column names")
            parser.add_argument("--report", type=Path, metavar="FILE", help="write the whole report as JSON to a file")
    mail_bounce.add(actions)


def _status(arguments: argparse.Namespace) -> int:
    open_institute(arguments)
    from isthmus.kit import clock
    from isthmus.mailing.standing import standing

    found = standing(_known(arguments.mailings), now=clock.now())
    if arguments.json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
        return 0
    paused = f"is paused until {found.paused_until} ({found.relay_said})" if found.paused_until else "is in use"
    print(f"The way out, {found.relay}, {paused}.")
    if not found.is_accepted_here:
        print("This is a copy, which sends nothing until `isthmus mail resume --here`.")
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


def _resume(arguments: argparse.Namespace) -> int:
    open_institute(arguments, upgrade=True)
    from isthmus.kit import clock
    from isthmus.mailing import copies, relays, ways_out
    from isthmus.mailing.models import Mailing

    now, n = clock.now(), 0
    if arguments.here:
        n = copies.accept(by=f"{getpass.getuser()} at the command line", now=now)
        say("Mail is sent from here from now on.")
    elif not copies.may_send(now):
        raise UsageError(
            "This is a copy of the institute: if the other sends no more, write `isthmus mail resume --here`."
        )
    relays.try_now(ways_out.transport().name, now=now)
    if arguments.mailings or not arguments.here:
        wanted = _mailings(arguments.mailings, [Mailing.State.PAUSED, Mailing.State.HELD])
        n += sum(_resumed(mailing, now) for mailing in wanted)
    print(f"{plural(n, 'mailing goes', 'mailings go')} on.")
    return 0


def _resumed(mailing: Any, now: Any) -> bool:
    """A campaign that never began has to be begun; everything else goes on where it stopped."""
    from isthmus.mailing import campaigns, ledger

    if mailing.campaign is None:
        return ledger.resume(mailing)
    campaigns.resume(mailing, now=now)
    return True


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


def _known(keys: Iterable[str]) -> list[str]:
    """These keys, if there are such mailings. Raises: UsageError."""
    from isthmus.mailing.models import Mailing

    keys = list(keys)
    there = set(Mailing.objects.filter(key__in=keys).values_list("key", flat=True))
    if missing := [key for key in keys if key not in there]:
        raise UsageError(f"There is no mailing {missing[0]!r}: `isthmus mail status` lists those under way.")
    return keys


def _mailings(keys: Iterable[str], states: list[Any]) -> list[Any]:
    from isthmus.mailing.models import Mailing

    if known := _known(keys):
        return list(Mailing.objects.filter(key__in=known).defer("message"))
    return list(Mailing.objects.filter(state__in=states).defer("message"))


_ACTIONS = (
    ("status", _status, "say how sending stands"),
    ("send", _send, "hand over what is due now, and end"),
    ("pause", _pause, "stop sending; what is on the wire ends, the rest waits"),
    ("resume", _resume, "go on with what was paused or held"),
    ("import", _import, "bring in people with their consents from a CSV file"),
    ("rotate", _rotate, "sign links with a new key; those in mails already sent stay good"),
)
