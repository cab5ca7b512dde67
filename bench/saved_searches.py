"""What a new piece costs when thousands of searches are followed: matching them, and the alert with its people.

Run: python bench/saved_searches.py [--searches 5000] [--record]. Works in a directory of its own and leaves nothing.
`bench/search_speed.py` takes `measured` into its table.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import measure
from bench.generated import SYLLABLES

_KINDS = ("post", "paper", "report")
_DRAWN = random.Random(7)
WORDS = ["".join(_DRAWN.choices(SYLLABLES, k=_DRAWN.randint(2, 4))) for _ in range(800)]
_N_DIGEST = 20


def main() -> None:
    """Print the table; with --record, keep it in RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--searches", type=int, default=5_000)
    parser.add_argument("--record", action="store_true", help="write the figures into bench/RESULTS.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as directory:
        set_up(Path(directory))
        rows = measured(options.searches)
    if options.record:
        print(measure.record("Followed searches", "python bench/saved_searches.py", rows))
    else:
        print("\n".join(f"{what}: {figure}" + (f" (wanted: {goal})" if goal else "") for what, figure, goal in rows))


def set_up(directory: Path) -> None:
    """An empty institute in a directory."""
    (directory / "data" / "secrets").mkdir(parents=True)
    os.environ |= {"ISTHMUS_DIR": str(directory), "DJANGO_SETTINGS_MODULE": "isthmus.server.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)

    from isthmus.publications import setup

    setup.prepare_site("The Merrow Institute")


def questions(n: int) -> Iterator[str]:
    """So many different searches as readers follow them, canonical: words, phrases, more words, a chosen kind."""
    from isthmus.search import saved

    drawn, seen = random.Random(4), set()
    while len(seen) < n:
        words = drawn.sample(WORDS, drawn.choice((1, 2, 2, 3, 5)))
        typed = f'"{" ".join(words)}"' if drawn.random() < 0.15 else " ".join(words)
        chosen = {"kind": drawn.choice(_KINDS)} if drawn.random() < 0.2 else {}
        written = saved.canonical(urlencode({"q": typed, **chosen}))
        if written not in seen:
            seen.add(written)
            yield written


def measured(n: int) -> list[tuple[str, str, str]]:
    """Every figure as (what, figure, wanted), in an institute that is set up; CPU time of this process."""
    from isthmus.publications import documents
    from isthmus.search import saved

    pieces = [_piece(number) for number in range(_N_DIGEST)]
    found = list(documents.documents(pieces))
    wanted = list(questions(n))
    hits, one_s = _timed(lambda: saved.matching(found[0], wanted))
    _, many_s = _timed(lambda: saved.matches(found, wanted))
    _follow(wanted)
    told, alert_s = _timed(_alerted)
    return [
        (f"{n:,} searches against one piece, of which {len(hits)} find it", f"{one_s:.2f} s", "2 s"),
        (f"{n:,} searches against the {_N_DIGEST} pieces of a digest", f"{many_s:.2f} s", ""),
        (f"a release followed by {n:,} searches, to {told} people told of it", f"{alert_s:.2f} s", ""),
    ]


def _timed(call: Callable[[], object]) -> tuple[object, float]:
    before = time.process_time()
    result = call()
    return result, time.process_time() - before


def _piece(number: int) -> int:
    from isthmus.publications import actions
    from isthmus.publications.models import Publication

    drawn = random.Random(number)
    body = "".join(f"<p>{' '.join(drawn.choices(WORDS, k=90))}.</p>" for _ in range(12))
    piece = Publication(title=" ".join(drawn.sample(WORDS, 6)).capitalize(), kind="post", body=[("text", body)])
    actions.save_draft(piece)
    return int(actions.release(piece).pk)


def _follow(wanted: list[str]) -> None:
    """A confirmed subscriber for each search."""
    from isthmus.kit import clock
    from isthmus.mailing import cursors, searches
    from isthmus.mailing.models import Subscriber, Subscription
    from isthmus.publications import journal

    # The pieces so far are no news to them.
    cursors.position("alerts")
    cursors.advance("alerts", journal.latest_seq())
    now = clock.now()
    for number, question in enumerate(wanted):
        name, at = f"reader{number}@example.org", {"created_at": now, "confirmed_at": now}
        person = Subscriber.objects.create(
            email=name, email_key=name, address_hash=f"{number}", domain="example.org", state="confirmed", **at
        )
        [(subject, pace)] = searches.numbered([(f"{searches.WISH}{question}", "at_once")], now=now)
        Subscription.objects.create(subscriber=person, subject=subject, pace=pace, **at)


def _alerted() -> int:
    from isthmus.mailing import alerts
    from isthmus.mailing.models import Delivery

    _piece(_N_DIGEST)
    alerts.tick()
    return Delivery.objects.count()


if __name__ == "__main__":
    main()
