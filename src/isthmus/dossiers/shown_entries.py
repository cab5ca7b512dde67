"""Entries as pages, files and feeds show them: the sentence with its words marked, the date in words, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.encoding import iri_to_uri
from django.utils.html import format_html
from django.utils.safestring import SafeString

from isthmus.dossiers import dates_in_words, queries
from isthmus.dossiers.models import Ruling, Subject
from isthmus.dossiers.queries import Act, Entry
from isthmus.kit import text as kit_text
from isthmus.publications.recording import publication_path

MAX_SENTENCE_CHARS = 700
_SEASON = re.compile(r"\d{4}-2[1-4]")
# What a verb towards somebody does not say by itself.
_SAID_OF_ACTS = ("announced", "denied", "expected")

GRADES = {
    "stated": "stated in full",
    "publication": "worked out from the day of publication",
    "text": "worked out from another date in the text",
    "approximate": "approximate",
}
MODALITIES = {
    "happened": "",
    "said": "said",
    "announced": "announced",
    "threatened": "threatened",
    "denied": "denied",
    "expected": "expected",
}
TONES = {"warm": "warm", "neutral": "neutral", "cool": "cool"}


@dataclass(frozen=True, slots=True)
class Source:
    """The piece a sentence stands in. url: lands on the sentence in browsers that can."""

    title: str
    url: str
    lang: str
    published_on: date | None
    released_at: datetime | None

    @property
    def published(self) -> str:
        """The day in words; empty for none."""
        return dates_in_words.day(self.published_on) if self.published_on else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry. words: the date; label: of the modality; subjects: names and addresses of open dossiers."""

    key: str
    anchor: str
    first_on: date
    before_on: date
    edtf: str
    words: str
    quote: str
    why: str
    grade: str
    grade_label: str
    modality: str
    label: str
    sentence: str
    sentence_html: SafeString
    source: Source
    subjects: list[dict[str, str]]
    report_url: str


