"""From journal rows to the tags that go: what shows a thing, and the lists it came into, left or moved in.

A page notes what it shows as it is made (`kit.collecting`). What it does not show yet is what this works out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.conf import settings

from isthmus.dossiers.changes import EVERY_PAGE, NAMES
from isthmus.edition import queries
from isthmus.edition.page import MINED
from isthmus.edition.queries import Facts, Place
from isthmus.publications import sitemaps, visibility
from isthmus.publications.journal import What
from isthmus.publications.naming import link_tag

# More at once is an import, or an upgrade: to work out what stays would cost more than to make it anew.
_MANY_SUBJECTS, _MANY_MOVED = 300, 50
# As far back as `related` walks: the window of so many pieces after a change moved by one.
_N_WALKED = 400
# As many as `related` takes of a series, which it does not walk.
_N_IN_SERIES = 6
# More at once, and what they moved is not told one by one.
_FEW_MOVED = 5
EVERY_MINED = f"{MINED}every"


@dataclass(slots=True)
class Purge:
    """What goes. everything: all pages, whatever the tags. facts: what is known of pieces from now on, None forgets."""

    tags: set[str] = field(default_factory=set)
    everything: bool = False
    facts: dict[int, Facts | None] = field(default_factory=dict)


def numbers_of(subjects: Iterable[str], kind: str) -> list[int]:
    """The numbers in the journal's names of one kind: 17 of `pub:17`."""
    return [int(digits) for name, _, digits in (subject.partition(":") for subject in subjects) if name == kind]


def of_journal(rows: Iterable[tuple[str, str]], before: Mapping[int, Facts]) -> Purge:
    """What goes with journal rows, given as subject and what. before: the facts of their pieces at the last time."""
    told = set(rows)
    subjects = {subject for subject, _ in told}
    ids = numbers_of(subjects, "pub")
    after = queries.facts_of(ids)
    changed = [pk for pk in ids if before.get(pk) != after.get(pk)]
    purge = Purge(facts={pk: after.get(pk) for pk in changed})
    kinds = {subject.partition(":")[0] for subject in subjects}
    # Menus and footers stand on every page. What a dossier that was opened or closed is led to from is told nowhere.
    is_everywhere = any(kind == "site" or (kind == "subject" and what != What.REVISED) for kind, what in _kinds(told))
    if is_everywhere or len(subjects) > _MANY_SUBJECTS or len(changed) > _MANY_MOVED:
        purge.everything = True
        return purge
    purge.tags |= {*subjects, *(link_tag(pk) for pk in ids)}
    purge.tags |= {tag for kind in kinds for tag in _OF_KIND.get(kind, ())}
    for pk in changed:
        purge.tags |= _indexes(before.get(pk), after.get(pk))
    if changed and _n_parts_changed(changed, before, after):
        purge.tags.add("sitemap:index")
    purge.tags |= _lists(changed, before, after)
    return purge


def _n_parts_changed(changed: Collection[int], before: Mapping[int, Facts], after: Mapping[int, Facts]) -> bool:
    """Whether the sitemap has more or fewer parts than at the last time; what they hold does not stand in its index."""
    total = visibility.total()
    n_before = total - sum((pk in after) - (pk in before) for pk in changed)
    return sitemaps.n_parts(n_before) != sitemaps.n_parts(total)


