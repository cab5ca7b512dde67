"""A body has one paragraph a line; what reads sentences and dates wants an empty line between paragraphs."""

from __future__ import annotations

from bisect import bisect_left


class Spacing:
    """The body with its paragraphs apart, and the way from places in the one to places in the other."""

    def __init__(self, body: str) -> None:
        lines = body.split("\n")
        self.text = "\n\n".join(lines)
        # Where the n-th paragraph ends in the body; n characters were put in before it.
        self._ends: list[int] = []
        at = -1
        for line in lines[:-1]:
            at += len(line) + 1
            self._ends.append(at)
        self._spaced_ends = [end + n for n, end in enumerate(self._ends)]

    def in_body(self, place: int) -> int:
        """The place in the body of a place in `text`."""
        return place - bisect_left(self._spaced_ends, place)

    def in_text(self, place: int) -> int:
        """The place in `text` of a place in the body."""
        return place + bisect_left(self._ends, place)
