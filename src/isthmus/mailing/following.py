"""What forms offer to follow: everything, a series, a person, a category, a dossier, as far as the public may see it.

A subject is named as the journal names it (`series:2`); a followed search is one too, see `searches`. What a
piece belongs to: `reasons`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from isthmus.kit.errors import UsageError
from isthmus.mailing import dossiers, searches
from isthmus.mailing.models import Subscription
from isthmus.mailing.models.people import EVERYTHING
from isthmus.publications import visibility
from isthmus.search.saved import QuestionInvalid

# What one person may follow; far more than anybody wants, and few enough for every statement.
MAX_CHOICES = 200
_SUBJECT = re.compile(r"(series|person|category|subject):([0-9]{1,18})", re.ASCII)

Choice = tuple[str, str]


class ChoiceInvalid(UsageError):
    """Something that cannot be followed, or a pace that there is not; the sentence says which."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing a form offers. label: in a list under its heading, such as `The Peninsula`."""

    subject: str
    label: str


@dataclass(frozen=True, slots=True)
class OfferGroup:
    """Offers under one heading, such as `Series`."""

    heading: str
    offers: list[Offer]


def offered() -> list[OfferGroup]:
    """All that a visitor may follow besides everything, as the gate shows it: five queries. No group is empty."""
    series = [Offer(f"series:{pk}", title) for pk, title in visibility.series().values_list("pk", "title")]
    rows = sorted(visibility.categories(), key=lambda row: (row.axis.position, row.axis.label, row.label))
    axes = [
        OfferGroup(label, [Offer(f"category:{row.pk}", row.label) for row in axis])
        for label, axis in itertools.groupby(rows, key=lambda row: row.axis.label)
    ]
    people = visibility.people().order_by("sort_name", "name").values_list("pk", "name")
    open_dossiers = dossiers.visible().order_by("name", "pk").values_list("pk", "name")
    groups = [
        OfferGroup("Series", series),
        *axes,
        OfferGroup("People", [Offer(f"person:{pk}", name) for pk, name in people]),
        OfferGroup("Dossiers", [Offer(f"{dossiers.PREFIX}{pk}", name) for pk, name in open_dossiers]),
    ]
    return [group for group in groups if group.offers]


def checked(choices: Iterable[Choice], *, already: Iterable[str] = ()) -> list[Choice]:
    """The choices, each subject once with its last pace, if all of them may be followed.

    already: subjects the person follows, which stay although they may be offered no more. Searches are chosen as
    wishes: whoever has only the number of a search may not learn by it what others follow.
    Raises: ChoiceInvalid.
    """
    last = _last(choices)
    if len(last) > MAX_CHOICES:
        raise ChoiceInvalid(f"Only {MAX_CHOICES} things can be followed at a time: choose fewer, or everything.")
    for pace in last.values():
        if pace not in Subscription.Pace.values:
            raise ChoiceInvalid(f"“{pace[:40]}” is no pace: choose at_once, daily or weekly.")
    n_searches = sum(searches.is_search(subject) for subject in last)
    if n_searches > searches.MAX_A_PERSON:
        raise ChoiceInvalid(f"Only {searches.MAX_A_PERSON} searches can be followed at a time: let go of one first.")
    wishes = {subject for subject in last if subject.startswith(searches.WISH)}
    strange = set(last) - wishes - {EVERYTHING, *already} - _visible(last)
    if strange:
        raise ChoiceInvalid(f"“{min(strange)[:60]}” cannot be followed: choose from the list on the page /subscribe/.")
    return list(last.items())


def _last(choices: Iterable[Choice]) -> dict[str, str]:
    try:
        return {searches.checked(subject): pace for subject, pace in choices}
    except QuestionInvalid as error:
        raise ChoiceInvalid(str(error)) from error


def names(subjects: Iterable[str]) -> dict[str, str]:
    """What subjects are called, such as `The Peninsula`; what the public may not see (any more) has no name."""
    wanted = set(subjects)
    found = {EVERYTHING: "Everything we publish"} if EVERYTHING in wanted else {}
    found |= searches.names(wanted)
    for kind, ids in _ids_by_kind(wanted).items():
        rows = _records(kind).filter(pk__in=ids).values_list("pk", _NAMES[kind])
        found |= {f"{kind}:{pk}": _called(kind, label) for pk, label in rows}
    return found


def _called(kind: str, label: str) -> str:
    """By the name alone nobody could tell the dossier on a person from what the person wrote."""
    return f"the dossier on {label}" if kind == dossiers.KIND else label


def at_addresses(paths: Iterable[str]) -> dict[str, str]:
    """The subjects that pages of the site are about, by the root-relative address that links to them.

    So that the form under a piece needs no more than the links that stand on it. Strange addresses are left out.
    """
    found: dict[str, str] = {}
    for path in paths:
        parts = [unquote(part) for part in path.strip("/").split("/")]
        match parts:
            case [slug] if slug:
                row, kind = visibility.series().filter(slug=slug).first(), "series"
            case ["people", slug]:
                row, kind = visibility.people().filter(slug=slug).first(), "person"
            case ["categories", axis, slug]:
                row, kind = visibility.categories().filter(axis__slug=axis, slug=slug).first(), "category"
            case ["dossiers", slug]:
                row, kind = dossiers.visible().filter(slug=slug).first(), dossiers.KIND
            case _:
                continue
        if row is not None:
            found[path] = f"{kind}:{row.pk}"
    return found


def _visible(subjects: Iterable[str]) -> set[str]:
    return {
        f"{kind}:{pk}"
        for kind, ids in _ids_by_kind(subjects).items()
        for pk in _records(kind).filter(pk__in=ids).values_list("pk", flat=True)
    }


_NAMES = {"series": "title", "person": "name", "category": "label", dossiers.KIND: "name"}


def _records(kind: str) -> Any:
    gates = {
        "series": visibility.series,
        "person": visibility.people,
        "category": visibility.categories,
        dossiers.KIND: dossiers.visible,
    }
    return gates[kind]().order_by()


def _ids_by_kind(subjects: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for subject in subjects:
        if match := _SUBJECT.fullmatch(subject):
            found.setdefault(match[1], []).append(int(match[2]))
    return found
