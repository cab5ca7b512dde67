"""The words a date is made of, from words.toml, and the pieces of pattern that all rules share.

In a pattern a space stands for any short white space within a paragraph and `{NAME}` for a piece from PIECES. Every
repetition is bounded, so that a match costs a constant and a text costs its length.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """A data file beside this module, read once."""
    return tomllib.loads(files("isthmus.dossiers.extract").joinpath(name).read_text(encoding="utf-8"))


_WORDS = table("words.toml")
MONTHS: dict[str, int] = {name.lower(): number for name, number in _WORDS["months"].items()}
WEEKDAYS: dict[str, int] = {name.lower(): number for name, number in _WORDS["weekdays"].items()}
SEASONS: dict[str, str] = _WORDS["seasons"]
PARTS: dict[str, str] = _WORDS["parts"]
HOURS: dict[str, str] = _WORDS["hours"]
UNITS: dict[str, str] = _WORDS["units"]
PLURALS: dict[str, str] = _WORDS["plurals"]
NUMBERS: dict[str, int] = _WORDS["numbers"]
SCALES: dict[str, int] = _WORDS["scales"]
ORDINALS: dict[str, int] = _WORDS["ordinals"]
DECADES: dict[str, int] = _WORDS["decades"]
EDGES: dict[str, str] = _WORDS["edges"]
# Word lists that rules look for beside an expression; words.toml says what each is for.
LISTS: dict[str, list[str]] = {name: words.split() for name, words in _WORDS["lists"].items()}

NAMES_A_THING = re.compile(rf"[ \t\u00a0](?:{'|'.join(LISTS['after_time_in_name'])})\b")
SPACE = r"(?:[ \t\u00a0]{1,3}|[ \t]{0,2}\r?\n[ \t]{0,8}(?=\S))"


def either(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(re.escape(word).replace(r"\ ", " ") for word in sorted(words, key=lambda word: (-len(word), word)))


def _as_written(names: Iterable[str]) -> str:
    """Names that are written with a capital: `May`, `MAY`, never `may`."""
    both = {form for name in names for form in (name, name.upper())}
    return f"(?-i:{either(both)})"


FULL_MONTHS = [name for name in _WORDS["months"] if len(name) > 4 or name in ("May", "June", "July")]
_SHORT_MONTHS = [name for name in _WORDS["months"] if name not in FULL_MONTHS]
_FULL_DAYS = [name for name in _WORDS["weekdays"] if name.endswith("day")]
_SHORT_DAYS = [name for name in _WORDS["weekdays"] if not name.endswith("day")]
_UNIT = f"(?:{either([*PLURALS, *UNITS])})"
_SMALL = either(NUMBERS)
_WORD_NUMBER = (
    rf"(?:(?:{_SMALL})(?:[ -](?:{_SMALL}))?(?:[ -](?:hundred|thousand)(?:(?: and)? (?:{_SMALL})"
    rf"(?:[ -](?:{_SMALL}))?)?)?)"
)
_VAGUE = "(?:a |the )?(?:(?:good|great) )?(?:few|many|several|some|couple(?: of)?|number of|dozen|score of|handful of)"

PIECES = {
    "MONTH": f"(?:{_as_written(FULL_MONTHS)}|{_as_written(_SHORT_MONTHS)}(?:\\.|(?![a-z])))",
    "LONGDAY": _as_written(_FULL_DAYS),
    "WEEKDAY": f"(?:{_as_written(_FULL_DAYS)}|{_as_written(_SHORT_DAYS)}\\.?(?=,? ))",
    "SEASON": f"(?:{either(SEASONS)})",
    "PART": f"(?:(?:early|late|mid)[ -])?(?:{either([*PARTS, *HOURS])})",
    "UNIT": f"(?:(?:trading|working|business|calendar|fiscal|school) )?{_UNIT}",
    "UNITS": f"(?:(?:trading|working|business|calendar|fiscal|school|straight|consecutive|full|more|whole|long"
    f"|short|additional) ){{0,2}}{_UNIT}(?:s|(?<=s))?(?![a-z])",
    "EDGE": f"(?:{either(EDGES)})",
    "ORDINAL": rf"(?:{either(ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))",
    "NUMBER": rf"(?:\d{{1,4}}(?:,\d{{3}})?(?:\.\d{{1,2}})?(?:[ -]1/2|½)?|{_WORD_NUMBER}(?:[ -]and[ -]a[ -]half)?"
    "|an?(?: (?:half|hundred|thousand|dozen))?|half an?)",
    "VAGUE": _VAGUE,
    "ABOUT": "(?:(?:just |only )?(?:about|around|approximately|roughly|nearly|almost|some|circa|(?-i:ca?\\.)|at least"
    "|at most|"
    "up to|more than|less than|fewer than|no more than|no less than|not less than|over|under|within|exactly|just"
    "|only|"
    "well over|barely|close to))",
    "NEAR": "(?:(?:shortly|just|soon) (?:after|before|past))",
    "APOSTROPHE": "['’]",
    "DASH": "[-‐‑–—]",
}
_NAME = re.compile(r"\{([A-Z_]{2,}\d?)\}")


def pattern(source: str, **pieces: str) -> re.Pattern[str]:
    """Compile a rule's notation; the match ends at the end of a word. Other case matters only in names."""
    known = PIECES | pieces
    while _NAME.search(source):
        source = _NAME.sub(lambda found: known[found[1]], source)
    source = source.replace("[ -]", "(?: |{DASH})".replace("{DASH}", known["DASH"]))
    return re.compile(f"(?:{source})(?!\\w)".replace(" ", SPACE), re.IGNORECASE)


_AMOUNT_WORD = re.compile(r"\d[\d,]*(?:\.\d+)?|[a-z]+|½|1/2", re.IGNORECASE)


def amount(text: str) -> float | None:
    """How many: 2.5 for `2 1/2` or `two and a half`; 2 for a couple; None where the text does not say (`a few`)."""
    low = text.lower()
    if "couple" in low:
        return 2
    total, current, found = 0.0, 0.0, False
    if "1/2" in low or "½" in low or "half" in low:
        total, found = 0.5, True
        low = low.replace("1/2", "").replace("½", "").replace("half a", "").replace("half", "")
    for word in _AMOUNT_WORD.findall(low):
        value = _worth(word)
        if value is None:
            continue
        found = True
        current = max(current, 1) * value if word in SCALES or word == "dozen" else current + value
    return total + current if found else None


def _worth(word: str) -> float | None:
    if word[0].isdigit():
        return float(word.replace(",", ""))
    if word in ("a", "an"):
        return None
    return SCALES.get(word, 12 if word == "dozen" else NUMBERS.get(word))


def ordinal(text: str) -> int:
    """1 for `first` or `1st`."""
    low = text.lower()
    return ORDINALS[low] if low in ORDINALS else int("".join(filter(str.isdigit, low)))


def unit_of(text: str) -> str:
    """TIMEX3's letter for a unit as written: `W` for `weeks`, `TH` for `hours`."""
    word = text.lower().split()[-1].strip("-")
    word = PLURALS.get(word, word)
    return UNITS[word] if word in UNITS else UNITS[word.removesuffix("s")]


def month_of(text: str) -> int:
    """1 for `Jan.`."""
    return MONTHS[text.lower().rstrip(".")]


def weekday_of(text: str) -> int:
    """1 for `Monday`."""
    return WEEKDAYS[text.lower().rstrip(".")]
