"""Which date words lean on: the day of publication or the date last named, the past or the future.

A bare month or day is resolved here; whether a paragraph reports or tells is decided in `telling`.
"""

import re
from datetime import date, timedelta

from isthmus.dossiers.extract.expression import Grade
from isthmus.dossiers.extract.moments import Moment, Unit
from isthmus.dossiers.extract.reading import Found, Place
from isthmus.dossiers.extract.sentences import ends_abbreviation
from isthmus.dossiers.extract.words import LISTS, WEEKDAYS, month_of

# A month-day so many days ahead of its publication is still to come rather than a year ago.
_DAYS_AHEAD = 60
# "By August" in October is the one that was; "by February" the one to come.
_MONTHS_AHEAD = 6
# How far a tale goes on to a month of the next year without saying so.
_MONTHS_ON = 5
# Two figures of a year are told of the past oftener than of plans, and plans reach some ten years.
_YEARS_AHEAD = 10
_FUTURE = re.compile(
    r"(?i)\b(?:will|shall|won['’]t|expects?|(?<!had been )expected|(?<!had been )scheduled|(?<!had been )due"
    r"|plans?|(?<!previously )planned|planning|set to|set for|would be|"
    r"until|till|upcoming|going to|is to|are to|slated|as soon as|as early as|['’]ll)\b"
)
# The verbs of it, as they stand behind a date at the head of a sentence.
_WILL_BE = re.compile(
    r"(?i)\b(?:will|shall|won['’]t|['’]ll|expects?|plans? to|planning|would be|until|till"
    r"|(?:is|are) (?:\w+ )?(?:to|going to|set|due|scheduled|expected|planned|slated))\b"
)
# A report of what was to come in its week: "the envoy would leave on Thursday".
_FUTURE_TOLD = re.compile(
    _FUTURE.pattern
    # What is on a timetable is told in the present tense: "the deadline is Friday", "the trial opens on Monday".
    + r"|\b(?:would(?! have)|(?:starts?|begins?|opens|closes|ends|expires|resumes|takes place|is|are)"
    r"(?= (?:at |on |for )?$))\b"
)
# What may be to come: enough for a month, which is seldom named without its year long after, not for a weekday.
_MAYBE_FUTURE = re.compile(
    _FUTURE.pattern
    + r"|(?i:\b(?:would|(?-i:may)|might|could|should|planned|planning|set to|set for|to be|deadline|proposed"
    # "Problems caused by a storm in April" has a "by" of another kind.
    r"|by(?= (?:the |early |late |mid-?){0,2}$)|hopes?|intends?|begins?|ends?|starting|beginning|effective|expires?"
    r"|matures?|maturing|payable|slated|through|(?:is|are)(?= (?:in|on) $)"
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
    rf"(?i)(?<!\bbe )\b(?:{'|'.join(LISTS['past_verbs'])}|has|have been|says|since|ago|last"
    r"|(?!expected|scheduled|planned|proposed|slated|united|unspecified|hundred|indeed|need|speed"
    r"|proceed|exceed|succeed)[a-z]{3,}ed)\b"
)
# How far a verb reaches; what is to come is told at length: "will leave each Monday from March and ... from May".
_CLAUSE_CHARS, _SENTENCE_CHARS = 80, 130
_SENTENCE_END = re.compile(r"[.!?;]['\"”’)]*\s+(?=[A-Z\"“‘'(])|\n\s*\n")


def looks_ahead(place: Place, cues: re.Pattern[str] = _FUTURE) -> bool:
    """Whether the clause speaks of what is to come: a word of the future nearer than any past tense before it.

    At the head of a sentence the words behind are asked instead. cues: what counts as a word of the future.
    """
    lead = _sentence_before(place, _SENTENCE_CHARS)
    if len(lead.split()) > 2:
        future = [found.end() for found in cues.finditer(lead)]
        past = [found.end() for found in _PAST.finditer(lead)]
        return bool(future) and future[-1] > (past[-1] if past else -1)
    trail = _sentence_after(place)
    # Behind the date only a finite verb of the future tells: "On Friday she dropped a planned trip" is past.
    future_at, past_at = _WILL_BE.search(trail), _PAST.search(trail)
    return future_at is not None and (past_at is None or future_at.start() < past_at.start())


def day_of_month(month: int, number: int, weekday: int | None, place: Place) -> tuple[Moment, Grade] | None:
    """The day that a month and a day without a year mean, and how it was found; None without an anchor.

    Raises: ValueError if no year has such a day.
    """
    borrowed = _year_of_next(month, place) or _year_beside(place) or _year_joined(month, place)
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
    borrowed = _year_of_next(month, place) or _year_beside(place) or _year_joined(month, place)
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


# "Arrested in March 2010 and freed in November": one course of things, told in order.
_JOINED = re.compile(
    r"[^.;:,()]{0,60}\b(?:and|then|but|before|until)\b(?:[^.;:,()]{0,40}\s)?(?:on|in|by)\s(?:(?:the|early|mid|late)\s)?"
)


