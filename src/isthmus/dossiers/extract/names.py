"""Who and what a text names, out of a vocabulary: whole words, in their case, the longest first, each with its place.

`Matcher` is made once for a vocabulary and asked for every text. Which of several people of one name is meant, and
what is too doubtful to be said without an editor, is decided in `bearers`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from ahocorasick_rs import AhoCorasick

from isthmus.dossiers.extract.bearers import Bearers
from isthmus.dossiers.extract.family_names import family_name
from isthmus.dossiers.extract.neighbours import Neighbours
from isthmus.dossiers.extract.written import is_whole, ways_to_write, written


@dataclass(frozen=True, slots=True)
class Name:
    """Words for a subject, known by its number.

    companions: one of them must stand in the text too. is_ambiguous: what it finds is never sure.
    """

    subject: int
    text: str
    is_person: bool = False
    companions: tuple[str, ...] = ()
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """An office that a subject held from one day to another, both inclusive; None where it is not known."""

    subject: int
    text: str
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """A sentence, by its place, and a stretch of days it names, the second exclusive."""

    start: int
    end: int
    first_on: date
    before_on: date


@dataclass(frozen=True, slots=True)
class Named:
    """A subject named at a place of the text, end exclusive."""

    subject: int
    start: int
    end: int
    is_sure: bool


@dataclass(slots=True)
class _Pattern:
    """Everything that one way of writing may mean."""

    names: list[Name] = field(default_factory=list)
    families: list[int] = field(default_factory=list)
    offices: list[Office] = field(default_factory=list)
    # An office with the family name of who held it: "President Trump".
    holders: list[Office] = field(default_factory=list)
    comes_first: bool = False


class Matcher:
    """Finds the names of one vocabulary. 10,000 ways of writing take some 10 ms to prepare."""

    def __init__(self, names: Iterable[Name], offices: Iterable[Office] = ()) -> None:
        self._patterns: dict[str, _Pattern] = defaultdict(_Pattern)
        self._families: dict[int, set[str]] = defaultdict(set)
        self._given: dict[int, set[str]] = defaultdict(set)
        for name in names:
            self._add_name(name)
        for office in offices:
            self._add_office(office)
        self._ways = list(self._patterns)
        self._meanings = [self._patterns[way] for way in self._ways]
        self._automaton = AhoCorasick(self._ways, store_patterns=False)

    def find(
        self,
        text: str,
        *,
        starts: Sequence[int],
        published_on: date | None,
        dated: Iterable[Dated] = (),
        lead: str = "",
    ) -> tuple[Named, ...]:
        """Every subject the text names, in the order of the text; an ambiguous place is named once for each.

        starts: where sentences begin. dated: stretches that sentences name, for offices. lead: what is read before
        the text, such as its title, as evidence only. Takes time in proportion to the text.
        """
        return _Reading(self, text, starts, published_on, list(dated)).read(lead)

    def places(self, plain: str) -> list[tuple[int, int, _Pattern]]:
        """Where ways of writing stand in a `written` text as whole words, leftmost and longest first; may overlap."""
        if not self._ways:
            return []
        found = self._automaton.find_matches_as_indexes(plain, overlapping=True)
        whole = [(start, -end, which) for which, start, end in found if is_whole(plain, start, end)]
        return [(start, -end, self._meanings[which]) for start, end, which in sorted(whole)]

    def families_of(self, subject: int) -> set[str]:
        """The family names of a person, as written."""
        return self._families.get(subject, set())

    def initials_of(self, subject: int) -> set[str]:
        """First letters of a person's given names."""
        return self._given.get(subject, set())

    def _add_name(self, name: Name) -> None:
        for way in ways_to_write(name.text, is_person=name.is_person):
            self._patterns[way].names.append(name)
        family = family_name(name.text) if name.is_person else None
        if family is None:
            return
        for way in ways_to_write(family.text, is_person=False):
            pattern = self._patterns[way]
            pattern.comes_first = pattern.comes_first or family.comes_first
            if name.subject not in pattern.families:
                pattern.families.append(name.subject)
            self._families[name.subject].add(way)
        self._given[name.subject] |= _initials(name.text, family.text)

    def _add_office(self, office: Office) -> None:
        for way in ways_to_write(office.text, is_person=False):
            self._patterns[way].offices.append(office)
            for family in sorted(self._families.get(office.subject, ())):
                pattern = self._patterns[f"{way} {family}"]
                pattern.holders.append(office)
                pattern.comes_first = pattern.comes_first or self._patterns[family].comes_first


