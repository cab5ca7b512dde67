"""Single costs inside a process that has Django: a release, an admin POST, a page."""

from __future__ import annotations

import itertools
import random
import statistics
import time
from functools import cache

import admin_release
import measure
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from isthmus.publications import actions, roles, visibility
from isthmus.publications.models import Byline, Person, Publication, Series, User

_number = itertools.count(1)
_TEXT = "<h2>Section</h2>" + "<p>The two sides met in Ostrand and parted without a text.</p>" * 40


@cache
def _series_and_author() -> tuple[Series, Person]:
    """Made before anything is measured."""
    series, _ = Series.objects.get_or_create(title="Bench series")
    person, _ = Person.objects.get_or_create(name="Bench Author")
    return series, person


def release_one() -> None:
    """Create a piece with an author in a series and release it, as importer, API and admin do."""
    series, person = _series_and_author()
    piece = Publication(title=f"Bench piece {next(_number)}", series=series, body=[("text", _TEXT)])
    piece.bylines = [Byline(person=person)]
    actions.release(piece)


def page_cost(chance: random.Random, *, n: int = 200) -> tuple[float, int]:
    """Median CPU time in ms and the most queries of `n` random publication pages through middleware and view.

    Each page is asked for twice: counting queries makes SQLite write out every statement, which is not the page's cost.
    """
    numbers = list(visibility.publications().order_by("pk").values_list("pk", flat=True))
    some = Publication.objects.select_related("series").filter(pk__in=chance.sample(numbers, min(n, len(numbers))))
    paths = [piece.path for piece in some]
    client, taken, most = Client(), [], 0
    client.get(paths[0])
    for path in paths:
        before = time.process_time()
        answer = client.get(path)
        taken.append(time.process_time() - before)
        assert answer.status_code == 200, path
    for path in paths:
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        most = max(most, len(queries))
    return statistics.median(taken) * 1000, most


def admin_post_ms(*, times: int = 20) -> float:
    """Median CPU time of the admin's create form sent with Publish, logged in as a publisher."""
    bob = User.objects.create_user(email="bench@isthmus.example", password="only for this bench")
    roles.assign(bob, "publisher")
    client = Client()
    client.force_login(bob)

    def post() -> None:
        answer = client.post("/admin/publications/add/", admin_release.form(f"Admin piece {next(_number)}"))
        assert answer.status_code == 302, answer.context["form"].errors

    post()
    return measure.cpu_ms(post, times=times)