def _kinds(told: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((subject.partition(":")[0], what) for subject, what in told)


# What shows all of a kind, or counts them.
_OF_KIND = {
    "pub": ("sitemap:publications",),
    "person": ("counts:people", "sitemap:pages"),
    "series": ("counts:series", "home", "sitemap:pages", "sitemap:publications"),
    "category": ("tree:categories", "counts:categories", "home", "sitemap:pages"),
}


def _indexes(before: Facts | None, after: Facts | None) -> set[str]:
    """The pages that count pieces, or show whatever has one. Pieces long hidden are in none of the two."""
    tags = {"home"}
    if any(_is_other(before, after, name) for name in ("series", "people", "categories")):
        tags.add("sitemap:pages")
    for one in filter(None, (before, after)):
        tags |= {f"later:{name}" for name in one.shares}
    if _is_other(before, after, "series"):
        tags.add("counts:series")
    if _is_other(before, after, "people"):
        tags.add("counts:people")
    if _is_other(before, after, "categories"):
        every = {pk for one in (before, after) if one for pk in one.categories}
        tags |= {"counts:categories", *(f"counts:category:{pk}" for pk in every)}
    return tags


def _is_other(before: Facts | None, after: Facts | None, name: str) -> bool:
    """Whether the piece counts for others now; that it came or went is nothing to those it does not name."""
    was, now = (getattr(one, name) if one else None for one in (before, after))
    return bool(was or now) and (was != now)


def _lists(changed: Collection[int], before: Mapping[int, Facts], after: Mapping[int, Facts]) -> set[str]:
    """The pages of listings that look otherwise, and the pieces whose way back leads to another page."""
    moved = {pk: (before.get(pk), after.get(pk)) for pk in changed if _moved(before.get(pk), after.get(pk))}
    tags: set[str] = set()
    for name in {name for pair in moved.values() for one in pair if one for name in one.lists}:
        tags |= _of_list(name, {pk: pair for pk, pair in moved.items() if _stands(name, pair)})
    return tags


def _moved(before: Facts | None, after: Facts | None) -> bool:
    """Whether lists or what is related may have changed by it; a new start of an event changes the front page alone."""
    if before is None or after is None:
        return before is not after
    return (before.lists, before.shares, before.at) != (after.lists, after.shares, after.at)


_Pair = tuple[Facts | None, Facts | None]


def _stands(name: str, pair: _Pair) -> bool:
    return any(one is not None and name in one.lists for one in pair)


def _of_list(name: str, moved: Mapping[int, _Pair]) -> set[str]:
    """What changed of one list. All its pages from the first that holds another piece; all, if their number changed."""
    size = settings.ISTHMUS.listing_page_size
    first = min(one.place for one in _in_list(name, moved))
    n_older, n_now = queries.n_older(name, first), queries.size_of(name)
    n_before = n_now - sum(_is_in(name, after) - _is_in(name, before) for before, after in moved.values())
    tags = {f"feed:{name}", f"list:{name}:newest"}
    n_pages = max(1, -(-n_now // size))
    if n_pages != max(1, -(-n_before // size)):
        tags.add(f"list:{name}")
    tags |= {f"list:{name}:{number}" for number in range(n_older // size + 1, n_pages + 1)}
    if name.startswith("series:") or name == "all":
        tags |= _ways_back(name, moved, n_older)
    if name == "all":
        tags |= _kin(moved)
    return tags


def _in_list(name: str, moved: Mapping[int, _Pair]) -> Iterator[Facts]:
    return (one for pair in moved.values() for one in pair if one is not None and name in one.lists)


def _is_in(name: str, facts: Facts | None) -> bool:
    return facts is not None and name in facts.lists


def _ways_back(name: str, moved: Mapping[int, _Pair], n_older: int) -> set[str]:
    """The pages of the pieces that stand on another page of the list than before.

    Between two places where a piece came or went, all others moved by the same number of places; so only those near
    the edges of the list's pages are asked for, one question for each stretch.
    n_older: how many stand before the first.
    """
    shift, tags = 0, set[str]()
    size = settings.ISTHMUS.listing_page_size
    steps = sorted(_comings_and_goings(name, moved))
    for (place, by), (end, _) in zip(steps, [*steps[1:], (None, 0)], strict=True):
        shift += by
        if shift and place != end:
            steps_on_page = _at_an_edge(shift, size)
            found = queries.at_steps(name, place, end, n_before=n_older, size=size, steps=steps_on_page)
            tags |= {f"self:{pk}" for pk, series in found if pk not in moved and (series is None or name != "all")}
        n_older += queries.n_between(name, place, end) if end else 0
    return tags


def _comings_and_goings(name: str, moved: Mapping[int, _Pair]) -> Iterator[tuple[Place, int]]:
    """Places in a list, and by how many all after each moved, back being less."""
    for before, after in moved.values():
        yield from ((one.place, by) for one, by in ((before, -1), (after, 1)) if one and _is_in(name, one))


def _at_an_edge(shift: int, size: int) -> range:
    """On which steps of a page, counted from its oldest, those stand who were on another page before they moved."""
    if abs(shift) >= size:
        return range(size)
    return range(shift) if shift > 0 else range(size + shift, size)


def _kin(moved: Mapping[int, _Pair]) -> set[str]:
    """The pages of pieces to which others may be related now: see `related`, which looks at what stands before.

    A piece that came or went is met by those after it that share something with it; by those further on too, where
    nothing nearer is (they note `kin`). And it moved by one how far back each of them looks.
    """
    tags: set[str] = set()
    for one in (facts for pair in moved.values() for facts in pair if facts is not None):
        after = queries.numbers_from("all", one.place, limit=_N_WALKED + len(moved))
        after = [number for number in after if number not in moved]
        if not after:
            continue
        tags |= {f"kin:{name}" for name in one.shares}
        tags |= {f"self:{number}" for number in _met_by(one, after, moved)}
        if one.series:
            in_series = queries.numbers_from(f"series:{one.series}", one.place, limit=_N_IN_SERIES + len(moved))
            tags |= {f"self:{number}" for number in in_series}
    return tags


def _met_by(one: Facts, after: list[int], moved: Mapping[int, _Pair]) -> set[int]:
    """Those after a piece that share something with it, or with the piece that is in their sight now, or out of it."""
    if len(moved) > _FEW_MOVED:
        return set(after)
    before = [number for number in queries.numbers_before(one.place, limit=_N_WALKED) if number not in moved]
    row = [*reversed(before), *after]
    shares = {number: facts.shares for number, facts in queries.facts_of(row).items()}
    found = {number for number in after if shares.get(number, set()) & one.shares}
    for index, number in enumerate(row[len(before) :], start=len(before)):
        at_the_edge = row[max(0, index - _N_WALKED) : max(0, index - _N_WALKED + len(moved) + 1)]
        if index >= _N_WALKED and any(shares.get(number, set()) & shares.get(edge, set()) for edge in at_the_edge):
            found.add(number)
    return found


def of_dossiers(subjects: Collection[str] | None) -> set[str]:
    """What goes with changes of dossiers; all they are on, where too much changed to tell."""
    if subjects is None:
        return {EVERY_MINED}
    if not subjects:
        return set()
    named = {EVERY_PAGE: f"{MINED}all", NAMES: f"{MINED}names"}
    return {f"{MINED}any", *(named.get(subject, f"{MINED}{subject}") for subject in subjects)}
