"""What visitors' forms say, read and no more: judging is for `actions`, and `server.security` guards who may post."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_date

from isthmus.kit import text
from isthmus.kit.client_address import client_address
from isthmus.mailing import caps, following, searches
from isthmus.mailing.actions import PauseInvalid
from isthmus.mailing.following import Choice
from isthmus.mailing.models import Subscription
from isthmus.mailing.models.people import EVERYTHING

# People do not see it and programs fill it in.
TRAP = "website"
_PLACES = {"footer": "foot", "piece": "form under the text", "page": "form"}
_MAX_ADDRESSES = 30
# Far more than is kept of one: what is too long is refused with a sentence, not cut to another question.
_MAX_SEARCH_CHARS = 20_000
SEARCH = "search"
_PACE_OF = "pace:"
_STOP = "stop"
_PAUSES = {"week": timedelta(days=7), "month": timedelta(days=30)}


@dataclass(frozen=True, slots=True)
class SignUpForm:
    """A filled-in wish to be mailed. form: where it was filled in, as evidence keeps it.

    scope: `everything`, `chosen` or `search`. search: the query string of a search, with that scope the only wish.
    """

    email: str = ""
    scope: str = EVERYTHING
    follow: list[str] = field(default_factory=list)
    search: str = ""
    pace: str = str(Subscription.Pace.AT_ONCE)
    form: str = ""
    is_trapped: bool = False

    @property
    def choices(self) -> list[Choice]:
        """What is asked for: everything, unless some things are chosen, or one search."""
        if self.scope == SEARCH:
            return [(f"{searches.WISH}{self.search}", self.pace)]
        return [(subject, self.pace) for subject in ([EVERYTHING] if self.scope == EVERYTHING else self.follow)]


def sign_up_form(request: HttpRequest) -> SignUpForm:
    """The form as it was sent, from whichever page; with an address alone it asks for everything, at once."""
    sent = request.POST
    follow = _subjects(sent.getlist("follow"))
    return SignUpForm(
        email=sent.get("email", "")[:1000],
        scope=sent.get("scope") or ("chosen" if follow else EVERYTHING),
        follow=follow,
        search=sent.get("search", "")[:_MAX_SEARCH_CHARS],
        pace=sent.get("pace") or str(Subscription.Pace.AT_ONCE),
        form=_form_named(request),
        is_trapped=bool(sent.get(TRAP)),
    )


def network(request: HttpRequest) -> str:
    """The network the visitor comes from, cut as it is kept."""
    return caps.network_of(client_address(request.META, trusted=settings.ISTHMUS.trusted_proxies))


def preference_choices(sent: QueryDict) -> list[Choice]:
    """What a person wants to follow from now on: the paces of what they follow, and what they ticked besides."""
    kept = [
        (name.removeprefix(_PACE_OF), pace)
        for name, pace in sent.items()
        if name.startswith(_PACE_OF) and pace != _STOP
    ]
    more = sent.get("pace") or str(Subscription.Pace.AT_ONCE)
    wanted = _subjects(sent.getlist("follow"))
    if typed := sent.get("search", "").strip()[:_MAX_SEARCH_CHARS]:
        wanted.append(f"{searches.WISH}{_query_string(typed)}")
    return kept + [(subject, more) for subject in wanted]


def _query_string(typed: str) -> str:
    """Of what somebody typed to follow: words, or the address of a page of results."""
    path, _, query = typed.partition("?")
    return query if path.endswith("/search/") else urlencode({"q": typed})


def pause_end(sent: QueryDict, now: datetime) -> datetime:
    """When the wished pause ends: in a week, a month, or as the day named begins. Raises: PauseInvalid."""
    wanted = sent.get("pause", "")
    if wanted in _PAUSES:
        return now + _PAUSES[wanted]
    try:
        day = parse_date(sent.get("until", "")[:10])
    except ValueError:
        day = None
    if day is None:
        raise PauseInvalid("Choose how long the pause shall be, or a day such as 2026-12-31 on which it ends.")
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)


def _subjects(values: list[str]) -> list[str]:
    """Subjects as they are; the address of a page as the subject it is about; each once."""
    at = following.at_addresses([value for value in values if value.startswith("/")][:_MAX_ADDRESSES])
    return list(dict.fromkeys(at.get(value, value) for value in values))


def _form_named(request: HttpRequest) -> str:
    place = _PLACES.get(request.POST.get("place", ""), "form")
    try:
        path = urlsplit(request.headers.get("Referer", "")).path
    except ValueError:
        path = ""
    return f"{place} of {text.shorten(path, 200)}" if path else place
