"""Which date words lean on: the day of publication or the date last named, the past or the future, a report or a tale.

A bare month or day is resolved here; `narrative_paragraphs` decides for each paragraph what it tells of.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from isthmus.dossiers.extract.expression import Grade
from isthmus.dossiers.extract.moments import Moment, Unit
from isthmus.dossiers.extract.reading import Found, Head, Place
from isthmus.dossiers.extract.words import WEEKDAYS, month_of

# A month-day so many days ahead of its publication is still to come rather than a year ago.
_DAYS_AHEAD = 60
# "By August" in October is the one that was; "by February" the one to come.
_MONTHS_AHEAD = 6
# How far a tale goes on to a month of the next year without saying so.
_MONTHS_ON = 5
# A comment on affairs of the day looks back three years as a matter of course.
_RECENT_YEARS = 3
# So many expressions make the beginning of a text.
_FIRST = 3
# Two figures of a year are told of the past oftener than of plans, and plans reach some ten years.
_YEARS_AHEAD = 10
# Who names so many years and never says "last June" writes history, in whatever order.
_MANY = 20
_FUTURE = re.compile(
    r"(?i)\b(?:will|shall|won['’]t|expects?|(?<!had been )expected|(?<!had been )scheduled|(?<!had been )due"
    r"|plans?|(?<!previously )planned|planning|set to|set for|would be|"
    r"until|till|upcoming|going to|is to|are to|slated|as soon as|as early as|['’]ll)\b"
)
# A report of what was to come in its week: "the envoy would leave on Thursday".
_FUTURE_TOLD = re.compile(_FUTURE.pattern + r"|\bwould(?! have)\b")
# What may be to come: enough for a month, which is seldom named without its year long after, not for a weekday.
_MAYBE_FUTURE = re.compile(
    _FUTURE.pattern
    + r"|(?i:\b(?:would|(?-i:may)|might|could|should|planned|planning|set to|set for|to be|by|deadline|proposed|"
    r"hopes?|intends?|begins?|ends?|starting|beginning|effective|expires?|matures?|maturing|payable|slated|through"
    r"|(?:decided|agree[ds]?|agreement|promised|pledged|vowed|due|ready|wants?|wanted|bid|offer|prepar\w+) to"
    r" (?!(?:it|an?|the|this|that|his|her|its|their)\b))\b)"
)
# An aim is ahead of where it was set: "a bid to buy the bank in January". Only months are that often without a year.
_AIM = re.compile(
    _MAYBE_FUTURE.pattern
    + r"|(?-i:\bto (?!(?:the|an|this|that|his|her|its|their|be|date|death|power|court|office|war|work|life|more|all"
    r"|both|two|three|some)\b)[a-z]{3,}\b)"
)
_PAST = re.compile(
    r"(?i)(?<!\bbe )\b(?:was|were|had|did|has|have been|came|went|took|made|fell|rose|began|left|met|won|lost|held"
    r"|became|said|says|told|wrote|since|ago|last|(?!expected|scheduled|planned|proposed|slated"
    r"|united|unspecified|hundred|indeed|need|speed|proceed|exceed|succeed)[a-z]{3,}ed)\b"
)
_SENTENCE_END = re.compile(r"[.!?;]['\"”’)]*\s+(?=[A-Z\"“‘'(])|\n\s*\n")


def looks_ahead(place: Place, cues: re.Pattern[str] = _FUTURE) -> bool:
    """Whether the clause speaks of what is to come: a word of the future nearer than any past tense before it.

    At the head of a sentence the words behind are asked instead. cues: what counts as a word of the future.
    """
    lead = _SENTENCE_END.split(place.lead(80))[-1]
    if len(lead.split()) > 2:
        future = [found.end() for found in cues.finditer(lead)]
        past = [found.end() for found in _PAST.finditer(lead)]
        return bool(future) and future[-1] > (past[-1] if past else -1)
    trail = _SENTENCE_END.split(place.trail(80))[0]
    # Behind the date only a verb of the future tells; "on 25 November by fishermen" has a "by" of another kind.
    future_at, past_at = _FUTURE.search(trail), _PAST.search(trail)
    return future_at is not None and (past_at is None or future_at.start() < past_at.start())


def day_of_month(month: int, number: int, weekday: int | None, place: Place) -> tuple[Moment, Grade] | None:
    """The day that a month and a day without a year mean, and how it was found; None without an anchor.

    Raises: ValueError if no year has such a day.
    """
    borrowed = _year_of_next(month, place) or _year_beside(place)
    if borrowed is not None:
        return Moment(Unit.DAY, date(borrowed, month, number)), Grade.FROM_TEXT
    anchors = place.anchors
    named = anchors.last_named()
    if named is not None and _is_told(place):
        day = _fitting(_not_to_come(told_year(month, named), month, place), month, number, weekday)
        return Moment(Unit.DAY, day), Grade.FROM_TEXT
    if anchors.published is None:
        return None
    year = _reported_year(month, number, place, anchors.published)
    if named is not None and weekday is not None and not _falls_on(weekday, year, month, number):
        # "On Monday, 18 December" behind 1899: the day of the week tells which year is meant.
        told = told_year(month, named)
        if _falls_on(weekday, told, month, number):
            return Moment(Unit.DAY, date(told, month, number)), Grade.FROM_TEXT
    return Moment(Unit.DAY, _fitting(year, month, number, weekday)), Grade.FROM_PUBLICATION


def month_without_year(month: int, place: Place) -> tuple[Moment, Grade] | None:
    """The month that its bare name means, and how it was found; None without an anchor."""
    borrowed = _year_of_next(month, place) or _year_beside(place)
    if borrowed is not None:
        return Moment(Unit.MONTH, date(borrowed, month, 1)), Grade.FROM_TEXT
    anchors = place.anchors
    named = anchors.last_named()
    if named is not None and _is_told(place):
        return Moment(Unit.MONTH, date(_not_to_come(told_year(month, named), month, place), month, 1)), Grade.FROM_TEXT
    if anchors.published is None:
        return None
    year = anchors.published.year
    if _is_ahead((month - anchors.published.month) % 12, place):
        year += month < anchors.published.month
    else:
        year -= month > anchors.published.month
    return Moment(Unit.MONTH, date(year, month, 1)), Grade.FROM_PUBLICATION


# Between a year and what lies in it, "last year, on a Sunday in August": no verb, no end of the sentence.
_INSIDE = re.compile(
    r"(?:[\s,(]|\b(?:on|in|during|at|by|around|an?|one|the|early|late|mid|beginning|end|middle|of|morning|night|evening"
    rf"|afternoon|{'|'.join(WEEKDAYS)})\b)*",
    re.IGNORECASE,
)
_INSIDE_CHARS = 40


def _year_beside(place: Place) -> int | None:
    """The year that the words just before it name or point to: `ten years ago, in August`, `in 1910, on 5 October`."""
    anchors, start = place.anchors, place.found.start
    if not anchors.named or anchors.named[-1].unit is not Unit.YEAR or start - anchors.named_end > _INSIDE_CHARS:
        return None
    gap = place.text[anchors.named_end : start]
    if not gap.strip() or "\n\n" in gap or not _INSIDE.fullmatch(gap):
        return None
    return anchors.named[-1].first.year


def _is_ahead(n_months: int, place: Place) -> bool:
    """Whether a bare month that comes next in so many months is that one and not the last of its name."""
    if n_months == 1 and not _is_past(place):
        return True
    return looks_ahead(place) or (n_months <= _MONTHS_AHEAD and looks_ahead(place, _AIM))


# How things stand: not told, but reported.
_AS_OF = re.compile(r"(?i)\bas of\s(?:(?:early|mid|late)[\s-])?$")


def _is_told(place: Place) -> bool:
    """Whether a bare month or day belongs to the date last named; in a report not if its clause looks ahead."""
    anchors = place.anchors
    if anchors.tale or anchors.published is None or anchors.is_entry:
        return True
    return anchors.narrative and not _AS_OF.search(place.lead(16)) and not looks_ahead(place, _MAYBE_FUTURE)


def _is_past(place: Place) -> bool:
    lead = _SENTENCE_END.split(place.lead(80))[-1]
    return bool(_PAST.search(lead) or (len(lead.split()) < 3 and _PAST.search(_SENTENCE_END.split(place.trail(80))[0])))


def _reported_year(month: int, number: int, place: Place, published: date) -> int:
    """The nearest past year in which the day has been; a little ahead, or in a clause of the future, the next."""
    ahead = looks_ahead(place, _MAYBE_FUTURE)
    this = _day_or_last(published.year, month, number)
    if this >= published:
        near = (this - published).days <= _DAYS_AHEAD
        return published.year if near or ahead else published.year - 1
    following = _day_or_last(published.year + 1, month, number)
    if (following - published).days <= _DAYS_AHEAD and (ahead or (published - this).days > 300):
        return published.year + 1
    return published.year + 1 if ahead and (published - this).days > 120 else published.year


def _day_or_last(year: int, month: int, number: int) -> date:
    # 29 February of a common year stands for its 28th while years are compared.
    return date(year, month, min(number, 28)) if month == 2 else date(year, month, number)


def told_year(month: int, named: Moment, *, months_on: int = _MONTHS_ON) -> int:
    """The year of a month in a tale, which goes forward: from late in one year, early months are the next year's.

    months_on: how far it goes on at most.
    """
    year = named.first.year
    if named.unit in (Unit.YEAR, Unit.HALF):
        return year
    if named.unit is Unit.SEASON and named.first.month == 12:
        return year + (month < 9)
    # Half a year at most: from August on, June is oftener the one before than the one to come.
    return year + (month < named.first.month and (month - named.first.month) % 12 <= months_on)


def _not_to_come(year: int, month: int, place: Place) -> int:
    """The year of an entry's month; a chronology that goes back from its publication does not jump ahead of it."""
    published, named = place.anchors.published, place.anchors.last_named()
    if not place.anchors.is_entry or published is None or named is None or named.first > published:
        return year
    return year - ((year, month) > (published.year, published.month))


