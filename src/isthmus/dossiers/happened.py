"""The days of what a piece's readers may see as an occurrence: for the search by the date of what happened.

Public is what stands on a sentence about an open subject, with a date that may stand unattended or that an editor
accepted. Whoever changes that, by a ruling or by opening a dossier, says so in the journal, so that the search follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeAlias

from django.db.models import Q

from isthmus.dossiers.extract import Grade
from isthmus.dossiers.models import Occurrence, Ruling, Subject
from isthmus.publications import journal, visibility

UNATTENDED = (Grade.STATED, Grade.FROM_PUBLICATION)

Days: TypeAlias = Mapping[int, frozenset[tuple[date, date]]]
"""By the publication's number its public stretches: the first day, and the day after the last."""

# A day, its month, its year, as ISO writes them.
_TOKEN_CHARS = (10, 7, 4)
# What decides whether an entry is shown; being told as one with others does not.
_DECIDES = (Ruling.What.ACCEPTED, Ruling.What.CORRECTED, Ruling.What.REFUSED, Ruling.What.WITHDRAWN)


def days_of(publication_ids: Collection[int]) -> Days:
    """The public stretches of these publications; those without one are left out. At most five small queries."""
    open_slugs = dict(Subject.objects.filter(is_open=True).values_list("slug", "pk"))
    if not open_slugs:
        return {}
    corrected = Ruling.objects.filter(
        about=Ruling.About.OCCURRENCE, what=Ruling.What.CORRECTED, publication__in=publication_ids
    )
    rows = Occurrence.objects.filter(
        Q(subjects__is_open=True) | Q(key__in=corrected.values("key")), text__in=publication_ids
    )
    columns = ("text_id", "key", "grade", "is_carried", "first_on", "before_on")
    found = list(rows.order_by("pk").distinct().values_list("pk", *columns))
    rulings = newest_rulings(key for _, _, key, *_ in found)
    linked = _with_open_subject(pk for pk, *_ in found)
    days: dict[int, set[tuple[date, date]]] = {}
    for pk, number, key, grade, is_carried, first_on, before_on in found:
        stretch = _stretch(rulings.get(key), (first_on, before_on), open_slugs, is_linked=pk in linked)
        is_unattended = grade in UNATTENDED and not is_carried
        if stretch and (is_unattended or _what(rulings.get(key)) in (Ruling.What.ACCEPTED, Ruling.What.CORRECTED)):
            days.setdefault(number, set()).add(stretch)
    return {number: frozenset(stretches) for number, stretches in days.items()}


def tokens_of(publication_ids: Sequence[int]) -> dict[int, list[str]]:
    """What `happened:` finds pieces by: each day, month and year that holds a public stretch of theirs whole.

    So June 2019 finds a day in June and "June 2019", and not what is only known to be of 2019.
    """
    return {number: tokens(stretches) for number, stretches in days_of(publication_ids).items()}


def tokens(stretches: Iterable[tuple[date, date]]) -> list[str]:
    """Texts such as 2019-06-12, 2019-06 and 2019, each once, in order."""
    found: set[str] = set()
    for first, before in stretches:
        start, end = first.isoformat(), (before - timedelta(days=1)).isoformat()
        found.update(start[:n_chars] for n_chars in _TOKEN_CHARS if start[:n_chars] == end[:n_chars])
    return sorted(found)


def newest_rulings(keys: Iterable[str]) -> dict[str, Ruling]:
    """The ruling that holds for each occurrence, of those that decide whether it is shown."""
    rows = Ruling.objects.filter(about=Ruling.About.OCCURRENCE, key__in=set(keys), what__in=_DECIDES)
    return {ruling.key: ruling for ruling in rows.order_by("pk")}


def journal_changes(before: Days, after: Days) -> None:
    """Append the visible pieces of which other days are public now; called in the transaction of the change."""
    changed = [number for number in {*before, *after} if before.get(number) != after.get(number)]
    append_pieces(changed)


def append_pieces(publication_ids: Iterable[int]) -> None:
    """Say in the journal that these pieces are found by other dates now; who is not visible is left out."""
    ids = sorted(visibility.visible_ids(set(publication_ids)))
    journal.append_many(journal.Change(f"pub:{number}", journal.What.REVISED) for number in ids)


def append_pieces_of(subject: Subject) -> None:
    """The same for every piece with an occurrence of the subject: whoever opens or closes a dossier calls this."""
    append_pieces(Occurrence.objects.filter(subjects=subject).order_by().values_list("text_id", flat=True).distinct())


def _with_open_subject(occurrence_ids: Iterable[int]) -> set[int]:
    rows = Occurrence.objects.filter(pk__in=list(occurrence_ids), subjects__is_open=True)
    return set(rows.order_by().values_list("pk", flat=True))


def _what(ruling: Ruling | None) -> str:
    return ruling.what if ruling else ""


def _stretch(
    ruling: Ruling | None, mined: tuple[date, date], open_slugs: Mapping[str, int], *, is_linked: bool
) -> tuple[date, date] | None:
    """The days as they hold; None if it is refused or about no open subject."""
    if _what(ruling) == Ruling.What.REFUSED:
        return None
    values: dict[str, Any] = ruling.values if ruling and ruling.what == Ruling.What.CORRECTED else {}
    is_open = any(slug in open_slugs for slug in values["subjects"]) if "subjects" in values else is_linked
    if not is_open:
        return None
    first, before = values.get("first_on"), values.get("before_on")
    return (date.fromisoformat(first), date.fromisoformat(before)) if first and before else mined