@dataclass(frozen=True, slots=True)
class ShownAct:
    """One act or word of a subject towards the other."""

    key: str
    anchor: str
    actor: int
    first_on: date
    before_on: date
    words: str
    tone: str
    verb: str
    notes: list[str]
    sentence: str
    sentence_html: SafeString
    source: Source
    report_url: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Entries that are told as one; nearly always just one. disagreement: a sentence, where the texts differ."""

    entries: list[Shown]
    words: str
    disagreement: str

    @property
    def first(self) -> Shown:
        """The entry by which it is placed."""
        return self.entries[0]


def grouped(found: Sequence[Entry]) -> list[list[Entry]]:
    """The entries by happening, each where its first stands."""
    groups: dict[str, list[Entry]] = {}
    for entry in found:
        groups.setdefault(entry.happening or entry.key, []).append(entry)
    return list(groups.values())


def shown(groups: Iterable[Sequence[Entry]], opened: Mapping[int, Subject], *, today: date) -> list[Happening]:
    """The groups with sentences and sources; one query. today: by which an expected date has passed."""
    kept = [list(group) for group in groups]
    rows = queries.occurrence_rows(entry.pk for group in kept for entry in group)
    # A text may be withdrawn between the two questions; then its entries are gone with it.
    there = [[entry for entry in group if entry.pk in rows] for group in kept]
    return [_happening(group, rows, opened, today) for group in there if group]


def _happening(
    group: Sequence[Entry], rows: Mapping[int, dict[str, Any]], opened: Mapping[int, Subject], today: date
) -> Happening:
    is_settled = any(entry.modality != "expected" for entry in group)
    entries = [_shown(entry, rows[entry.pk], opened, today, is_settled=is_settled) for entry in group]
    narrowest = min(entries, key=lambda entry: (entry.before_on - entry.first_on, entry.first_on))
    agree = all(e.first_on <= narrowest.first_on and narrowest.before_on <= e.before_on for e in entries)
    return Happening(entries, narrowest.words if agree else entries[0].words, "" if agree else _given_as(entries))


def _given_as(entries: Sequence[Shown]) -> str:
    """`given as 12 June 2018 in one text and 13 June 2018 in another`."""
    words = list(dict.fromkeys(entry.words for entry in entries))
    first, *others = words
    return f"Given as {first} in one text and {' and '.join(f'{other} in another' for other in others)}."


def _shown(entry: Entry, row: dict[str, Any], opened: Mapping[int, Subject], today: date, *, is_settled: bool) -> Shown:
    source = _source(row)
    words = dates_in_words.in_words(
        entry.first_on, entry.before_on, precision=entry.precision, edtf=entry.edtf,
        quote="" if entry.decided == Ruling.What.CORRECTED else row["quote"],
    )  # fmt: skip
    at = row["start"] - row["sentence_start"]
    return Shown(
        key=entry.key,
        anchor=f"e-{entry.key[:16]}",
        first_on=entry.first_on,
        before_on=entry.before_on,
        edtf=entry.edtf,
        words=words,
        quote=row["quote"],
        why=_why(entry, row, source),
        grade="confirmed" if entry.decided in (Ruling.What.ACCEPTED, Ruling.What.CORRECTED) else entry.grade,
        grade_label=_grade_label(entry),
        modality=entry.modality,
        label=_label(entry, source, today, is_settled=is_settled),
        sentence=row["sentence"],
        sentence_html=_marked(row["sentence"], "" if row["is_carried"] else row["quote"], at),
        source=source,
        subjects=[{"name": opened[n].name, "url": subject_path(opened[n])} for n in opened if n in entry.subjects],
        report_url=f"/chronology/report/occurrence/{entry.key}/",
    )


def _grade_label(entry: Entry) -> str:
    if entry.decided == Ruling.What.CORRECTED:
        return "corrected by an editor"
    if entry.decided == Ruling.What.ACCEPTED:
        return "confirmed by an editor"
    return GRADES[entry.grade]


def _label(entry: Entry, source: Source, today: date, *, is_settled: bool) -> str:
    label = MODALITIES.get(entry.modality, entry.modality)
    # What a text says of days before its own is itself the later news.
    was_ahead = source.published_on is None or entry.before_on > source.published_on
    if entry.modality == "expected" and was_ahead and not is_settled and entry.before_on <= today:
        return f"{label}; no later news in this archive"
    return label


def _why(entry: Entry, row: dict[str, Any], source: Source) -> str:
    """How the date came out of the words: `“In June”, published 20 January 2020`."""
    words = f"“{row['quote']}”"
    if row["is_carried"]:
        return f"No date of its own; the sentence before it says {words}"
    if entry.grade == "stated":
        # The words are marked in the sentence and need no telling again.
        return f"published {source.published}" if source.published else ""
    if entry.grade == "publication" and source.published:
        return f"{words}, published {source.published}"
    anchor = dates_in_words.edtf_in_words(row["anchor"])
    return f"{words}, counted from {anchor}" if anchor else words


def shown_acts(found: Iterable[Act]) -> list[ShownAct]:
    """Acts with sentences and sources; one query."""
    kept = list(found)
    rows = queries.relation_rows(act.pk for act in kept)
    return [_shown_act(act, rows[act.pk]) for act in kept if act.pk in rows]


def _shown_act(act: Act, row: dict[str, Any]) -> ShownAct:
    source = _source(row)
    words = _act_words(act)
    notes = ["with a “not”"] if row["is_negated"] else []
    notes += ["in quotation marks"] if row["is_quoted"] else []
    notes += [row["modality"]] if row["modality"] in _SAID_OF_ACTS else []
    return ShownAct(
        key=act.key,
        anchor=f"r-{act.key[:16]}",
        actor=act.actor,
        first_on=act.first_on,
        before_on=act.before_on,
        words=words,
        tone=act.tone,
        verb=row["verb"],
        notes=notes,
        sentence=row["sentence"],
        sentence_html=_marked(row["sentence"], "", 0),
        source=source,
        report_url=f"/chronology/report/relation/{act.key}/",
    )


def _act_words(act: Act) -> str:
    if not act.is_dated:
        return f"published {dates_in_words.day(act.first_on)}"
    # Whole months and years are named by their stretch alone; of a season, 2019-21, the stretch is three months.
    precision = "S" if _SEASON.match(act.edtf) else ""
    return dates_in_words.in_words(act.first_on, act.before_on, precision=precision, edtf=act.edtf)


def subject_path(subject: Subject) -> str:
    """The address of a dossier, as links write it."""
    return iri_to_uri(f"/dossiers/{subject.slug}/")


def pair_path(one: Subject, other: Subject) -> str:
    """The address of two dossiers side by side: in the order of slugs, so that there is one."""
    first, second = sorted((one.slug, other.slug))
    return iri_to_uri(f"/dossiers/{first}/{second}/")


def _source(row: Mapping[str, Any]) -> Source:
    path = iri_to_uri(publication_path(row["text__publication__slug"], row["text__publication__series__slug"]))
    url = f"{path}#{kit_text.text_directive(row['sentence'])}"
    return Source(
        row["text__publication__title"], url, row["text__publication__language"],
        row["text__published_on"], row["text__publication__released_at"],
    )  # fmt: skip


def source_of(row: Mapping[str, Any]) -> Source:
    """The source of a row that `queries` read."""
    return _source(row)


def _marked(sentence: str, words: str, at: int) -> SafeString:
    """The sentence, cut where it is very long, with the words that carried the date marked where they still stand."""
    cut = kit_text.shorten(sentence, MAX_SENTENCE_CHARS)
    # Spaces may have been put in between the body and the sentence, so the nearest of equal words is the one.
    places = [place for place in range(len(cut)) if words and cut.startswith(words, place)] if words in cut else []
    if not places:
        return format_html("{}", cut)
    start = min(places, key=lambda place: abs(place - at))
    end = start + len(words)
    return format_html("{}<mark>{}</mark>{}", cut[:start], words, cut[end:])
