"""The marks by which a saved text page tells its parts, in English and Korean: labels, notes, the site's own words."""
# ruff: noqa: E501 -- patterns are tables, read line by line; a sign of Korean counts as two columns

from __future__ import annotations

import re
from collections.abc import Sequence

from isthmus.importers import dates
from isthmus.importers.bylines import is_same_name
from isthmus.kit import text

LISTING_MIN_ENTRIES = 4
_PROSE_MIN_CHARS = 150
DATE_IN_NAME = re.compile(
    r"(?:(\d{1,2})(?:[-_ ]?)(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[-_ ]?(\d{4})(?!\d)|(\d{4}-\d{1,2}-\d{1,2})(?!\d))",
    re.IGNORECASE,
)

_HEAD_BOILERPLATE = re.compile(
    r"""search\ all\ site\ content|total\ index:?\s*[\d,.]+\ publications?\.?|subscribe\ to\ (?:our|the)\ mailing\ list!?
    |sign\ up\ (?:for|to)\ .{0,40}(?:mailing\ list|newsletter|updates).{0,120}|skip\ to\ (?:main\ )?content|menu|search|home
    |toggle\ navigation|print(?:\ this(?:\ page)?)?|share(?:\ this(?:\ page)?)?|본문\ ?바로가기|검색|메뉴""",
    re.IGNORECASE | re.VERBOSE,
)
_TAIL_BOILERPLATE = re.compile(
    r"""return\ to\ .{1,80}|back\ to\ (?:top|.{1,60})|stay\ informed|register\ to\ receive\ .{1,80}|(?:©|copyright\b).{0,200}
    |all\ rights\ reserved\.?|subscribe(?:\ .{0,60})?|follow\ us(?:\ .{0,60})?|목록(?:으로)?|이전\ ?글.{0,120}|다음\ ?글.{0,120}""",
    re.IGNORECASE | re.VERBOSE,
)
_RETURN = re.compile(r"(?:return|back) to (?P<the>the )?(?P<series>.{1,80})", re.IGNORECASE)
_NO_SERIES = re.compile(r"(?:all )?(?:top|home|publications?|list|search.*|page|blog)", re.IGNORECASE)

_NAMES = {
    "published": r"published(?: on)?|publication date|date(?: published)?|posted(?: on)?|released?|등록일|작성일|게시일|발행일|입력",
    "authors": r"authors?|written by|저자|글쓴이|작성자|필자",
    "category": r"categor(?:y|ies)|filed under|분류|카테고리",
    "series": r"series|시리즈",
    "tags": r"tags?|keywords?|topics?|태그",
    "address": r"url|address|permalink|source|출처",
    "title": r"title|제목",
    "views": r"views|hits|조회수?|첨부(?:파일)?",
}
_LABEL_OF = {name: re.compile(rf"(?:{words})", re.IGNORECASE) for name, words in _NAMES.items()}
_LABEL = re.compile(
    rf"(?:^|[|·\t]|\s{{2,}}|(?<=\S)\s(?=(?:등록일|작성일|게시일|발행일|저자|글쓴이|작성자|조회수?)\b))\s*"
    rf"(?P<label>{'|'.join(_NAMES.values())})(?:\s*[:：]\s*|\s+(?=\d|{dates.MONTH_NAMES})|(?<=[일자이수])\s+)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://\S+")

_BY = re.compile(r"by:?\s+(?P<names>.{3,160})", re.IGNORECASE)
_NAME_WORD = re.compile(
    r"(?:[A-ZÀ-ÞĀ-Ž][\w.'’\-]*|de|del|della|van|von|der|den|la|le|al|bin|da|di|du|ter|Jr\.?|Sr\.?|I{1,3})"
)
_BETWEEN_NAMES = re.compile(r"\s*;\s*|\s+&\s+|,?\s+and\s+|\s+및\s+|\s*，\s*|\s*·\s*")
_TITLES = re.compile(r"^(?:(?:Dr|Prof|Amb|Ambassador|Professor|Mr|Mrs|Ms|Gen|Sen|Rep|Col|Lt)\.?\s+)+")

