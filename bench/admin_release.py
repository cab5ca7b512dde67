"""What the admin costs at the size of a real archive: create and release by one POST, the list, a search in it.

Run: python bench/admin_release.py [--rows 9166] [--rounds 20]. Works in a directory of its own and leaves nothing.
CPU milliseconds are those of this process, so other work on the machine hardly counts. Goal of the POST: 60 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_WORDS = [
    "harbour",
    "cable",
    "narrows",
    "summit",
    "grain",
    "tide",
    "register",
    "council",
    "petrel",
    "ferry",
    "quay",
    "pier",
]


def main() -> None:
    """Print one JSON object: for each measurement the median CPU and the number of queries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=9166, help="released publications to begin with")
    parser.add_argument("--rounds", type=int, default=20, help="how often each is measured; the median is printed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as directory:
        _set_up(Path(directory))
        fill(options.rows)
        print(json.dumps({"rows": options.rows, **measurements(options.rounds)}, indent=1))


def _set_up(directory: Path) -> None:
    (directory / "data").mkdir()
    os.environ["ISTHMUS_DIR"] = str(directory)
    os.environ["DJANGO_SETTINGS_MODULE"] = "isthmus.server.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)

    from isthmus.publications import finding

    # The index has measurements of its own; here only the database answers.
    finding.register(lambda query, *, limit: [])


def fill(n_rows: int) -> None:
    """Release so many generated pieces, with three hundred people and sixty categories."""
    from django.db import transaction

    from isthmus.publications import actions, setup
    from isthmus.publications.models import Byline, Category, CategoryAxis, Person, Publication, Series

    setup.prepare_site("The Merrow Institute")
    people = [Person.objects.create(name=f"{_WORDS[n % 12].title()} Person {n}") for n in range(300)]
    axis = CategoryAxis.objects.create(label="Theme", slug="theme")
    categories = [Category.objects.create(axis=axis, label=f"Theme {n}") for n in range(60)]
    series = Series.objects.create(title="The Peninsula")
    start = datetime(2009, 1, 1, tzinfo=UTC)
    for first in range(0, n_rows, 1000):
        staged = []
        for n in range(first, min(first + 1000, n_rows)):
            at = start + timedelta(hours=15 * n)
            title = f"{_WORDS[n % 12].title()} and {_WORDS[n // 12 % 12]}, note {n}"
            piece = Publication(title=title, slug=f"note-{n}", series=series if n % 3 else None, published_at=at,
                                published_on=at.date(), body=[("text", f"<p>{' '.join(_WORDS * 40)}</p>")])  # fmt: skip
            staged.append(actions.StagedPiece(piece, [Byline(person=people[n % 300])], [categories[n % 60].pk]))
        actions.stage_many(staged, run="bench")
        with transaction.atomic():
            actions.release_staged([item.piece.pk for item in staged], run="bench")


def measurements(n_rounds: int) -> dict[str, Any]:
    """Each as `{"cpu_ms", "queries"}`."""
    from django.test import Client

    from isthmus.publications import roles
    from isthmus.publications.models import User

    alice = User.objects.create_user("alice@example.org", "long enough to pass")
    roles.assign(alice, "publisher")
    browser = Client()
    browser.force_login(alice)
    index = "/admin/publications/"

    def create_and_release(n: int) -> None:
        answer = browser.post(f"{index}add/", form(f"Bench piece {n}"))
        if answer.status_code != 302:
            sys.exit(f"The form was refused: {answer.context['form'].errors}")

    def seen(address: str) -> Callable[[int], None]:
        def look(_: int) -> None:
            if browser.get(address).status_code != 200:
                sys.exit(f"{address} did not open.")

        return look

    return {
        "create and release": _measured(create_and_release, n_rounds),
        "list": _measured(seen(index), n_rounds),
        "list, last page": _measured(seen(f"{index}?p=100"), n_rounds),
        "list, search": _measured(seen(f"{index}?q=harbour+person"), n_rounds),
        "list, filters": _measured(seen(f"{index}?state=live&kind=post&year=2012"), n_rounds),
        "new form": _measured(seen(f"{index}add/"), n_rounds),
    }


def _measured(work: Callable[[int], None], n_rounds: int) -> dict[str, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    work(-2)
    work(-1)
    with CaptureQueriesContext(connection) as queries:
        work(0)
    n_queries = len(queries)
    taken = []
    for n in range(1, n_rounds + 1):
        start = time.process_time()
        work(n)
        taken.append((time.process_time() - start) * 1000)
    return {"cpu_ms": round(statistics.median(taken), 1), "queries": n_queries}


def form(title: str) -> dict[str, str]:
    """What a browser sends to create a piece with the first person and category, and to release it at once."""
    from isthmus.publications.models import Category, Person

    person, category = Person.objects.earliest("pk").pk, Category.objects.earliest("pk").pk
    paragraph = {"key": "a", "text": " ".join(_WORDS * 20), "type": "unstyled", "depth": 0}
    text = {"blocks": [{**paragraph, "inlineStyleRanges": [], "entityRanges": []}], "entityMap": {}}
    return {
        "title": title, "kind": "post", "language": "en", "summary": "One sentence.", "slug": "",
        "categories": str(category), "action-publish": "action-publish",
        "body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "text", "body-0-id": "",
        "body-0-value": json.dumps(text),
        "attachments-TOTAL_FORMS": "0", "attachments-INITIAL_FORMS": "0",
        "bylines-TOTAL_FORMS": "1", "bylines-INITIAL_FORMS": "0", "bylines-0-ORDER": "1", "bylines-0-role": "author",
        "bylines-0-person": str(person),
    }  # fmt: skip


if __name__ == "__main__":
    main()
