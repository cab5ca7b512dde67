"""Where sentences begin and end: what a reader is shown beside a date, and how far a verb reaches."""

import re
from bisect import bisect_right

# A mark that ends a sentence, with what closes behind it, before white space and what may begin one.
_END = re.compile(r"[.!?…]{1,3}[\"'”’)\]]{0,3}(?=\s{1,3}[\"'“‘(\[]{0,2}[A-Z0-9])|\n[ \t]*\n|[。！？]")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|[A-Z]\.[A-Z]|Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Capt|Adm|Rev|Hon|St|Mt|Jr|Sr|vs|No|Nos|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun|Inc|Ltd|Co|Corp|Bros|Amb|Maj|"
    r"e\.g|i\.e|cf|ca|c|approx|Art|Sec|Fig|Vol|pp?|Ph\.D|a\.m|p\.m))\.$"
)
_BLANKS = 200


def sentence_starts(text: str) -> list[int]:
    """Offsets at which a sentence begins, in order; the first is 0. Takes time in proportion to the text."""
    starts = [0]
    for found in _END.finditer(text):
        if found[0].startswith(".") and ends_abbreviation(text, found.start()):
            continue
        starts.append(found.end())
    return starts


def ends_abbreviation(text: str, at: int) -> bool:
    """Whether the full stop there belongs to an initial or a shortened word, as in `Daniel P. Davison`."""
    # "p.m." and "Jr." may end a sentence as well; then two sentences are shown as one, which misleads nobody.
    return bool(_ABBREVIATION.search(text, max(0, at - 8), at + 1))


def sentence_around(text: str, starts: list[int], at: int) -> tuple[int, int]:
    """Start and end of the sentence that holds the offset, without the white space around it."""
    place = bisect_right(starts, at)
    start = starts[place - 1]
    end = starts[place] if place < len(starts) else len(text)
    # A page of blanks is not worth its length for every date behind it.
    first, last = min(end, start + _BLANKS), max(start, end - _BLANKS)
    while start < first and text[start].isspace():
        start += 1
    while end > max(last, start) and text[end - 1].isspace():
        end -= 1
    return start, end
