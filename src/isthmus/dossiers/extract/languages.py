"""Dates written in full in languages other than English. Nothing relative is read there, and the site says so."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from isthmus.dossiers.extract.expression import Grade, Kind
from isthmus.dossiers.extract.moments import Moment, Unit
from isthmus.dossiers.extract.reading import Found, Head, Place, Reading, Rule
from isthmus.dossiers.extract.words import table

_EAST = re.compile(
    r"(?<!\d)(?P<year>[12]\d{3}) ?[年년](?: {0,2}(?P<month>1[0-2]|0?[1-9]) ?[月월](?: {0,2}(?P<day>3[01]|[12]\d"
    r"|0?[1-9]) ?[日일号號])?)?"
)
# 二〇一八年六月十二日: the year by its figures, month and day as they are spoken, 十二 for twelve.
_HAN_FIGURES = {figure: str(number) for number, figure in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_HAN_SMALL = "[一二三四五六七八九]"
_HAN = re.compile(
    r"(?P<year>[一二][〇零○一二三四五六七八九]{3})年"
    rf"(?: {{0,2}}(?P<month>十[一二]?|{_HAN_SMALL})月"
    rf"(?: {{0,2}}(?P<day>(?:[二三]?十)?{_HAN_SMALL}|[二三]?十)[日号號])?)?"
)
# The last code Unicode 15 gives a decimal digit, of the segmented ones, is 1FBF9.
_LAST_DIGIT = 0x1FBFF
_FIGURES = re.compile(
    r"(?<![\d./-])(?:(?P<year>[12]\d{3})(?P<mark>[-./])(?P<month>1[0-2]|0[1-9])(?P=mark)(?P<day>3[01]|[12]\d|0[1-9])"
    r"|(?P<day2>3[01]|[12]\d|0?[1-9])(?P<mark2>[./])(?P<month2>1[0-2]"
    r"|0?[1-9])(?P=mark2)(?P<year2>[12]\d{3}))(?![\d./-]*\d)"
)


def explicit_dates(text: str, language: str) -> Iterator[tuple[Found, Reading]]:
    """Every date written with its year, in the order of the text; a language without a table has its figures read."""
    plain = text if text.isascii() else text.translate(_digits())
    founds = [found for pattern in _patterns(_primary(language)) for found in pattern.finditer(plain)]
    done = 0
    for found in sorted(founds, key=lambda found: (_start(found), -found.end())):
        parts = {name.rstrip("2"): words for name, words in found.groupdict().items() if words}
        moment = _moment(parts, _primary(language)) if _start(found) >= done else None
        if moment is not None:
            done = found.end()
            yield Found(EXPLICIT, _start(found), done, parts), Reading(Kind.DATE, "", moment, Grade.STATED)


def _start(found: re.Match[str]) -> int:
    """Where the date begins, without the word in front that makes four figures a year."""
    return min(found.start(name) for name, words in found.groupdict().items() if words)


@cache
def _digits() -> dict[int, str]:
    """The digits of every script to ours, one for one, so that places stay: `２０１９年`, `١٢/٠٦/٢٠١٩`."""
    decimals = ((code, unicodedata.decimal(chr(code), None)) for code in range(0x80, _LAST_DIGIT + 1))
    return {code: str(decimal) for code, decimal in decimals if decimal is not None}


def _primary(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    known = table("languages.toml").get(language, {})
    if known.get("east"):
        return (_EAST, _HAN, _FIGURES)
    if "months" not in known:
        return (_FIGURES,)
    names = "|".join(re.escape(name) for name in _months(language))
    return (
        _bare_year(known),
        re.compile(
            r"(?<!\w)(?:(?P<day>3[01]|[12]\d|0?[1-9])(?:\.|er|º|°)?[ \u00a0]{1,2}(?:de )?)?"
            rf"(?P<month>{names})(?:,)?[ \u00a0]{{1,2}}(?:de |del )?(?P<year>[12]\d{{3}})(?!\w)",
            re.IGNORECASE,
        ),
        _FIGURES,
    )


def _bare_year(known: dict[str, Any]) -> re.Pattern[str]:
    """`im Jahr 2018`, `en 2018`, `в 2018 году`: a year with the word that makes it one; no round count of things."""
    before = "|".join(known["before_year"])
    after = "|".join(known.get("after_year", ())) or r"(?!)"
    figures = r"(?:1[5-9]|20)\d\d"
    return re.compile(
        rf"(?<!\w)(?:(?:{before})[ \u00a0](?P<year>{figures})(?!\w|[.,]\d)(?!(?<=[05]0)[ \u00a0]\w)"
        rf"|(?P<year2>{figures})[ \u00a0](?:{after})(?!\w))",
        re.IGNORECASE,
    )


@cache
def _months(language: str) -> dict[str, int]:
    lists = table("languages.toml")[language]["months"]
    return {name: number for number, names in enumerate(lists, 1) for name in names.split("|")}


def _moment(parts: dict[str, str], language: str) -> Moment | None:
    """None for a day that no calendar has."""
    parts = {name: _plain_number(words) for name, words in parts.items()}
    year, month, day = int(parts["year"]), parts.get("month"), int(parts.get("day", 1))
    if month is None:
        return Moment(Unit.YEAR, date(year, 1, 1))
    number = int(month) if month.isdecimal() else _months(language)[month.lower()]
    try:
        return Moment(Unit.DAY if "day" in parts else Unit.MONTH, date(year, number, day))
    except ValueError:
        return None


def _plain_number(words: str) -> str:
    """`2018` for `二〇一八`, `12` for `十二`, `30` for `三十`; other words as they are."""
    tens, ten, ones = words.partition("十")
    if ten:
        words = _HAN_FIGURES.get(tens, "1") + _HAN_FIGURES.get(ones, "0")
    return "".join(_HAN_FIGURES.get(figure, figure) for figure in words)


def _unused(parts: dict[str, str], place: Place) -> Reading | None:
    return None


EXPLICIT = Rule("explicit", Head.DIGIT, _EAST, _unused)