def _falls_on(weekday: int, year: int, month: int, number: int) -> bool:
    return _day_or_last(year, month, number).isoweekday() == weekday


def _fitting(year: int, month: int, number: int, weekday: int | None) -> date:
    """The day in that year; with a weekday, in the nearest year in which it falls on one."""
    years = (year,) if weekday is None else (year, year - 1, year + 1, year - 2, year + 2, year - 3, year + 3)
    for one in years:
        try:
            day = date(one, month, number)
        except ValueError:
            continue
        if weekday is None or day.isoweekday() == weekday:
            return day
    return date(year, month, number)


_GAP_CHARS = 16
_LIST_GAP = re.compile(
    r"\s?(?:,|/|and|or|to|through|until|till|-|–|—|, and|, or)\s?(?:the\s|in\s|on\s|then\s)?", re.IGNORECASE
)


def listed_before(place: Place) -> Found | None:
    """The next expression, if only an "and", a comma or a dash is between: the parts of a list share their year."""
    after = place.after
    if after is None or "year" not in after.parts:
        return None
    return after if _LIST_GAP.fullmatch(place.text[place.found.end : after.start]) else None


def _year_of_next(month: int, place: Place) -> int | None:
    """The year of the next date in a list: `in June and July 1942`, `from 5 December to 7 January 1942`."""
    after = listed_before(place)
    if after is None or "month" not in after.parts:
        return None
    year = year_number(after.parts["year"], place.anchors.published)
    return year - (month > month_of(after.parts["month"]))


