"""Footnotes of every dialect written in one form: a reference and a note in HTML, each linking to the other.

That form is what `importers.footnotes` makes native; a dialect need only say which words are a note.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_PREFIX = "isthmus-note"


@dataclass(slots=True)
class Notes:
    """The notes of one body, gathered in the order of their references."""

    said: list[str] = field(default_factory=list)
    _by_name: dict[str, int] = field(default_factory=dict)

    def reference(self, note_html: str, *, name: str = "") -> str:
        """Take a note in; returns the reference that stands in its place. One `name` may be referred to again."""
        if name and name in self._by_name:
            number = self._by_name[name]
            if note_html.strip() and not self.said[number - 1]:
                self.said[number - 1] = note_html.strip()
            return f'<sup><a href="#{_PREFIX}-{number}">{number}</a></sup>'
        self.said.append(note_html.strip())
        number = len(self.said)
        if name:
            self._by_name[name] = number
        return f'<sup><a href="#{_PREFIX}-{number}" id="{_PREFIX}-ref-{number}">{number}</a></sup>'

    def as_html(self) -> str:
        """The list of notes for the end of the body; empty for none."""
        items = [
            f'<li id="{_PREFIX}-{number}">{said} <a href="#{_PREFIX}-ref-{number}">↩</a></li>'
            for number, said in enumerate(self.said, start=1)
        ]
        return f"\n<ol>{''.join(items)}</ol>\n" if items else ""
