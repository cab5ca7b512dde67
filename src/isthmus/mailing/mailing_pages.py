"""Sent mail in the admin: the list, one mailing while it goes and afterwards, its people, and how the list grows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import get_current_timezone
from django.views.decorators.http import require_POST, require_safe

from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import audience, campaign_admin, campaigns, mail_charts, sent_mail
from isthmus.mailing.campaign_pages import SEND, WRITE, require
from isthmus.mailing.models import Delivery, Mailing

_PER_PAGE = 50
_STATE = Mailing.State


def _mailing(pk: int) -> Mailing:
    return get_object_or_404(Mailing.objects.select_related("campaign").defer("message"), pk=pk)


@require_safe
def mailings(request: HttpRequest) -> HttpResponse:
    """Every mailing, the newest first. Raises: PermissionDenied."""
    require(request, WRITE)
    kind = request.GET.get("kind", "")
    page = Paginator(sent_mail.mailings(kind), _PER_PAGE).get_page(request.GET.get("p"))
    kinds = [(value, label) for value, label in Mailing.Kind.choices if value != Mailing.Kind.TEST]
    lines = sent_mail.with_submitted(list(page))
    values = {"page": page, "lines": lines, "kinds": kinds, "kind": kind}
    return render(request, "isthmus/admin/mail/mailings.html", values)


@require_safe
def mailing(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """How one goes, with its buttons. Raises: PermissionDenied."""
    require(request, WRITE)
    row = _mailing(mailing_id)
    progress = sent_mail.progress(row)
    values = {
        "mailing": row,
        "kind": row.get_kind_display().capitalize(),
        "progress": progress,
        "sentence": sent_mail.sentence(row, progress),
        "may_send": request.user.has_perm(SEND),
        "may_pause": row.state == _STATE.SENDING,
        "may_resume": row.state in (_STATE.PAUSED, _STATE.HELD),
        "may_cancel": row.state in (_STATE.SCHEDULED, _STATE.SENDING, _STATE.PAUSED, _STATE.HELD),
        "is_live": row.state == _STATE.SENDING,
        "missed": _missed(row),
    }
    return render(request, "isthmus/admin/mail/mailing.html", values)


def _missed(row: Mailing) -> list[tuple[str, str, int]]:
    """Why, in words, and how many, where the campaign can go to them once more."""
    if row.campaign is None or row.finished_at is None or row.kind != Mailing.Kind.CAMPAIGN:
        return []
    found = audience.unreached(row.campaign)
    return [(why, label, len(found[why])) for why, label in audience.WHY_UNREACHED.items() if found[why]]


@require_safe
def counts(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """How one stands, for the page's script. Raises: PermissionDenied."""
    require(request, WRITE)
    row = _mailing(mailing_id)
    return JsonResponse(sent_mail.progress(row).as_json(row), headers={"Cache-Control": "no-store"})


def _done(request: HttpRequest, mailing_id: int, what: str, act: Callable[[Mailing], None]) -> HttpResponse:
    require(request, SEND)
    row = _mailing(mailing_id)
    try:
        act(row)
        campaign_admin.note(row.campaign, what, request.user)
    except IsthmusError as error:
        messages.error(request, str(error))
    return redirect("isthmus_mailing", mailing_id=mailing_id)


@require_POST
def pause(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Stop it for now. Raises: PermissionDenied."""
    return _done(request, mailing_id, "pause", campaigns.pause)


@require_POST
def resume(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Let it go on. Raises: PermissionDenied."""
    return _done(request, mailing_id, "resume", lambda row: campaigns.resume(row, now=clock.now()))


@require_POST
def cancel(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """End it. Raises: PermissionDenied."""
    return _done(request, mailing_id, "cancel", lambda row: campaigns.cancel(row, now=clock.now()))


@require_safe
def people(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """To whom it went; addresses are for those who keep the list. Raises: PermissionDenied."""
    require(request, SEND)
    row, state = _mailing(mailing_id), request.GET.get("state", "")
    page = Paginator(sent_mail.deliveries(row, state), _PER_PAGE).get_page(request.GET.get("p"))
    shown = list(page)
    words = sent_mail.because_words(row, shown)
    values = {
        "mailing": row,
        "page": page,
        "lines": [(delivery, words.get(delivery.because, "")) for delivery in shown],
        "states": Delivery.State.choices,
        "state": state,
    }
    return render(request, "isthmus/admin/mail/people.html", values)


@require_safe
def people_csv(request: HttpRequest, mailing_id: int) -> StreamingHttpResponse:
    """The same as a file. Raises: PermissionDenied."""
    require(request, SEND)
    row = _mailing(mailing_id)
    lines = _csv_lines(sent_mail.csv_rows(row, request.GET.get("state", "")))
    name = row.key.replace(":", "-")
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _csv_lines(rows: Iterator[list[str]]) -> Iterator[str]:
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


@require_safe
def charts(request: HttpRequest) -> HttpResponse:
    """How the list grows and what was sent, as charts with their tables. Raises: PermissionDenied."""
    require(request, WRITE)
    weeks = sent_mail.growth(now=clock.now(), zone=get_current_timezone())
    lines = sent_mail.sending()
    values: dict[str, Any] = {
        "weeks": weeks,
        "lines": lines,
        "total": mail_charts.total(weeks),
        "changes": mail_charts.changes(weeks),
        "sending": mail_charts.sending(lines),
    }
    return render(request, "isthmus/admin/mail/charts.html", values)