_IS = re.compile(
    r"(?:,[^.]{1,160},)?\s+(?:is|was|are|were|serves?|served|works?|teaches|currently|has been|leads|heads|holds)\b"
)
_SOMEBODY_IS = re.compile(
    r"(?:[A-ZÀ-ÞĀ-Ž][\w.'’\-]+\s+){1,4}(?:is|was)\s+(?:an?|the|currently|formerly)\s+.{0,120}"
    r"(?:fellow|professor|director|president|analyst|researcher|scholar|author|editor|student|candidate|intern|associate|adviser|advisor|"
    r"ambassador|lecturer|economist|journalist|chair|manager|consultant|expert|specialist|writer|senior|former)\b"
)  # fmt: skip
_KOREAN_NOTE = re.compile(r"(?:필자|저자)(?:는|인)\s?.{4,}")
_DISCLAIMER = re.compile(
    r"(?:The|These|All)?\s*(?:views?|opinions?|statements?)\s+(?:and\s+\w+\s+)?(?:expressed|presented|contained|in this|here)\b"
    r"|(?:본|이)\s?(?:글|원고|논평|자료)[은의].{0,60}(?:의견|견해|입장)|This (?:article|essay|paper|piece|blog) (?:represents|reflects)\b",
    re.IGNORECASE,
)
_PHOTO = re.compile(
    r"(?:cover |featured |main |lead )?(?:photos?|images?|pictures?|photographs?|graphic)(?:\s+credits?)?"
    r"(?:\s*[:：]|\s+(?:from|by|courtesy|via|taken|used|credit|©|\())|사진\s*(?:출처|제공|[:：=])",
    re.IGNORECASE,
)
_HANGUL = re.compile("[\uac00-\ud7a3]")
_LETTER = re.compile(r"[^\W\d_]")
_BULLET = re.compile(r"\s*(?:[-•*▪◦‣○●]\s+|(?P<number>\d{1,2})[.)]\s+)")
_CLOSING = "\"'”’»)]」』"
_ENDS = (".", "!", "?", ":", ";", ",", "…", "。", "？", "！", "、", "-", "–", "—")
_MORE = re.compile(
    r"(?:read|see|learn) more\b.{0,60}|continue reading\b.{0,80}|more\s*[»>→]|자세히\s*보기|더\s*보기", re.IGNORECASE
)


def is_head_boilerplate(line: str) -> bool:
    """Whether a line is the site's own, as it stands above every page."""
    return bool(_HEAD_BOILERPLATE.fullmatch(line))


def is_tail_boilerplate(line: str) -> bool:
    """Whether a line is the site's own, as it stands below every page."""
    return bool(_TAIL_BOILERPLATE.fullmatch(line) or _HEAD_BOILERPLATE.fullmatch(line))


def series_returned_to(line: str) -> str:
    """ "The Peninsula" in "Return to the Peninsula"; empty where the line leads to no series."""
    found = _RETURN.fullmatch(line)
    if not found or _NO_SERIES.fullmatch(found["series"]):
        return ""
    return ("The " if found["the"] else "") + found["series"]


def may_be_series(line: str) -> bool:
    """Whether the line before a title can be the name of a series: short, and no sentence."""
    return len(line) <= 80 and not line.rstrip(_CLOSING).endswith(_ENDS) and not _ADDRESS.search(line)


def labels_of(line: str) -> dict[str, str]:
    """What the labels of a line say, by the names of _NAMES; empty for a line that begins otherwise."""
    spaced = line.strip()
    found = list(_LABEL.finditer(spaced))
    if not found or found[0].start() != 0:
        return {}
    ends = [match.start() for match in found[1:]] + [len(spaced)]
    named = {}
    for match, end in zip(found, ends, strict=True):
        name = next(name for name, words in _LABEL_OF.items() if words.fullmatch(match["label"]))
        named[name] = text.collapse(spaced[match.end() : end]).strip("| ·")
    return named if _make_sense(named) else {}


def _make_sense(named: dict[str, str]) -> bool:
    """A label is one only with a value of its kind: "Source: a diplomat said" is prose."""
    if "published" in named and dates.read_date(named["published"], zone="UTC") is None:
        return False
    if "address" in named and not _ADDRESS.fullmatch(named["address"]):
        return False
    return all(len(value) <= 300 for value in named.values())


def listed(value: str) -> tuple[str, ...]:
    """Several labels on one line, parted by commas, semicolons or bars."""
    return tuple(part.strip() for part in re.split(r"[,;|，、]", value) if part.strip())


def names_in(value: str) -> list[str]:
    """The people of an author label; a comma parts them only where a name stands on both sides of it."""
    names = [part.strip() for part in _BETWEEN_NAMES.split(value) if part.strip()]
    split: list[str] = []
    for name in names:
        parts = [part.strip() for part in name.split(",") if part.strip()]
        several = len(names) > 1 or len(parts) > 2
        split += parts if several and all(_is_name(part) for part in parts) else [name]
    return split


