"""The verbs by which one subject acts or speaks towards another: their tones and all their forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from isthmus.dossiers.extract.words import table

WARM, NEUTRAL, COOL = "warm", "neutral", "cool"
_VOWELS = "aeiou"


class Form(Enum):
    """How a verb stands in a sentence."""

    PLAIN = "plain"
    PRESENT = "present"
    PAST = "past"
    PARTICIPLE = "participle"
    GOING_ON = "going on"


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb as the list has it, the forms that a word of the text may be, and how many words it takes there."""

    word: str
    forms: frozenset[Form]
    n_words: int


def shipped_tones() -> dict[str, str]:
    """The verbs that come with Isthmus and their tones, in the order of the alphabet."""
    tones = {word: tone for tone in (WARM, NEUTRAL, COOL) for word in word_set("tones", tone)}
    return dict(sorted(tones.items()))


def word_set(section: str, name: str) -> frozenset[str]:
    """One list of tone_words.toml: words between bars, or between spaces where none is more than one word."""
    words: str = table("tone_words.toml")[section][name]
    return (
        frozenset(word.strip() for word in words.split("|") if word.strip())
        if "|" in words
        else frozenset(words.split())
    )


class Tones:
    """A list of verbs, ready to be found in sentences. Takes some 10 ms to make for 500 verbs."""

    def __init__(self, tones: Mapping[str, str]) -> None:
        self._tones = dict(tones)
        self._by_first: dict[str, list[tuple[tuple[str, ...], str, frozenset[Form]]]] = {}
        for word in {*tones, *word_set("mutual", "verbs")}:
            first, *rest = word.lower().split() or [""]
            for form, forms in forms_of(first).items():
                self._by_first.setdefault(form, []).append((tuple(rest), word, forms))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: (-len(entry[0]), entry[1]))

    def verb_at(self, words: list[str], at: int) -> Verb | None:
        """The longest verb of the list that stands there; words are in lower case."""
        for rest, word, forms in self._by_first.get(words[at], ()):
            if tuple(words[at + 1 : at + 1 + len(rest)]) == rest:
                return Verb(word, forms, 1 + len(rest))
        return None

    def tone(self, word: str, *, is_negated: bool) -> str:
        """How the verb sounds; neutral for one that says only that two had to do with each other."""
        tone = self._tones.get(word, NEUTRAL)
        if not is_negated:
            return tone
        return COOL if tone == WARM and word in word_set("turned", "by_not") else NEUTRAL


@cache
def forms_of(verb: str) -> Mapping[str, frozenset[Form]]:
    """Every form of a verb of one word, in British and American spelling."""
    forms: dict[str, set[Form]] = {}

    def add(word: str, *as_forms: Form) -> None:
        forms.setdefault(word, set()).update(as_forms)

    for plain in _spellings(verb):
        past, participle = _irregular().get(plain, (_with(plain, "ed"), _with(plain, "ed")))
        add(plain, Form.PLAIN)
        add(_third_person(plain), Form.PRESENT)
        add(past, Form.PAST)
        add(participle, Form.PARTICIPLE)
        add(_with(plain, "ing"), Form.GOING_ON)
        if plain.endswith("l") and plain[-2:-1] in _VOWELS:
            add(f"{plain}led", Form.PAST, Form.PARTICIPLE)
            add(f"{plain}ling", Form.GOING_ON)
    return {word: frozenset(as_forms) for word, as_forms in forms.items()}


def _spellings(verb: str) -> Iterable[str]:
    yield verb
    for american, british in (("ize", "ise"), ("or", "our")):
        if verb.endswith(american) and verb != "abhor":
            yield verb.removesuffix(american) + british


@cache
def _irregular() -> dict[str, tuple[str, str]]:
    lists: Any = table("tone_words.toml")["forms"]["irregular"]
    return {plain: (past, participle) for plain, past, participle in (one.split() for one in lists.split("|"))}


def _third_person(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2] not in _VOWELS else f"{verb}s"


def _with(verb: str, ending: str) -> str:
    if verb in word_set("forms", "doubled"):
        return verb + verb[-1] + ending
    if verb.endswith("ie") and ending == "ing":
        return f"{verb[:-2]}ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe")):
        return verb[:-1] + ending
    if verb.endswith("y") and verb[-2] not in _VOWELS and ending == "ed":
        return f"{verb[:-1]}ied"
    return verb + (ending[1:] if verb.endswith("ee") and ending == "ed" else ending)
