"""Names that the archive uses often and the vocabulary does not know, proposed to editors; refused ones never again.

A pass over the archive is done in small steps by the worker, kept in memory until it ends, and begun anew after a
crash: what it costs is seconds. A pass begins a day after the last one, if the archive changed since.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

from isthmus.dossiers import vocabulary
from isthmus.dossiers.extract import sentence_around, sentence_starts
from isthmus.dossiers.extract.family_names import family_name
from isthmus.dossiers.extract.spacing import Spacing
from isthmus.dossiers.extract.suggesting import NO_PERSON, OF_A_PERSON, PERSON, THING, Sighting, names_in
from isthmus.dossiers.extract.written import ways_to_write, written
from isthmus.dossiers.models import Suggestion
from isthmus.kit import clock
from isthmus.kit import text as kit_text
from isthmus.publications import documents, journal
from isthmus.publications.models import FollowerCursor

# With a colon, since no editor waits for it: the front of the admin tells of the others.
FOLLOWER = "dossiers:names"
_EVERY = timedelta(days=1)
_TEXTS_A_STEP = 50
# Kept in memory at once; beyond it names seen in a single text are forgotten first. 100,000 take some 60 MB.
_MAX_CANDIDATES = 100_000
_MAX_PROPOSED = 500
_MAX_OTHER_TEXTS = 8
_MAX_EXAMPLE_CHARS = 400
# A name is worth a look from this many texts on; in a small archive from two.
_MIN_TEXTS, _SMALL_ARCHIVE = 3, 200
# Of the texts with a name so many may have its first word written small; what is over is an ordinary word.
_MAX_SMALL_SHARE = 0.3
_INITIAL = re.compile(r"[A-Z]\.?")


@dataclass(slots=True)
class Candidate:
    """What the archive says of one name so far."""

    text: str
    n_texts: int = 0
    n_small: int = 0
    n_of_person: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    example: str = ""
    example_of: int = 0


class Finder:
    """One pass over the archive after the other, a step at a time."""

    def __init__(self) -> None:
        self._after = 0
        self._n_texts = 0
        self._seq = 0
        self._candidates: dict[str, Candidate] | None = None

    def tick(self) -> int:
        """Do the next step; returns how many texts it read, 0 if no pass is due. Called by the worker."""
        if self._candidates is None:
            if not _is_due():
                return 0
            self._begin()
        ids = documents.visible_ids(after=self._after, limit=_TEXTS_A_STEP)
        for document in documents.documents(ids):
            self._read(document.id, document.body_text)
        if not ids:
            self._end()
            return 0
        self._after = ids[-1]
        return len(ids)

    def _begin(self) -> None:
        self._after, self._n_texts, self._seq, self._candidates = 0, 0, journal.latest_seq(), {}

    def _read(self, number: int, body: str) -> None:
        assert self._candidates is not None
        self._n_texts += 1
        text = Spacing(body).text
        starts = sentence_starts(text)
        for sighting in names_in(text, starts):
            self._count(sighting, number, text, starts)
        if len(self._candidates) > _MAX_CANDIDATES:
            self._candidates = {key: one for key, one in self._candidates.items() if one.n_texts > 1}

    def _count(self, sighting: Sighting, number: int, text: str, starts: list[int]) -> None:
        assert self._candidates is not None
        one = self._candidates.setdefault(key_of(sighting.text), Candidate(sighting.text))
        one.n_texts += 1
        one.n_small += sighting.is_small
        one.n_of_person += sighting.kinds.pop(OF_A_PERSON, 0)
        one.kinds.update(sighting.kinds)
        if sighting.text != one.text:
            one.others[sighting.text] += 1
        if sighting.short:
            one.others[sighting.short] += 1
        if not one.example:
            start, end = sentence_around(text, starts, sighting.start)
            one.example, one.example_of = text[start:end][:_MAX_EXAMPLE_CHARS], number

    def _end(self) -> None:
        assert self._candidates is not None
        least = 2 if self._n_texts < _SMALL_ARCHIVE else _MIN_TEXTS
        found = list(_grouped(one for one in self._candidates.values() if _is_name(one)))
        with transaction.atomic():
            _propose([one for one in found if one.n_texts >= least])
            journal.move_cursor(FOLLOWER, self._seq)
        self._candidates = None


def key_of(name: str) -> str:
    """The name folded, so that every spelling of it is one: no hyphens, no dots, one case."""
    return kit_text.fold(written(name).replace(".", "").replace("'", ""))[:200].strip()


def _is_due() -> bool:
    cursor = FollowerCursor.objects.filter(name=FOLLOWER).first()
    if cursor is None or cursor.moved_at is None:
        return journal.latest_seq() > 0
    return journal.latest_seq() > cursor.seq and clock.now() - cursor.moved_at >= _EVERY


def _is_name(one: Candidate) -> bool:
    """Whether enough speaks for it: a single word must be told a place or an organisation by what stands beside it."""
    if one.n_small > _MAX_SMALL_SHARE * one.n_texts:
        return False
    if " " in one.text:
        return True
    return bool(one.kinds) and 4 * one.kinds.total() >= one.n_texts and 4 * one.n_of_person < one.n_texts


def _grouped(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Candidates with the other spellings of one person taken together, most used first."""
    people: dict[tuple[str, str], Candidate] = {}
    for one in sorted(candidates, key=lambda one: (-one.n_texts, one.text)):
        person = _person(one)
        known = people.get(person) if person else None
        if known is not None:
            known.others[one.text] += one.n_texts
            known.n_texts = max(known.n_texts, one.n_texts)
            continue
        if person:
            people[person] = one
        yield one