def year_number(text: str, published: date | None) -> int:
    """1998 for `1998`, and for `'98` where 2098 is more than a few years ahead of the publication."""
    if len(digits := "".join(filter(str.isdigit, text))) > 2:
        return int(digits)
    latest = (published.year if published else 1999) + _YEARS_AHEAD
    return max(year for century in (1800, 1900, 2000) if (year := century + int(digits)) <= latest or century == 1800)


def weekday_near(weekday: int, place: Place) -> tuple[Moment, Grade] | None:
    """The day a bare weekday means: the last, that of publication counted; the next where the clause looks ahead."""
    anchors = place.anchors
    named = anchors.last_named(Unit.DAY)
    if (anchors.tale or anchors.published is None) and named is not None:
        return Moment(Unit.DAY, named.first + timedelta(days=(weekday - named.first.isoweekday()) % 7)), Grade.FROM_TEXT
    if anchors.published is None or anchors.tale:
        return None
    today = anchors.published
    back = (today.isoweekday() - weekday) % 7
    if back and looks_ahead(place, _FUTURE_TOLD) and not _is_possessive(place):
        return Moment(Unit.DAY, today + timedelta(days=7 - back)), Grade.FROM_PUBLICATION
    return Moment(Unit.DAY, today - timedelta(days=back)), Grade.FROM_PUBLICATION


def _is_possessive(place: Place) -> bool:
    # "Would find a way around Wednesday's ruling": what is called by its day has mostly been.
    return place.trail(2).replace("’", "'") == "'s"


