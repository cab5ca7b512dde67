"""`isthmus mail resume`: what was paused goes on; a copy, or a restored institute, begins to send."""

import argparse
import getpass
from collections.abc import Iterable
from typing import Any

from isthmus.kit.errors import UsageError
from isthmus.kit.text import plural
from isthmus.server.commands.opening import open_institute, say

# Rounds of catching up: each does what fell due at once, and a piece that is released makes an alert in the next.
_MAX_ROUNDS = 100


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what `resume` takes besides the names of mailings."""
    parser.add_argument("--here", action="store_true", help="send from this machine and directory from now on")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--again", action="store_true",
        help="after a restore: also what fell due between backup and restore, which the original probably sent",
    )  # fmt: skip
    choice.add_argument(
        "--only-new", action="store_true", help="after a restore: nothing that the original may have sent"
    )


def run(arguments: argparse.Namespace) -> int:
    """Go on."""
    open_institute(arguments, upgrade=True)
    from isthmus.kit import clock
    from isthmus.mailing import copies, relays, since_backup, ways_out

    now, origin = clock.now(), since_backup.origin()
    if (arguments.again or arguments.only_new) and origin is None:
        raise UsageError("--again and --only-new choose among what waits in a restored institute, and this is none.")
    relays.try_now(ways_out.transport().name, now=now)
    if origin is not None:
        return _begin_here(arguments, origin)
    n = 0
    if arguments.here:
        n = copies.accept(by=_by(), now=now)
        say("Mail is sent from here from now on.")
    elif not copies.may_send(now):
        raise UsageError(
            "This is a copy of the institute: if the other sends no more, write `isthmus mail resume --here`."
        )
    if arguments.mailings or not arguments.here:
        n += sum(_resumed(mailing, now) for mailing in _wanted(arguments.mailings))
    print(f"{plural(n, 'mailing goes', 'mailings go')} on.")
    return 0


def _begin_here(arguments: argparse.Namespace, origin: Any) -> int:
    """A restored institute begins to send: first everything that fell due is made, so that it is known and held."""
    from isthmus.kit import clock
    from isthmus.mailing import copies, since_backup
    from isthmus.mailing.since_backup import Since
    from isthmus.publications.audit import actions as audit
    from isthmus.publications.audit.kinds import Act

    if arguments.mailings:
        raise UsageError("This institute was restored: `isthmus mail resume` without a name first, then by name.")
    _catch_up()
    doubts = since_backup.doubts(origin)
    wanted = {Since.NEW} if arguments.only_new else {Since.NEW, Since.WAITED}
    wanted |= {Since.MISSED} if arguments.again else set()
    n = copies.accept(by=_by(), now=clock.now(), wanted=frozenset(wanted))
    audit.note(Act.RESTORED, said=f"Of {origin.backup_at:%Y-%m-%d %H:%M} UTC; mail is sent from here from now on.")
    say(f"Restored from the backup of {origin.backup_at:%Y-%m-%d %H:%M} UTC; mail is sent from here from now on.")
    print(f"{plural(n, 'mailing goes', 'mailings go')} on.")
    waited, missed = doubts[Since.WAITED], doubts[Since.MISSED]
    if waited.n_people:
        what = "stay held" if arguments.only_new else "go now; those that the original sent too bear the same number"
        print(f"{plural(waited.n_people, 'message', 'messages')} that waited when it was backed up {what}.")
    if missed.n_mailings:
        n_missed = plural(missed.n_mailings, "mailing", "mailings")
        what = "go again" if arguments.again else "stay held, as the original has probably sent them"
        print(f"{n_missed} to {plural(missed.n_people, 'person', 'people')}, due before the restore: {what}.")
    return 0


def _catch_up() -> None:
    """Do what the worker would do first, or it would come after the question whether it shall be sent."""
    from isthmus.kit import clock
    from isthmus.mailing import alerts, campaigns, digests
    from isthmus.publications import actions

    for _ in range(_MAX_ROUNDS):
        n = actions.release_due(clock.now()) + alerts.tick() + campaigns.start_due(clock.now()) + digests.tick()
        if not n:
            return


def known(keys: Iterable[str]) -> list[str]:
    """These keys, if there are such mailings. Raises: UsageError."""
    from isthmus.mailing.models import Mailing

    keys = list(keys)
    there = set(Mailing.objects.filter(key__in=keys).values_list("key", flat=True))
    if missing := [key for key in keys if key not in there]:
        raise UsageError(f"There is no mailing {missing[0]!r}: `isthmus mail status` lists those under way.")
    return keys


def _by() -> str:
    return f"{getpass.getuser()} at the command line"


def _wanted(keys: list[str]) -> list[Any]:
    """Those named, else all that are paused or held but for what a restored institute left for a person to decide."""
    from isthmus.mailing.models import Mailing
    from isthmus.mailing.since_backup import LEFT

    rows = Mailing.objects.defer("message")
    if keys:
        return list(rows.filter(key__in=known(keys)))
    waiting = rows.filter(state__in=[Mailing.State.PAUSED, Mailing.State.HELD])
    return list(waiting.exclude(state=Mailing.State.HELD, held_because__startswith=LEFT))


def _resumed(mailing: Any, now: Any) -> bool:
    """A campaign that never began has to be begun; everything else goes on where it stopped."""
    from isthmus.mailing import campaigns, ledger

    if mailing.campaign is None:
        return ledger.resume(mailing)
    campaigns.resume(mailing, now=now)
    return True
