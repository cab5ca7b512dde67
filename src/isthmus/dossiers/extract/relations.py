"""Sentences in which one subject acts or speaks towards another, who towards whom, and how the verb sounds.

Rules of word order for English, meant to be right rather than complete: a sentence that is not plainly "A [not]
[adverb] VERB [something to] B", "A was VERBed by B" or "A and B VERBed" says nothing here. Nor does a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from isthmus.dossiers.extract.names import Named
from isthmus.dossiers.extract.verbs import COOL, NEUTRAL, Form, Tones, Verb, shipped_tones, word_set

__all__ = ["Deed", "Tones", "deeds", "shipped_tones"]

_TOKEN = re.compile(
    r"[^\W_]+(?=n['’]t\b)|n['’]t\b|['’]s\b|[A-Z][a-z]{1,4}\.(?=[ \u00a0])|[^\W_]+(?:\.[^\W_]+)*|[^\w\s]"
)
_AUXILIARIES = word_set("words", "auxiliaries")
_BEING = word_set("words", "being")
_MODALS = word_set("words", "modals")
_NEGATIONS = word_set("words", "negations")
_ADVERBS = word_set("words", "adverbs")
_PLAIN_ADVERBS = _ADVERBS - _NEGATIONS
_BEHIND = word_set("words", "behind")
_BREAKS = word_set("words", "breaks")
_MUTUAL = word_set("mutual", "verbs")
_TAKES = {name: word_set("takes", name) for name in ("to", "on", "against", "with")}
_MATTERS, _VOWS = word_set("takes", "matters"), word_set("takes", "vows")
_REFUSING, _JUDGING = word_set("takes", "refusing"), word_set("takes", "judging")
_GOING_ON = word_set("words", "going_on")
_DEEDS, _SAYINGS = word_set("words", "deeds"), word_set("words", "sayings")
_OPEN, _CLOSE, _STRAIGHT = "“", "”", '"'
# Words between a subject and its verb, between a verb and its object, and in front of a name as its title.
_MAX_LEAD, _MAX_REACH, _MAX_TITLE = 7, 8, 5
# Words of "the envoy of the northern ports" behind a name, and of "’s first speech in two years" before what it does.
_MAX_APPOSITION, _MAX_SAYING, _MAX_OWNED = 10, 7, 4
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


@dataclass(frozen=True, slots=True)
class _Reach:
    """Whom a verb reaches; then: the verb it leads to, "to attack" in "threatened to attack Korin"."""

    token: _Token
    then: Verb | None = None


class _Sentence:
    """One sentence as tokens, names being one token each."""

    def __init__(self, text: str, place: tuple[int, int], named: Sequence[Named], tones: Tones) -> None:
        self._text, self._place, self._tones = text, place, tones
        self._tokens = list(_tokens(text, place, named))
        self._words = [token.word for token in self._tokens]

    def deeds(self) -> Iterator[Deed]:
        """See `deeds`."""
        if len(self._tokens) > _MAX_TOKENS or self._is_question():
            return
        for at, token in enumerate(self._tokens):
            if token.named is not None:
                yield from self._of_subject(at)

    def _of_subject(self, at: int) -> Iterator[Deed]:
        """Deeds whose grammatical subject begins with this name."""
        yield from self._of_saying(at)
        group, behind = self._group(at)
        lead = self._lead(behind, is_negated=self._words[at - 1 : at] in (["nor"], ["neither"]))
        verb = self._verb_at(lead.at)
        if verb is None or not group:
            return
        if lead.last_auxiliary in _BEING and Form.PARTICIPLE in verb.forms and Form.GOING_ON not in verb.forms:
            for actor in self._agents(lead.at + verb.n_words):
                yield from (self._deed(actor, _Reach(patient), verb, lead) for patient in group)
            return
        while verb is not None and _may_stand(verb, lead):
            reached = list(self._objects(lead.at + verb.n_words, verb))
            yield from (self._deed(actor, reach, verb, lead) for actor in group for reach in reached)
            if not reached and verb.word.removesuffix(" with").removesuffix(" to") in _MUTUAL:
                yield from (self._deed(one, _Reach(other), verb, lead) for one in group for other in group)
            lead, verb = self._joined(reached, verb, lead)

    def _of_saying(self, at: int) -> Iterator[Deed]:
        """What somebody’s words do: "Verin’s speech in May taunting Han"."""
        if self._words[at + 1 : at + 2] not in (["'s"], ["’s"]):
            return
        said = next((place for place in self._plain(at + 2, _MAX_SAYING) if self._words[place] in _SAYINGS), None)
        for place in self._plain(said + 1, _MAX_SAYING) if said is not None else ():
            verb = self._verb_at(place)
            if verb is not None and Form.GOING_ON in verb.forms:
                lead = _Lead(place, is_negated=False, last_auxiliary="")
                reached = self._objects(place + verb.n_words, verb)
                yield from (self._deed(self._tokens[at], reach, verb, lead) for reach in reached)
                return

    def _plain(self, start: int, n_words: int) -> Iterator[int]:
        """Places of words in a row, up to a sign, a name or a negation."""
        for place in range(start, min(start + n_words, len(self._tokens))):
            token = self._tokens[place]
            if token.named is not None or not token.word[0].isalnum() or token.word in _NEGATIONS:
                return
            yield place

    def _joined(self, reached: Sequence[_Reach], verb: Verb, lead: _Lead) -> tuple[_Lead, Verb | None]:
        """What the same subject did besides: "met Han and thanked Korin", both in the past."""
        behind = self._tokens.index(reached[-1].token) + 1 if reached else len(self._words)
        is_past = Form.PAST in verb.forms and not lead.last_auxiliary
        if not is_past or self._words[behind : behind + 1] != ["and"]:
            return lead, None
        then = self._lead(behind + 1)
        other = self._verb_at(then.at)
        return then, other if other is not None and Form.PAST in other.forms and not then.last_auxiliary else None

    def _verb_at(self, at: int) -> Verb | None:
        return self._tones.verb_at(self._words, at) if at < len(self._words) else None

    def _is_question(self) -> bool:
        return self._text[self._place[0] : self._place[1]].rstrip(" \n”\"’')").endswith("?")

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

    def _lead(self, at: int, *, is_negated: bool = False) -> _Lead:
        """Over auxiliaries, adverbs and "not", and over ", who" or ", the envoy,"."""
        at = self._behind_apposition(at)
        auxiliary, last = "", min(at + _MAX_LEAD, len(self._words))
        while at < last:
            word = self._words[at]
            if word in _NEGATIONS or word in ("n't", "n’t"):
                is_negated = True
            elif word in _AUXILIARIES:
                auxiliary = word
            elif word in _GOING_ON and self._words[at + 1 : at + 2] == ["to"]:
                at, auxiliary = at + 1, "to"
            elif not (word in _ADVERBS or (word.endswith("ly") and len(word) > 4)):
                break
            at += 1
        return _Lead(at, is_negated, auxiliary)

    def _behind_apposition(self, at: int) -> int:
        """Behind what only says who the subject is."""
        if self._words[at : at + 2] == [",", "who"]:
            return at + 2
        if self._words[at : at + 1] != [","] or self._words[at + 1 : at + 2] not in _STARTS_APPOSITION:
            return at
        last = at
        for last in self._plain(at + 1, _MAX_APPOSITION):
            if self._words[last] in _ENDS_APPOSITION:
                return at
        return last + 2 if self._words[last + 1 : last + 2] == [","] else at

    def _agents(self, at: int) -> Iterator[_Token]:
        """Who did it to the subject: the names behind "by", close to the participle."""
        for place in range(at, min(at + 4, len(self._words))):
            if self._words[place] == "by":
                yield from self._list(place + 1)
                return
            if self._words[place] in _BREAKS or self._tokens[place].named is not None:
                return

    def _objects(self, at: int, verb: Verb, then: Verb | None = None) -> Iterator[_Reach]:
        """Whom the verb reaches: names that are its object, or stand behind a preposition that it takes.

        then: the verb itself where another one leads to it, as in "threatened to attack".
        """
        chained = self._chained(at, verb) if then is None else None
        if chained is not None:
            behind, second = chained
            yield from self._objects(behind, second, second)
            return
        is_direct, last = verb.word not in _MATTERS, min(at + _MAX_REACH, len(self._words))
        while at < last:
            place = self._name_at(at)
            if place is not None and (is_direct or verb.word not in _MATTERS):
                yield from (_Reach(token, then) for token in (self._list(at, verb) if is_direct else ()))
                return
            skipped = (place or self._behind_quote(at)) - at
            at, last = at + skipped, min(last + skipped, len(self._words))
            word = self._words[at]
            if word in _TAKES:
                is_direct = verb.word in _TAKES[word]
            elif place is None and (word in _ENDS_REACH or not (word[0].isalnum() or word in _QUOTES)):
                return
            else:
                # A noun in between is the object; the name must then stand behind a preposition of this verb.
                is_direct = is_direct and word in _BEFORE_NAME
            at += 1

    def _behind_quote(self, at: int) -> int:
        """Where quoted words of a matter end, “very, very good” in front of a relationship; they may hold signs."""
        end = min(at + _MAX_REACH, len(self._words))
        for place in range(at + 1, end) if self._words[at] == _OPEN else ():
            if self._tokens[place].named is not None:
                return at
            if self._words[place] == _CLOSE:
                return place
        return at

    def _chained(self, at: int, verb: Verb) -> tuple[int, Verb] | None:
        """The verb that this one leads to, "to attack" or "that he would attack", and the place behind it."""
        while self._words[at : at + 1] and self._words[at] in _PLAIN_ADVERBS:
            at += 1
        if self._words[at : at + 1] == ["to"]:
            at += 1
        elif self._words[at : at + 1] == ["that"] and verb.word in _VOWS:
            if self._words[at + 1 : at + 2] not in _PRONOUNS or self._words[at + 2 : at + 3] not in _WOULD:
                return None
            at += 3
        elif not verb.word.endswith(" to"):
            return None
        second = self._verb_at(at)
        return (at + second.n_words, second) if second is not None and Form.PLAIN in second.forms else None

    def _list(self, at: int, verb: Verb | None = None) -> Iterator[_Token]:
        """The names that stand there, joined by commas and "and", up to one that only owns or qualifies.

        verb: whose objects they are; some are towards whoever does what they are about.
        """
        place = self._name_at(at)
        while place is not None and self._is_whole_object(place):
            yield self._tokens[place]
            place = self._next_in_list(place + 1)
        if place is not None and verb is not None and verb.word in _JUDGING and self._owns_deed(place):
            yield self._tokens[place]

    def _owns_deed(self, place: int) -> bool:
        """Whether what stands behind "’s" is something that the name’s bearer does or says."""
        if self._words[place + 1 : place + 2] not in (["'s"], ["’s"]):
            return False
        return any(self._words[then] in _DEEDS for then in self._plain(place + 2, _MAX_OWNED))

    def _is_whole_object(self, place: int) -> bool:
        """Whether the name is not only part of what is meant, as in "A’s envoy" or "A officials"."""
        if place + 1 >= len(self._tokens):
            return True
        behind = self._tokens[place + 1]
        if behind.word[0].isalnum():
            return behind.word in _BEHIND or behind.word.endswith("ly") or behind.word.isdigit()
        return behind.word not in ("-", "‐", "‑", "–", "'s", "’s", "'", "’", "/")

    def _deed(self, actor: _Token, reach: _Reach, verb: Verb, lead: _Lead) -> Deed:
        other = reach.token
        assert actor.named is not None
        assert other.named is not None
        start, end = self._tokens[lead.at].start, self._tokens[lead.at + verb.n_words - 1].end
        return Deed(
            actor.named.subject, other.named.subject, self._text[actor.start : actor.end],
            self._text[other.start : other.end], start, end, verb.word,
            self._tone(verb, reach.then, is_negated=lead.is_negated), lead.is_negated, self._is_quoted(start),
        )  # fmt: skip

    def _tone(self, verb: Verb, then: Verb | None, *, is_negated: bool) -> str:
        """How the verb sounds together with the one it leads to: who agrees to attack is not warm."""
        first = self._tones.tone(verb.word, is_negated=is_negated)
        if then is None or self._tones.tone(then.word, is_negated=False) != COOL:
            return first
        return NEUTRAL if is_negated or verb.word in _REFUSING else COOL

    def _is_quoted(self, at: int) -> bool:
        before = self._text[self._place[0] : at]
        return before.count(_OPEN) > before.count(_CLOSE) or before.count(_STRAIGHT) % 2 == 1


_QUOTES = frozenset("“”\"‘’'")
# Between a verb and a name that is its object: articles and titles in small letters.
_BEFORE_NAME = frozenset(
    ("the", "a", "an", "both", "his", "her", "their", "its", "then", "president", "leader", "chairman", "secretary",
     "minister", "prime", "ambassador", "envoy", "senator", "“", "”", '"')
)  # fmt: skip
_ENDS_REACH = _BREAKS | _NEGATIONS | {"and", ","}
_STARTS_APPOSITION = [["the"], ["a"], ["an"], ["his"], ["her"], ["their"], ["its"], ["then"], ["former"]]
_ENDS_APPOSITION = _BREAKS - {"of", "for", "in", "from"} | {"and"}
_PRONOUNS = [["he"], ["she"], ["it"], ["they"]]
_WOULD = [["would"], ["will"], ["could"], ["might"], ["may"]]
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
