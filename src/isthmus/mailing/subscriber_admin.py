"""Subscribers in the admin: the list, one person with all that is known, a list out and in. Publishers and above.

Plain views, as `mailing_pages` has them; `wagtail_hooks` gives them their place in the menu.
"""

from __future__ import annotations

from collections.abc import Callable
from io import TextIOWrapper
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import actions, csv_files, following, moving_in, queries
from isthmus.mailing.models import Subscriber, Subscription, Suppression
from isthmus.mailing.queries import Filter

SEE, ADD = "isthmus_mailing.view_subscriber", "isthmus_mailing.add_subscriber"
CHANGE, ERASE = "isthmus_mailing.change_subscriber", "isthmus_mailing.delete_subscriber"
# Some 30,000 people, half a minute; longer lists come in by the command, which nobody's browser waits for.
MAX_UPLOAD_BYTES = 2_000_000
_MAX_WORDS_CHARS = 200
_N_DELIVERIES = 50
_MAX_ID_DIGITS = 18
_Act = Callable[[Subscriber], None]


def _require(request: HttpRequest, permission: str) -> None:
    """Raises: PermissionDenied."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _filter(request: HttpRequest) -> Filter:
    asked = request.GET
    return Filter(
        words=asked.get("words", "").strip()[:_MAX_WORDS_CHARS],
        state=_known(asked.get("state", ""), Subscriber.State.values),
        pace=_known(asked.get("pace", ""), Subscription.Pace.values),
        subject=asked.get("subject", "")[:60].replace("\x00", ""),
        suppressed=_known(asked.get("suppressed", ""), ["yes", "no"]),
    )


def _known(value: str, values: list[str]) -> str:
    return value if value in values else ""


def _number(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _MAX_ID_DIGITS else None


@require_safe
def subscribers(request: HttpRequest) -> HttpResponse:
    """The people an editor looks for, the newest first. Raises: PermissionDenied."""
    _require(request, SEE)
    wanted = _filter(request)
    page = queries.people_page(wanted, before=_number(request, "before"), after=_number(request, "after"))
    suppressed = queries.suppressed_among(person.address_hash for person in page.people)
    values = {
        "page": page,
        "lines": [(person, suppressed.get(person.address_hash)) for person in page.people],
        "wanted": wanted,
        "query": urlencode({name: value for name, value in _as_fields(wanted).items() if value}),
        "states": Subscriber.State.choices,
        "paces": Subscription.Pace.choices,
        "groups": following.offered(),
        "may_add": request.user.has_perm(ADD),
    }
    return render(request, "isthmus/admin/mail/subscribers.html", values)


def _as_fields(wanted: Filter) -> dict[str, str]:
    return {name: getattr(wanted, name) for name in Filter.__slots__}


@require_safe
def subscribers_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same people as a list that can come in again. Raises: PermissionDenied."""
    _require(request, SEE)
    answer = StreamingHttpResponse(moving_in.lines_out(_filter(request)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="subscribers-{clock.now():%Y-%m-%d}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def move_in(request: HttpRequest) -> HttpResponse:
    """Bring in a list, with a report of what became of each row. Raises: PermissionDenied."""
    _require(request, ADD)
    values: dict[str, Any] = {"columns": csv_files.COLUMNS, "max_mb": MAX_UPLOAD_BYTES // 1_000_000}
    if request.method == "POST":
        try:
            report = _moved_in(request)
            values |= {"report": report.as_json(), "summary": report.summary()}
        except IsthmusError as error:
            messages.error(request, str(error))
    return render(request, "isthmus/admin/mail/move_in.html", values)


def _moved_in(request: HttpRequest) -> moving_in.Report:
    """Raises: ListUnreadable."""
    file = request.FILES.get("list")
    if file is None:
        raise csv_files.ListUnreadable("Choose a file first.")
    if file.size > MAX_UPLOAD_BYTES:
        raise csv_files.ListUnreadable(
            f"This list is larger than {MAX_UPLOAD_BYTES // 1_000_000} MB: bring it in with `isthmus mail import`."
        )
    lines = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        return moving_in.move_in_lines(lines, source=get_valid_filename(file.name), now=clock.now())
    except UnicodeDecodeError as error:
        raise csv_files.ListUnreadable(
            "This file is not in UTF-8: save it again as “CSV UTF-8” and choose that one."
        ) from error


@require_safe
def subscriber(request: HttpRequest, subscriber_id: int) -> HttpResponse:
    """One person: what they follow, what they agreed to, what was sent. Raises: PermissionDenied."""
    _require(request, SEE)
    person = get_object_or_404(Subscriber, pk=subscriber_id)
    values = {
        "person": person,
        "followed": queries.followed_by(person),
        "asked": queries.followed_by(person, is_confirmed=False),
        "paces": dict(Subscription.Pace.choices),
        "consents": queries.consents_of(person),
        "deliveries": queries.deliveries_of(person, limit=_N_DELIVERIES),
        "suppression": Suppression.objects.filter(address_hash=person.address_hash).first(),
        "may_change": request.user.has_perm(CHANGE),
        "may_erase": request.user.has_perm(ERASE),
    }
    return render(request, "isthmus/admin/mail/subscriber.html", values)


@require_safe
def subscriber_data(request: HttpRequest, subscriber_id: int) -> JsonResponse:
    """All that is known of a person, to be handed to them. Raises: PermissionDenied."""
    _require(request, SEE)
    person = get_object_or_404(Subscriber, pk=subscriber_id)
    answer = JsonResponse(queries.export_data(person.pk), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = f'attachment; filename="subscriber-{subscriber_id}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _done(
    request: HttpRequest, subscriber_id: int, permission: str, act: Callable[[Subscriber], None], said: str
) -> HttpResponse:
    _require(request, permission)
    person = get_object_or_404(Subscriber, pk=subscriber_id)
    try:
        act(person)
        messages.success(request, said)
    except IsthmusError as error:
        messages.error(request, str(error))
    is_there = Subscriber.objects.filter(pk=subscriber_id).exists()
    return redirect(reverse("isthmus_subscriber", args=[subscriber_id]) if is_there else reverse("isthmus_subscribers"))


@require_POST
def suppress(request: HttpRequest, subscriber_id: int) -> HttpResponse:
    """Write to this address no more. Raises: PermissionDenied."""
    note = f"{request.user}: {request.POST.get('note', '')}".rstrip(": ")

    def act(person: Subscriber) -> None:
        actions.suppress(person.address_hash, reason=Suppression.Reason.EDITOR, note=note, now=clock.now())

    return _done(request, subscriber_id, CHANGE, act, "Nothing is sent to this address any more.")


@require_POST
def lift(request: HttpRequest, subscriber_id: int) -> HttpResponse:
    """Write to this address again. Raises: PermissionDenied."""

    def act(person: Subscriber) -> None:
        actions.lift(person.address_hash, by=str(request.user), now=clock.now())

    return _done(request, subscriber_id, CHANGE, act, "This address is written to again.")


@require_POST
def erase(request: HttpRequest, subscriber_id: int) -> HttpResponse:
    """Forget a person who asked for it. Raises: PermissionDenied."""

    def act(person: Subscriber) -> None:
        actions.erase(person.pk, now=clock.now())

    return _done(request, subscriber_id, ERASE, act, "Erased; no list brings this address back.")


_ONE = "subscribers/<int:subscriber_id>/"
urlpatterns = [
    path("subscribers/", subscribers, name="isthmus_subscribers"),
    path("subscribers.csv", subscribers_csv, name="isthmus_subscribers_csv"),
    path("subscribers/import/", move_in, name="isthmus_subscribers_import"),
    path(_ONE, subscriber, name="isthmus_subscriber"),
    path(f"{_ONE}data.json", subscriber_data, name="isthmus_subscriber_data"),
    path(f"{_ONE}suppress/", suppress, name="isthmus_subscriber_suppress"),
    path(f"{_ONE}lift/", lift, name="isthmus_subscriber_lift"),
    path(f"{_ONE}erase/", erase, name="isthmus_subscriber_erase"),
]