def is_tale(founds: Sequence[Found], published: date | None) -> bool:
    """Whether the text as a whole tells of the past.

    It names years long past often, recent ones seldom (a comment on affairs of the day names both), and it hardly ever
    points at its own day.
    """
    if published is None:
        return True
    years = [year for found in founds if (year := _year_named(found)) is not None]
    n_old = sum(year < published.year - _RECENT_YEARS for year in years)
    # News begins with its day; so does the life of one who died on Thursday.
    if any(_points_here(found) for found in founds[:_FIRST]):
        return False
    n_pointing = sum(_points_here(found) for found in founds)
    # A short history: old years alone, and nothing that makes sense only beside the day of publication.
    if years and n_old == len(years) and not n_pointing:
        return True
    if n_old >= 4 and n_old >= 0.7 * len(years) and n_old >= 5 * n_pointing:
        return True
    if n_pointing > len(founds) / 30:
        return False
    # A history of the last ten years names recent years too, but does not say "last June".
    n_past = sum(year < published.year - 1 for year in years)
    return (n_past >= 8 and n_past >= 0.8 * len(years)) or (
        n_past >= len(years) / 2 and (len(years) >= _MANY or _is_chronicle(years))
    )


def _is_chronicle(years: Sequence[int]) -> bool:
    """Whether years follow one another as they passed; a comment goes back and forth between them."""
    n_back = sum(after < before for before, after in pairwise(years))
    return len(years) >= 6 and len(set(years)) >= 3 and n_back <= 0.15 * len(years)


def narrative_paragraphs(text: str, founds: Sequence[Found], published: date | None) -> list[bool]:
    """For each expression, whether its bare months and days belong to a year named before it.

    So they do behind two past years of their paragraph or a day or month of one long past, until the paragraph points
    at its own day (one year alone is background as often); and in the chapter below a heading that names a past year.
    """
    flags: list[bool] = []
    n_past, at, chapter = 0, 0, False
    for found in founds:
        if (gap := text.find("\n\n", at, found.start)) >= 0:
            n_past = 0
            chapter = chapter and not _has_heading(text, gap, found.start)
        if _points_here(found):
            n_past, chapter = -1, False
        if (year := _year_named(found)) is not None:
            years_back = published.year - year if published else 0
            past = years_back > 1 and not _LIST_GAP.fullmatch(text[at : found.start][:_GAP_CHARS])
            tells = years_back > _RECENT_YEARS and _FINE & found.parts.keys() and not _only_refers(text, found)
            n_past = n_past + (2 if tells else 1) if past else 0
            chapter = past and (chapter or is_heading(text, found.start))
        flags.append(chapter or n_past >= 2)
        at = found.end
    return flags


_HEADING_CHARS = 90
_FINE = frozenset(("month", "season"))
_REFERS = re.compile(r"(?i)\b(?:the|an?|its|his|her|their|since|until|till|before|of)\s$")


def is_heading(text: str, at: int) -> bool:
    """Whether the line is one: short, a paragraph of its own, without the mark that ends a sentence."""
    first, last = max(at - _HEADING_CHARS, 0), at + _HEADING_CHARS
    start, end = text.rfind("\n", first, at) + 1, text.find("\n\n", at, last + 2)
    if end < 0 or end - start > _HEADING_CHARS or (start == 0 and first > 0) or "\n" in text[start:end]:
        return False
    return not text[start:end].rstrip().endswith((".", "!", "?", ":", ";", ",", "”", '"'))


def _has_heading(text: str, start: int, end: int) -> bool:
    """Whether a heading stands between two expressions; a year in it would be one of them."""
    while (start := text.find("\n\n", start, end) + 2) > 1:
        if is_heading(text, start):
            return True
    return False


def _only_refers(text: str, found: Found) -> bool:
    """Whether the date tells one thing from another, "the May 1988 accord", or bounds what is told, "since May 1988".

    No tale begins there.
    """
    return bool(_REFERS.search(text, max(found.start - 8, 0), found.start))


def _year_named(found: Found) -> int | None:
    """The year the words name in full, below 0 for one before Christ."""
    year = found.parts.get("year", "")
    if len(year) == 4 and year.isdecimal():
        return int(year)
    number = found.parts.get("number") or found.parts.get("first", "")
    if found.rule.needs is not Head.ERA or not number.isdecimal() or "century" in found.parts:
        return None
    return -int(number) if found.rule.name == "before-christ" else int(number)


def _points_here(found: Found) -> bool:
    """Whether the words make sense only in their own week or year: yesterday, Tuesday, last June, ten days ago.

    "The next year" and "the last year of the war" are told of any time.
    """
    which = found.parts.get("which", "").lower()
    return (
        (found.rule.deictic and "the" not in found.parts)
        or (found.rule.name == "weekday" and which not in ("following", "same", "that") and "any" not in found.parts)
        or (found.rule.name in ("which-month", "season") and which in ("last", "this", "next"))
        or "ago" in found.parts.get("direction", "").lower()
    )