class _Reading:
    """One text being read from its beginning to its end."""

    def __init__(
        self, matcher: Matcher, text: str, starts: Sequence[int], published_on: date | None, dated: list[Dated]
    ) -> None:
        self._matcher, self._text, self._published_on, self._dated = matcher, text, published_on, dated
        self._plain = written(text)
        self._neighbours = Neighbours(text, starts)
        self._bearers = Bearers(text, starts)
        self._whole_text = self._plain
        self._has: dict[str, bool] = {}

    def read(self, lead: str) -> tuple[Named, ...]:
        if lead:
            self._note_lead(lead)
        named: list[Named] = []
        done = 0
        for start, end, pattern in self._matcher.places(self._plain):
            if start < done:
                continue
            found = self._meant(start, end, pattern)
            if found:
                done = end
                named += (Named(subject, start, end, is_sure) for subject, is_sure in found)
        return tuple(named)

    def _note_lead(self, lead: str) -> None:
        """Full names in the title count as named before the text begins."""
        plain = written(lead)
        self._whole_text = f"{plain}\n{self._plain}"
        done = 0
        for start, end, pattern in self._matcher.places(plain):
            if start < done or not pattern.names:
                continue
            done = end
            for name in self._possible(pattern.names):
                self._bearers.note(0, name.subject, self._matcher.families_of(name.subject))

    def _meant(self, start: int, end: int, pattern: _Pattern) -> list[tuple[int, bool]]:
        """The subjects named there, each with whether that is sure; nobody where the words are another's name."""
        words = self._plain[start:end]
        if pattern.names and (found := self._by_name(start, end, pattern)):
            return found
        if pattern.holders and (found := self._by_holder(start, end, pattern)):
            return found
        if pattern.families and (found := self._by_family(start, end, words, pattern)):
            return found
        return self._by_office(start, end, pattern)

    def _by_name(self, start: int, end: int, pattern: _Pattern) -> list[tuple[int, bool]]:
        possible = self._possible(pattern.names)
        words = self._plain[start:end]
        if not possible or self._neighbours.makes_another(end):
            return []
        # "the North" is not named by "the North Korean leader".
        if words[:4].lower() == "the " and self._neighbours.goes_on(end):
            return []
        is_one_word = " " not in words
        if is_one_word and all(name.is_person for name in possible) and self._is_strange(start, end, pattern):
            return []
        subjects = list(dict.fromkeys(name.subject for name in possible))
        if len(subjects) > 1:
            return self._noted(start, self._bearers.nearest(start, subjects))
        is_sure = any(not name.is_ambiguous for name in possible)
        return self._noted(start, [(subjects[0], is_sure)])

    def _by_holder(self, start: int, end: int, pattern: _Pattern) -> list[tuple[int, bool]]:
        """President Trump: whoever has the name and held the office then, or had held it before."""
        if self._neighbours.makes_another(end) or (pattern.comes_first and self._neighbours.goes_on(end)):
            return []
        days = self._days(start)
        then = _subjects(office for office in pattern.holders if _covers(office, days) is not False)
        before = _subjects(office for office in pattern.holders if _began(office, days))
        return self._noted(start, self._bearers.nearest(start, then or before))

    def _by_family(self, start: int, end: int, words: str, pattern: _Pattern) -> list[tuple[int, bool]]:
        """A family name alone means who was named in full before."""
        if self._is_strange(start, end, pattern):
            return []
        return self._bearers.bearing(start, words)

    def _by_office(self, start: int, end: int, pattern: _Pattern) -> list[tuple[int, bool]]:
        if not pattern.offices or not self._neighbours.stands_alone(start, end):
            return []
        days = self._days(start)
        held = [(office, _covers(office, days)) for office in pattern.offices]
        possible = _subjects(office for office, covers in held if covers is not False)
        is_known = all(covers is not None for office, covers in held if office.subject in possible)
        return [(subject, len(possible) == 1 and is_known) for subject in possible]

    def _possible(self, names: Iterable[Name]) -> list[Name]:
        return [name for name in names if not name.companions or any(map(self._stands_in, name.companions))]

    def _stands_in(self, companion: str) -> bool:
        if companion not in self._has:
            plain = written(companion.strip())
            self._has[companion] = any(_whole_places(self._whole_text, plain))
        return self._has[companion]

    def _is_strange(self, start: int, end: int, pattern: _Pattern) -> bool:
        """Whether the words are part of a longer name that nobody told us of; who bears it is then remembered."""
        allowed = set().union(*(self._matcher.initials_of(subject) for subject in pattern.families))
        stranger = self._neighbours.stranger(start, end, comes_first=pattern.comes_first, initials=allowed)
        if stranger:
            self._bearers.note_stranger(start, stranger, self._plain[start:end])
        return bool(stranger) or self._neighbours.makes_another(end)

    def _noted(self, start: int, found: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
        for subject, _ in found:
            self._bearers.note(start, subject, self._matcher.families_of(subject))
        return found

    def _days(self, at: int) -> list[tuple[date, date]]:
        """The stretches that the sentence names, else the day of publication; empty if neither is known."""
        named = [(one.first_on, one.before_on) for one in self._dated if one.start <= at < one.end]
        if named or self._published_on is None:
            return named
        return [(self._published_on, self._published_on)]


def _covers(office: Office, days: list[tuple[date, date]]) -> bool | None:
    """Whether it was held on one of the days; None if there are bounds and no day is known."""
    if office.starts_on is None and office.ends_on is None:
        return True
    if not days:
        return None
    return any(
        (office.ends_on is None or first <= office.ends_on) and (office.starts_on is None or last >= office.starts_on)
        for first, last in days
    )


def _began(office: Office, days: list[tuple[date, date]]) -> bool:
    return office.starts_on is None or any(last >= office.starts_on for _, last in days)


def _subjects(offices: Iterable[Office]) -> list[int]:
    return list(dict.fromkeys(office.subject for office in offices))


def _whole_places(text: str, words: str) -> Iterator[int]:
    at = text.find(words) if words else -1
    while at >= 0:
        if is_whole(text, at, at + len(words)):
            yield at
        at = text.find(words, at + 1)


def changed_ways(before: Iterable[Name | Office], after: Iterable[Name | Office]) -> set[str]:
    """Words of which a text must hold one for two vocabularies to find something else in it.

    Those of the entries that differ; of a subject whose family name or initials are others now, everything that it is
    called by, because what one entry means then hangs on the others.
    """
    was, now = set(before), set(after)
    changed = was ^ now
    called_before, called_now = _called(was), _called(now)
    moved = {one for one in {*called_before, *called_now} if called_before.get(one) != called_now.get(one)}
    return {way for entry in was | now if entry in changed or entry.subject in moved for way in _ways(entry)}


def _called(entries: Iterable[Name | Office]) -> dict[int, set[tuple[str, ...]]]:
    """What follows from a person's names besides the names: family names and which come first, initials."""
    called: dict[int, set[tuple[str, ...]]] = defaultdict(set)
    for entry in entries:
        family = family_name(entry.text) if isinstance(entry, Name) and entry.is_person else None
        if family is not None:
            called[entry.subject].add((family.text, str(family.comes_first)))
            called[entry.subject] |= {(initial,) for initial in _initials(entry.text, family.text)}
    return called


def _initials(name: str, family: str) -> set[str]:
    return {word[0] for word in name.replace(family, "", 1).split()}


def _ways(entry: Name | Office) -> Iterator[str]:
    is_person = isinstance(entry, Name) and entry.is_person
    yield from ways_to_write(entry.text, is_person=is_person)
    family = family_name(entry.text) if is_person else None
    if family is not None:
        yield from ways_to_write(family.text, is_person=False)


def holds_any(ways: Iterable[str]) -> Callable[[str], bool]:
    """Whether a text holds one of the ways of writing, as whole words or not."""
    automaton = AhoCorasick(sorted(ways) or ["\x00"], store_patterns=False)
    return lambda text: bool(automaton.find_matches_as_indexes(written(text)))