def _person(one: Candidate) -> tuple[str, str] | None:
    """Family and first given name of a person, initials left out: Kirsten E. Gillibrand and Kirsten Gillibrand."""
    if _kind(one) != PERSON:
        return None
    family = family_name(one.text)
    if family is None:
        return None
    given = [word for word in one.text.replace(family.text, "", 1).split() if not _INITIAL.fullmatch(word)]
    return (family.text, key_of(" ".join(given) if family.comes_first else given[0])) if given else None


def _kind(one: Candidate) -> str:
    """What most speaks for; a name of two or three words with nothing beside it is a person's more often than not."""
    kinds = [kind for kind, _ in one.kinds.most_common() if kind != NO_PERSON]
    is_person_shaped = len(one.text.split()) in (2, 3) and not one.kinds[NO_PERSON]
    return kinds[0] if kinds else PERSON if is_person_shaped else THING


def _propose(found: list[Candidate]) -> None:
    """Write the most used names that are neither known nor decided; what is proposed no more goes."""
    known = {
        key_of(way) for name in vocabulary.current().names for way in ways_to_write(name.text, is_person=name.is_person)
    }
    decided = Suggestion.objects.exclude(state=Suggestion.State.PROPOSED)
    for key, others in decided.values_list("key", "other_texts"):
        known |= {key, *map(key_of, others)}
    new = [one for one in found if not {key_of(one.text), *map(key_of, one.others)} & known]
    new.sort(key=lambda one: (-one.n_texts, one.text))
    kept = [_proposed(one) for one in new[:_MAX_PROPOSED]]
    Suggestion.objects.filter(state=Suggestion.State.PROPOSED).exclude(key__in=kept).delete()


def _proposed(one: Candidate) -> str:
    key = key_of(one.text)
    Suggestion.objects.update_or_create(
        key=key,
        defaults={
            "text": one.text, "kind": _kind(one), "n_texts": one.n_texts, "example": one.example,
            "other_texts": [text for text, _ in one.others.most_common(_MAX_OTHER_TEXTS)],
            "example_of_id": one.example_of or None,
        },
    )  # fmt: skip
    return key