# Another clause goes on in the same course where an "and" leads to its date, "on 3 May 2011 it opened, and on 4 June it
# burned", or where the first date opened its sentence, "In May 2011 they met; in June they met again".
_AND_ON = re.compile(r"[^.:()]{0,140}[\s,;](?:and|then|but)\s(?:again\s)?(?:on|in|by)\s(?:(?:the|early|mid|late)\s)?")
_ON = re.compile(r"[,\s][^.:()]{0,140}[\s,;](?:on|in|by)\s(?:(?:the|early|mid|late)\s)?")
_BEGAN = re.compile(r"\b(?:on|in|by)\s$", re.IGNORECASE)
_OPENED = re.compile(r"(?:^|[.!?]\s{1,2}|\n\s?)(?:On|In|By)\s$")
_YEAR_DAYS = 366


def _goes_on(place: Place, before: Found) -> bool:
    """Whether the clause goes on in the course of things that the date before it began."""
    gap, lead = place.text[before.end : place.found.start], place.text[max(0, before.start - 6) : before.start]
    if _JOINED.fullmatch(gap):
        return True
    return bool(_AND_ON.fullmatch(gap) and _BEGAN.search(lead)) or bool(_ON.fullmatch(gap) and _OPENED.search(lead))


def _year_joined(month: int, place: Place) -> int | None:
    """The year that goes on from a month and year joined to this month in one clause; None if that is to come."""
    before, anchors, published = place.before, place.anchors, place.anchors.published
    if before is None or "month" not in before.parts or before.end != anchors.named_end:
        return None
    if not _goes_on(place, before) or looks_ahead(place, _MAYBE_FUTURE):
        return None
    named = anchors.named[-1]
    if "year" not in before.parts and (published is None or (published - named.first).days <= _YEAR_DAYS):
        # A month without a year that is long past goes on itself from one that had it.
        return None
    year = told_year(month, named)
    is_on = (year, month) >= (named.first.year, named.first.month)
    is_past = published is None or (year, month) <= (published.year, published.month)
    return year if is_on and is_past else None


def _is_ahead(n_months: int, place: Place) -> bool:
    """Whether a bare month that comes next in so many months is that one and not the last of its name."""
    if n_months == 1 and not looks_back(place):
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


def looks_back(place: Place) -> bool:
    """Whether the clause has a verb of the past."""
    lead = _sentence_before(place)
    return bool(_PAST.search(lead) or (len(lead.split()) < 3 and _PAST.search(_sentence_after(place))))


def _sentence_before(place: Place, n_chars: int = _CLAUSE_CHARS) -> str:
    """What stands before in the same sentence, at most so many characters."""
    lead = place.lead(n_chars)
    ends = [found.end() for found in _SENTENCE_END.finditer(lead) if not ends_abbreviation(lead, found.start())]
    return lead[ends[-1] :] if ends else lead


def _sentence_after(place: Place) -> str:
    """What follows in the same sentence."""
    trail = place.trail(_CLAUSE_CHARS)
    ends = (found.start() for found in _SENTENCE_END.finditer(trail) if not ends_abbreviation(trail, found.start()))
    return trail[: next(ends, len(trail))]


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


LIST_GAP = re.compile(
    r"\s?(?:,|/|and|or|to|through|until|till|-|–|—|, and|, or)\s?(?:the\s|in\s|on\s|then\s)?", re.IGNORECASE
)


def listed_before(place: Place) -> Found | None:
    """The next expression, if only an "and", a comma or a dash is between: the parts of a list share their year."""
    after = place.after
    if after is None or "year" not in after.parts:
        return None
    return after if LIST_GAP.fullmatch(place.text[place.found.end : after.start]) else None


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
    if (day := _weekday_joined(weekday, place)) is not None:
        return day
    today = anchors.published
    back = (today.isoweekday() - weekday) % 7
    if back and looks_ahead(place, _FUTURE_TOLD) and not _is_possessive(place):
        return Moment(Unit.DAY, today + timedelta(days=7 - back)), Grade.FROM_PUBLICATION
    return Moment(Unit.DAY, today - timedelta(days=back)), Grade.FROM_PUBLICATION


def _weekday_joined(weekday: int, place: Place) -> tuple[Moment, Grade] | None:
    """The second of `from Monday to Wednesday`, `on Saturday and Sunday`: it follows the first."""
    before, anchors = place.before, place.anchors
    if before is None or before.rule is not place.found.rule or before.end != anchors.named_end:
        return None
    if not LIST_GAP.fullmatch(place.text[before.end : place.found.start]):
        return None
    first = anchors.named[-1].first
    day = first + timedelta(days=(weekday - first.isoweekday()) % 7)
    if day == first or (anchors.published is not None and first <= anchors.published < day):
        return None
    return Moment(Unit.DAY, day), Grade.FROM_PUBLICATION


def _is_possessive(place: Place) -> bool:
    # "Would find a way around Wednesday's ruling": what is called by its day has mostly been.
    return place.trail(2).replace("’", "'") == "'s"
