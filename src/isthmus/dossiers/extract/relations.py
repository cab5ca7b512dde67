"""Sentences in which one subject acts or speaks towards another, who towards whom, and how the verb sounds.

Rules of word order for English, meant to be right rather than complete: a sentence that is not plainly
"A [not] [adverb] VERB [something to] B", "A was VERBed by B" or "A and B VERBed" says nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from isthmus.dossiers.extract.names import Named
from isthmus.dossiers.extract.verbs import Form, Tones, Verb, shipped_tones, word_set

__all__ = ["Deed", "Tones", "deeds", "shipped_tones"]

_TOKEN = re.compile(
    r"[^\W_]+(?=n['’]t\b)|n['’]t\b|['’]s\b|[A-Z][a-z]{1,4}\.(?=[ \u00a0])|[^\W_]+(?:\.[^\W_]+)*|[^\w\s]"
)
_AUXILIARIES = word_set("words", "auxiliaries")
_BEING = word_set("words", "being")
_MODALS = word_set("words", "modals")
_NEGATIONS = word_set("words", "negations")
_ADVERBS = word_set("words", "adverbs")
_BEHIND = word_set("words", "behind")
_BREAKS = word_set("words", "breaks")
_MUTUAL = word_set("mutual", "verbs")
_TAKES = {name: word_set("takes", name) for name in ("to", "on", "against", "with")}
_OPEN, _CLOSE, _STRAIGHT = "“", "”", '"'
# Words between a subject and its verb, between a verb and its object, and in front of a name as its title.
_MAX_LEAD, _MAX_REACH, _MAX_TITLE = 7, 8, 5
_MAX_TOKENS = 120


@dataclass(frozen=True, slots=True)
class Deed:
    """One subject acting or speaking towards another. start, end: of the verb; verb: as the list has it."""

    actor: int
    towards: int
    actor_quote: str
    towards_quote: str
    start: int
    end: int
    verb: str
    tone: str
    is_negated: bool
    is_quoted: bool


def deeds(text: str, sentence: tuple[int, int], named: Sequence[Named], tones: Tones) -> list[Deed]:
    """What the subjects named in a sentence do to each other, each pair and verb once, in the order of the verbs.

    named: those of this sentence, in order. A sentence of more than 120 words is no plain one: nothing.
    """
    parsed = _Sentence(text, sentence, named, tones)
    found = {(deed.start, deed.actor, deed.towards): deed for deed in parsed.deeds() if deed.actor != deed.towards}
    return [found[place] for place in sorted(found)]


@dataclass(frozen=True, slots=True)
class _Token:
    """A word in lower case, a sign, or a whole name."""

    word: str
    start: int
    end: int
    named: Named | None = None
    is_capital: bool = False


@dataclass(frozen=True, slots=True)
class _Lead:
    """What stood between a subject and its verb."""

    at: int
    is_negated: bool
    last_auxiliary: str


class _Sentence:
    """One sentence as tokens, names being one token each."""

    def __init__(self, text: str, place: tuple[int, int], named: Sequence[Named], tones: Tones) -> None:
        self._text, self._place, self._tones = text, place, tones
        self._tokens = list(_tokens(text, place, named))
        self._words = [token.word for token in self._tokens]

    def deeds(self) -> Iterator[Deed]:
        """See `deeds`."""
        if len(self._tokens) > _MAX_TOKENS:
            return
        for at, token in enumerate(self._tokens):
            if token.named is not None:
                yield from self._of_subject(at)

    def _of_subject(self, at: int) -> Iterator[Deed]:
        """Deeds whose grammatical subject begins with this name."""
        group, behind = self._group(at)
        lead = self._lead(behind)
        verb = self._tones.verb_at(self._words, lead.at) if lead.at < len(self._words) else None
        if verb is None or not group:
            return
        if lead.last_auxiliary in _BEING and Form.PARTICIPLE in verb.forms and Form.GOING_ON not in verb.forms:
            for actor in self._agents(lead.at + verb.n_words):
                yield from (self._deed(actor, patient, verb, lead) for patient in group)
            return
        if not _may_stand(verb, lead):
            return
        objects = list(self._objects(lead.at + verb.n_words, verb))
        yield from (self._deed(actor, other, verb, lead) for actor in group for other in objects)
        if not objects and verb.word.removesuffix(" with") in _MUTUAL:
            yield from (self._deed(one, other, verb, lead) for one in group for other in group)

    def _group(self, at: int) -> tuple[list[_Token], int]:
        """The name and those joined to it, "A, B and C", and the place behind; nobody if it only owns what acts."""
        if self._is_object_of_something(at):
            return [], at
        group, at = [self._tokens[at]], at + 1
        while (then := self._next_in_list(at)) is not None:
            group.append(self._tokens[then])
            at = then + 1
        return group, at

    def _is_object_of_something(self, at: int) -> bool:
        """Whether a preposition governs the name: the verb behind is then somebody else's ("the envoy to A met")."""
        start = at
        while start > 0 and self._tokens[start - 1].is_capital and at - start < _MAX_TITLE:
            start -= 1
        if start > 0 and self._words[start - 1] in ("the", "a", "an"):
            start -= 1
        return start > 0 and self._words[start - 1] in _GOVERNS

    def _next_in_list(self, at: int) -> int | None:
        """Where the next name stands if a comma or an "and" joins it, titles in front of it not counted."""
        if at >= len(self._words) or self._words[at] not in (",", "and"):
            return None
        at += 1
        if self._words[at : at + 1] == ["and"]:
            at += 1
        return self._name_at(at)

    def _name_at(self, at: int) -> int | None:
        """Where a name begins, behind an article and capitalised titles."""
        if at < len(self._words) and self._words[at] == "the":
            at += 1
        for place in range(at, min(at + _MAX_TITLE, len(self._tokens))):
            if self._tokens[place].named is not None:
                return place
            if not self._tokens[place].is_capital:
                return None
        return None

    def _lead(self, at: int) -> _Lead:
        """Over auxiliaries, adverbs and "not", and over ", who"."""
        is_negated, auxiliary, last = False, "", min(at + _MAX_LEAD, len(self._words))
        if self._words[at : at + 2] == [",", "who"]:
            at += 2
        while at < last:
            word = self._words[at]
            if word in _NEGATIONS or word in ("n't", "n’t"):
                is_negated = True
            elif word in _AUXILIARIES:
                auxiliary = word
            elif not (word in _ADVERBS or (word.endswith("ly") and len(word) > 4)):
                break
            at += 1
        return _Lead(at, is_negated, auxiliary)

    def _agents(self, at: int) -> Iterator[_Token]:
        """Who did it to the subject: the names behind "by", close to the participle."""
        for place in range(at, min(at + 4, len(self._words))):
            if self._words[place] == "by":
                yield from self._list(place + 1)
                return
            if self._words[place] in _BREAKS or self._tokens[place].named is not None:
                return

    def _objects(self, at: int, verb: Verb) -> Iterator[_Token]:
        """Whom the verb reaches: names that are its object, or stand behind a preposition that it takes."""
        is_direct, last = True, min(at + _MAX_REACH, len(self._words))
        while at < last:
            place = self._name_at(at)
            if place is not None:
                if is_direct:
                    yield from self._list(at)
                return
            word = self._words[at]
            if word in _TAKES:
                is_chain = (
                    word == "to" and self._tones.verb_at(self._words, at + 1 if at + 1 < last else at) is not None
                )
                is_direct = is_chain or verb.word in _TAKES[word]
                if is_chain:
                    at += 1
            elif word in _BREAKS or word in ("and", ",") or not (word[0].isalnum() or word in _QUOTES):
                return
            else:
                # A noun in between is the object; the name must then stand behind a preposition of this verb.
                is_direct = is_direct and word in _BEFORE_NAME
            at += 1

    def _list(self, at: int) -> Iterator[_Token]:
        """The names that stand there, joined by commas and "and", up to one that only owns or qualifies."""
        place = self._name_at(at)
        while place is not None and self._is_whole_object(place):
            token = self._tokens[place]
            yield token
            place = self._next_in_list(place + 1)

    def _is_whole_object(self, place: int) -> bool:
        """Whether the name is not only part of what is meant, as in "A’s envoy" or "A officials"."""
        if place + 1 >= len(self._tokens):
            return True
        behind = self._tokens[place + 1]
        if behind.word[0].isalnum():
            return behind.word in _BEHIND or behind.word.endswith("ly") or behind.word.isdigit()
        return behind.word not in ("-", "‐", "‑", "–", "'s", "’s", "'", "’", "/")

    def _deed(self, actor: _Token, other: _Token, verb: Verb, lead: _Lead) -> Deed:
        assert actor.named is not None
        assert other.named is not None
        start, end = self._tokens[lead.at].start, self._tokens[lead.at + verb.n_words - 1].end
        return Deed(
            actor.named.subject, other.named.subject, self._text[actor.start : actor.end],
            self._text[other.start : other.end], start, end, verb.word,
            self._tones.tone(verb.word, is_negated=lead.is_negated), lead.is_negated, self._is_quoted(start),
        )  # fmt: skip

    def _is_quoted(self, at: int) -> bool:
        before = self._text[self._place[0] : at]
        return before.count(_OPEN) > before.count(_CLOSE) or before.count(_STRAIGHT) % 2 == 1


