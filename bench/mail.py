"""What sending costs: 100,000 personal messages of 30 kB to smtp-sink, and what smtp-source reaches meanwhile.

Run: python bench/mail.py [--people 100000] [--connections 40] [--record]. Works in a directory of its own and leaves
nothing. Needs postfix's smtp-sink and smtp-source (Debian: apt install postfix; it need not run).
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import measure

_MESSAGE_BYTES = 30_000
_PEOPLE_AT_ONCE = 2_000


def main() -> None:
    """Print the table; with --record, keep it in RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=40)
    parser.add_argument("--record", action="store_true", help="write the figures into bench/RESULTS.md")
    options = parser.parse_args()
    if not all(shutil.which(name, path=_path()) for name in ("smtp-sink", "smtp-source")):
        sys.exit("bench/mail.py: smtp-sink and smtp-source are not here: apt install postfix (it need not run).")
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as directory:
        rows = measured(Path(directory), options.people, options.connections)
    if options.record:
        print(measure.record("Mail", "make bench-mail", rows))
    else:
        print("\n".join(f"{what}: {figure}" + (f" (wanted: {goal})" if goal else "") for what, figure, goal in rows))


def measured(directory: Path, n_people: int, n_connections: int) -> list[tuple[str, str, str]]:
    """Every figure as (what, figure, wanted)."""
    with sink() as port:
        _set_up(directory, port, n_connections)
        add_people(n_people)
        before = source_per_s(port, n_people // 2)
        campaign_s = prepare("campaign", "campaign:1:1", None)
        alert_s = prepare("alert", "alert:pub:17", 17)
        sending_s, cpu_s = send(n_people)
        after = source_per_s(port, n_people // 2)
    per_s, source = n_people / sending_s, (before + after) / 2
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size_kb = _MESSAGE_BYTES // 1000
    return [
        (f"{n_people} personal messages of {size_kb} kB, {n_connections} connections, a durable ledger",
         f"{per_s:.0f} a second, {cpu_s / n_people * 1e6:.0f} µs CPU each", "1000 a second"),
        ("smtp-source with 8 sessions, before and after", f"{before:.0f} and {after:.0f} a second", ""),
        ("ratio to smtp-source", f"{per_s / source:.2f}", ""),
        ("memory of the process, at most", f"{memory_mb:.0f} MB", "300 MB"),
        (f"prepare a campaign for {n_people} people", f"{campaign_s:.1f} s", "2 s"),
        (f"prepare an alert for {n_people} followers, with who was told", f"{alert_s:.1f} s", "3 s"),
    ]  # fmt: skip


@contextmanager
def sink() -> Iterator[int]:
    """The port of a server that takes everything and keeps nothing."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "1000"], env=_environment())
    try:
        _until_it_answers(port)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def source_per_s(port: int, n: int) -> float:
    """Messages of the same size a second by postfix's own client."""
    began = time.monotonic()
    command = ["smtp-source", "-s", "8", "-l", str(_MESSAGE_BYTES), "-m", str(n), "-f", "news@institute.example"]
    subprocess.run([*command, "-t", "carol@example.org", f"127.0.0.1:{port}"], check=True, env=_environment())
    return n / (time.monotonic() - began)


def _set_up(directory: Path, port: int, n_connections: int) -> None:
    (directory / "data" / "secrets").mkdir(parents=True)
    os.environ |= {
        "ISTHMUS_DIR": str(directory), "DJANGO_SETTINGS_MODULE": "isthmus.server.settings",
        "ISTHMUS_MAIL_SERVER": f"smtp://127.0.0.1:{port}", "ISTHMUS_MAIL_FROM": "news@institute.example",
        "ISTHMUS_MAIL_CONNECTIONS": str(n_connections),
    }  # fmt: skip
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)

    from isthmus.publications import setup

    setup.prepare_site("The Merrow Institute")


def add_people(n: int) -> None:
    """So many confirmed followers of everything."""
    from django.db import transaction

    from isthmus.kit import clock
    from isthmus.kit.bulk import insert_many
    from isthmus.mailing.models import Subscriber, Subscription

    now = clock.now() - timedelta(days=1)
    for first in range(0, n, _PEOPLE_AT_ONCE):
        people = [
            Subscriber(
                email=f"carol{i}@example.org", email_key=f"carol{i}@example.org", domain="example.org",
                address_hash=sha256(str(i).encode()).hexdigest(), state="confirmed", created_at=now, confirmed_at=now,
            )
            for i in range(first, min(first + _PEOPLE_AT_ONCE, n))
        ]  # fmt: skip
        with transaction.atomic():
            insert_many(people)
            insert_many([
                Subscription(subscriber=one, subject="everything", pace="at_once", created_at=now, confirmed_at=now)
                for one in people
            ])  # fmt: skip


def prepare(kind: str, key: str, piece: int | None) -> float:
    """Seconds to freeze an audience of all of them. The first, a campaign, is then put aside."""
    from isthmus.kit import clock
    from isthmus.mailing import ledger, message
    from isthmus.mailing.models import Mailing
    from isthmus.mailing.splicing import Letter, Marks

    now, marks = clock.now(), Marks.new()
    mailing = Mailing.objects.create(key=key, kind=kind, title="Ardor Fades", created_at=now, starts_at=now)
    words = "The relationship between the two countries has been cordial, as it has to be across a narrow sea. "
    html = f"<p>{marks.becausehtml}</p>" + f"<p>{words * 4}</p>" * (_MESSAGE_BYTES // 2 // len(words) // 4)
    text = f"{marks.becausetext}\n\n" + f"{words}\n" * (_MESSAGE_BYTES // 2 // len(words))
    message.freeze(mailing, message.built(Letter("Ardor Fades", html, text, marks, "alerts", "Alerts")))
    began = time.monotonic()
    ledger.prepare(mailing, subjects=["everything"], paces=["at_once"], publication_id=piece, now=now)
    taken = time.monotonic() - began
    if kind == "campaign":
        ledger.pause(mailing)
    return taken


def send(n: int) -> tuple[float, float]:
    """Seconds, and CPU seconds of this process, until the ledger says that all were submitted."""
    from isthmus.mailing import ledger, sending
    from isthmus.mailing.models import Delivery, Mailing

    began, cpu_began = time.monotonic(), time.process_time()
    sending.sender().run_dry(_Never())
    taken, cpu = time.monotonic() - began, time.process_time() - cpu_began
    mailing = Mailing.objects.get(key="alert:pub:17")
    counts: dict[str, Any] = ledger.counts(mailing)
    if counts["submitted"] != n or mailing.state != "finished":
        example = Delivery.objects.exclude(state="submitted").values("state", "reply").first()
        sys.exit(f"bench/mail.py: not all were sent: {counts}, {example}")
    return taken, cpu


class _Never:
    """No wish to stop."""

    is_set = False

    def wait(self, seconds: float) -> None:
        """Rest."""
        threading.Event().wait(seconds)


def _until_it_answers(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("bench/mail.py: smtp-sink does not answer.")


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin"


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": _path()}


if __name__ == "__main__":
    main()
