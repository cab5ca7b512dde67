"""Notes that only look like notes: [1] or a raised 1 in the text, and paragraphs at the end that begin with it.

They are linked only where every note is referred to and they are numbered through from one; else all stays as it is.
"""

from __future__ import annotations

import re

from isthmus.importers.bodies.footnote_forms import Notes

_MARKED = re.compile(
    r"<p>\s*(?:(?:<(?:b|strong)>)?\[(?P<bracketed>\d{1,3})\](?:</(?:b|strong)>)?"
    r"|<sup>\s*\[?(?P<raised>\d{1,3})\]?[.)]?\s*</sup>)[.:)]?\s*(?P<note>.+)</p>",
    re.DOTALL,
)
_NUMBERED = re.compile(r"<p>\s*(?P<number>\d{1,3})[.)]\s+(?P<note>.+)</p>", re.DOTALL)
_LIST = re.compile(r"<ol>\s*((?:<li>(?:(?!</?li>|<ol|<ul).)+</li>\s*)+)</ol>\s*\Z", re.DOTALL)
_LIST_ITEM = re.compile(r"<li>(.*?)</li>", re.DOTALL)
_HEADING = re.compile(
    r"(?:<hr ?/?>\s*)?<(h[1-6]|p)>\s*(?:<(?:b|strong|em|i)>\s*)?(?:(?:end|foot)?notes|notes and references|references|"
    r"각주|미주|주석|주)\s*:?\s*(?:</(?:b|strong|em|i)>\s*)?</\1>\s*\Z",
    re.IGNORECASE,
)
_RULE = re.compile(r"<hr ?/?>\s*\Z")
_MAX_NOTES = 500


def linked(html: str) -> str:
    """Cleaned HTML with such notes in the form that `importers.footnotes` makes native; any other as it is."""
    plain = html.rstrip()
    if 'href="#' in plain or not ("[1]" in plain or "<sup>" in plain):
        return html
    found = _marked_notes(plain) or _headed_notes(plain)
    if not found:
        return html
    text, notes = found
    return _with_references(text, notes) or html


def _marked_notes(html: str) -> tuple[str, list[str]] | None:
    """Text and notes where the paragraphs at the end bear the marks themselves."""
    return _paragraphs_at_end(html, _MARKED)


def _headed_notes(html: str) -> tuple[str, list[str]] | None:
    """Text and notes where a heading says that the numbered list or paragraphs behind it are notes."""
    listed = _LIST.search(html)
    if listed:
        text, notes = html[: listed.start()].rstrip(), _LIST_ITEM.findall(listed[1])
    elif found := _paragraphs_at_end(html, _NUMBERED):
        text, notes = found
    else:
        return None
    heading = _HEADING.search(text[-300:])
    return (text[: len(text) - len(heading[0])], notes) if heading else None


def _paragraphs_at_end(html: str, form: re.Pattern[str]) -> tuple[str, list[str]] | None:
    """Read from the end: note 7, note 6 … to note 1; anything between them, and it is none of this."""
    notes: list[str] = []
    last = 0
    while html.endswith("</p>") and len(notes) < _MAX_NOTES:
        start = html.rfind("<p>")
        paragraph = form.fullmatch(html[start:]) if start >= 0 else None
        number = int(next(value for value in paragraph.groups()[:-1] if value)) if paragraph else 0
        if paragraph is None or (notes and number != last - 1):
            return None
        notes.insert(0, paragraph["note"].strip())
        last, html = number, html[:start].rstrip()
        if number == 1:
            return html, notes
    return None


def _with_references(text: str, notes: list[str]) -> str:
    """The text with every mark linked to its note; empty where a note has no mark."""
    has_code = "<code" in text or "<pre" in text
    brackets = "" if has_code else r"|\[(?P<bracketed>\d{1,3})\]"
    mark = re.compile(rf"<sup>\s*\[?(?P<raised>\d{{1,3}})\]?\s*</sup>{brackets}")
    numbers = {int(next(value for value in found.groups() if value)) for found in mark.finditer(text)}
    if not set(range(1, len(notes) + 1)) <= numbers:
        return ""
    kept = Notes()

    def refer(found: re.Match[str]) -> str:
        number = int(next(value for value in found.groups() if value))
        return kept.reference(notes[number - 1], name=str(number)) if 0 < number <= len(notes) else found[0]

    before = text[: heading.start()] if (heading := _HEADING.search(text)) else text
    return mark.sub(refer, _RULE.sub("", before.rstrip())) + kept.as_html()