_QUOTES = frozenset("“”\"‘’'")
# Between a verb and a name that is its object: articles and titles in small letters.
_BEFORE_NAME = frozenset(
    ("the", "a", "an", "both", "his", "her", "their", "its", "then", "president", "leader", "chairman", "secretary",
     "minister", "prime", "ambassador", "envoy", "senator", "“", "”", '"')
)  # fmt: skip
_GOVERNS = frozenset(
    ("to", "of", "with", "for", "from", "by", "in", "on", "at", "about", "against", "under", "between", "toward",
     "towards", "near", "over", "into", "via", "like", "than")
)  # fmt: skip


def _may_stand(verb: Verb, lead: _Lead) -> bool:
    """Whether the verb's form goes with what stands before it: "met", "has met", "will meet", "is meeting"."""
    if lead.last_auxiliary in _BEING:
        return Form.GOING_ON in verb.forms
    if lead.last_auxiliary in _MODALS:
        return Form.PLAIN in verb.forms
    if lead.last_auxiliary:
        return Form.PARTICIPLE in verb.forms
    return bool({Form.PAST, Form.PRESENT} & verb.forms)


def _tokens(text: str, place: tuple[int, int], named: Sequence[Named]) -> Iterator[_Token]:
    at, end = place
    for one in sorted({(one.start, one.end): one for one in named}.values(), key=lambda one: one.start):
        if one.start >= at:
            yield from _plain_tokens(text, at, one.start)
            yield _Token("\x00", one.start, one.end, one)
            at = one.end
    yield from _plain_tokens(text, at, end)


def _plain_tokens(text: str, start: int, end: int) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text, start, end):
        word = found[0]
        yield _Token(word.lower(), found.start(), found.end(), None, word[0].isupper())