def _is_name(words: str) -> bool:
    parts = words.split()
    return 2 <= len(parts) <= 5 and all(_NAME_WORD.fullmatch(part) for part in parts)


def byline_names(line: str) -> list[str]:
    """The names of a line "By A, B and C"; empty for any other line."""
    found = _BY.fullmatch(line)
    if not found:
        return []
    parts = [part.strip() for part in re.split(r",\s*(?!Jr|Sr|Ph)", found["names"]) if part.strip()]
    names = [
        _TITLES.sub("", name) for part in parts for name in _BETWEEN_NAMES.split(part.removeprefix("and ")) if name
    ]
    return names if names and all(_is_name(name) for name in names) else []


def is_photo_credit(words: str) -> bool:
    """Whether a paragraph credits a picture."""
    return len(words) <= 400 and bool(_PHOTO.match(words))


def is_author_note(words: str, names: Sequence[str]) -> bool:
    """Whether a paragraph says who the author is: it begins with the name, or reads like nothing else."""
    if len(words) > 1500:
        return False
    bare = _TITLES.sub("", words)
    starts_with_name = any(_begins_with(bare, name) for name in names)
    return starts_with_name or bool(_SOMEBODY_IS.match(bare) and not names) or bool(_KOREAN_NOTE.match(words))


def _begins_with(words: str, name: str) -> bool:
    verb = _IS.search(words)
    if verb is None:
        return False
    before = words[: verb.start()].split(",")[0]
    return is_same_name(_TITLES.sub("", before), name)


def is_disclaimer(words: str) -> bool:
    """Whether a paragraph says whose views these are."""
    return len(words) <= 800 and bool(_DISCLAIMER.match(words.lstrip("*([ ")))


def without_disclaimer(note: str) -> tuple[str, str]:
    """An author note in two: who the author is, and whose views these are."""
    for found in re.finditer(r"(?:^|(?<=[.!?”])\s+)(?=\S)", note):
        if _DISCLAIMER.match(note[found.end() :]):
            return note[: found.start()].strip(), note[found.end() :].strip()
    return note, ""


def is_mostly_hangul(words: str) -> bool:
    """Whether more than a third of the letters are Hangul, so that the text is Korean."""
    sample = words[:20_000]
    return len(_HANGUL.findall(sample)) * 3 > max(len(_LETTER.findall(sample)), 1)


def list_tag(lines: Sequence[str]) -> str:
    """`ul` or `ol` where every line, two at least, begins with a bullet or a number; else empty."""
    found = [_BULLET.match(line) for line in lines]
    if len(lines) < 2 or not all(found):
        return ""
    return "ol" if all(match and match["number"] for match in found) else "ul"


def without_bullet(line: str) -> str:
    """The item's own words."""
    return _BULLET.sub("", line, count=1)


def is_wrapped(lines: Sequence[str]) -> bool:
    """Whether the lines are one paragraph broken at a column, and not a paragraph each."""
    if len(lines) < 2 or any(line.startswith(("  ", "\t")) for line in lines[1:]):
        return False
    return all(40 <= len(line) <= 110 for line in lines[:-1]) and len(lines[-1]) <= 110


def is_heading(line: str, after: str) -> bool:
    """Whether a line alone between paragraphs heads what follows: short, no sentence, and text after it."""
    words = text.collapse(line)
    if (
        len(words) > 120
        or len(words.split()) > 18
        or words.rstrip(_CLOSING).endswith(_ENDS)
        or not _LETTER.search(words)
    ):
        return False
    first = _LETTER.search(words)
    is_capital = first is not None and (first[0].isupper() or not first[0].islower())
    goes_on = len(after) > 100 or after.rstrip(_CLOSING).endswith((".", "!", "?", ":", "。"))
    return is_capital and goes_on and words[0] not in "-–—*•("


def n_listing_entries(lines: Sequence[str]) -> int:
    """How many pieces a page seems to list: lines that lead on, or the dates of several pieces."""
    plain = [text.collapse(line) for line in lines]
    n_more = sum(bool(_MORE.fullmatch(line)) for line in plain)
    n_dates = sum("published" in labels_of(line) or _is_date(line) for line in plain)
    n_long = sum(len(line) > _PROSE_MIN_CHARS for line in plain)
    # A programme of events has dates too, but prose between them.
    return max(n_more, n_dates) if n_long < max(n_more, n_dates) else 0


def _is_date(line: str) -> bool:
    return len(line) <= 40 and dates.read_date(line.strip("-–—() "), zone="UTC") is not None
