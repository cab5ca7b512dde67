"""What readers searched, and what of it found nothing: words and how often, of nobody and of no hour.

Web processes append a line to a file (`note`), since a GET writes nothing to the database; the worker folds the file
into a row for each month and question (`fold`). A crash may lose a minute of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils.dateparse import parse_date

from isthmus.kit import clock, counter_files, text
from isthmus.kit.agents import is_program
from isthmus.search.models import SearchedWords

MAX_CHARS = 100
# A line is some 30 bytes: 100,000 searches between two rounds of the worker, which come each minute.
MAX_FILE_BYTES = 3_000_000
# Questions of one month that are kept, the most asked first; half as many more before it is tidied up.
KEPT_A_MONTH, _TIDY_ABOVE = 2_000, 3_000
# Questions taken from one file: what more there is was asked less often, and mostly by a program.
_MAX_FOLDED = 2_000
_KEPT_MONTHS = 13
# A month that is over says what is asked again and again; what one person asked once is not kept with it.
_SINGLES_KEPT = timedelta(days=62)

# A floor, not a filter of persons: what nobody types by the thousand and may say who typed it. Nine digits with signs
# between are a telephone number; eight are two years or a day, which readers of an archive do type.
_LOOKS_PERSONAL = re.compile(r"@|://|[0-9]{7,}|(?:[0-9][ ./()_-]{0,2}){9,}|[^\s]{41,}")
_NOT_IN_WORDS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_UPSERT = """
    INSERT INTO {table} (month, words, n_asked, n_unfound) VALUES (%s, %s, %s, %s)
    ON CONFLICT (month, words) DO UPDATE SET
        n_asked = {table}.n_asked + excluded.n_asked, n_unfound = {table}.n_unfound + excluded.n_unfound
"""


def note(query_text: str, total: int, *, agent: str = "", page: int = 1) -> None:
    """Count one search of a reader, in some 20 µs; never raises, never waits, and writes nothing to the database.

    Called by the page of results for a question without filters, after it was answered. total: how many were located.
    agent: what the browser calls itself; programs do not count, nor do further pages of the same hits.
    Nothing is counted while the file is full, or the disk, or where the words may say who typed them.
    """
    with suppress(Exception):
        words = _words(query_text)
        if words and page == 1 and not is_program(agent):
            line = f"{clock.now():%Y-%m-%d}\t{int(total == 0)}\t{words}\n".encode()
            counter_files.append(_path(), line, max_bytes=MAX_FILE_BYTES)


def fold(now: datetime) -> int:
    """Count what was noted since the last time into the table; how many searches. Called by the worker each minute.

    The file goes in the transaction's last step, so that nothing counts twice; a crash just then loses its lines.
    """
    return counter_files.fold(_path(), lambda taken: _fold(taken, now))


def prune(now: datetime) -> int:
    """Forget months over a year past, and what was asked once in a month that is over; how many rows went."""
    old = _month(now.date() - timedelta(days=31 * _KEPT_MONTHS))
    n, _ = SearchedWords.objects.filter(month__lt=old).delete()
    singles = SearchedWords.objects.filter(month__lt=_month((now - _SINGLES_KEPT).date()), n_asked=1)
    return n + singles.delete()[0]


@dataclass(frozen=True, slots=True)
class _Asked:
    month: date
    words: str


def _path() -> Path:
    return Path(settings.DATA) / "counters" / "searched.log"


def _words(typed: str) -> str:
    """The question as it is counted: folded, on one line; empty where it must not be kept."""
    words = text.fold(text.collapse(_NOT_IN_WORDS.sub(" ", typed[: 4 * MAX_CHARS])))
    return "" if len(words) > MAX_CHARS or _LOOKS_PERSONAL.search(words) else words


def _fold(taken: Path, now: datetime) -> int:
    searched, unfound = _counted(taken.read_bytes()[:MAX_FILE_BYTES].decode("utf-8", "replace").split("\n"), now)
    most = searched.most_common(_MAX_FOLDED)
    with transaction.atomic():
        with connection.cursor() as cursor:
            statement = _UPSERT.format(table=SearchedWords._meta.db_table)
            cursor.executemany(statement, [(asked.month, asked.words, n, unfound[asked]) for asked, n in most])
        for month in {asked.month for asked, _ in most}:
            _tidy(month)
        taken.unlink()
    return sum(searched.values())


def _counted(lines: Iterable[str], now: datetime) -> tuple[Counter[_Asked], Counter[_Asked]]:
    """How often each question was asked, and how often without finding anything; what is no line of ours is skipped."""
    searched: Counter[_Asked] = Counter()
    unfound: Counter[_Asked] = Counter()
    for line in lines:
        day, _, rest = line.partition("\t")
        is_unfound, _, words = rest.partition("\t")
        asked = _asked(day, words, now)
        if asked is not None:
            searched[asked] += 1
            unfound[asked] += is_unfound == "1"
    return searched, unfound


def _asked(day: str, words: str, now: datetime) -> _Asked | None:
    try:
        on = parse_date(day)
    except ValueError:
        return None
    if on is None or not words or len(words) > MAX_CHARS or abs(now.date() - on) > timedelta(days=31):
        return None
    return _Asked(_month(on), words)


def _tidy(month: date) -> None:
    """Keep the table bounded: of a month with very many questions the most asked stay."""
    rows = SearchedWords.objects.filter(month=month)
    if rows.count() > _TIDY_ABOVE:
        kept = rows.order_by("-n_asked", "-n_unfound", "pk").values_list("pk", flat=True)[:KEPT_A_MONTH]
        rows.exclude(pk__in=list(kept)).delete()


def _month(day: date) -> date:
    return day.replace(day=1)
