"""The page of one campaign in the admin: how it looks, who gets it, what the pre-flight says, and its buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import get_current_timezone_name
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import audience, campaign_admin, campaigns, following, letter_views, letters, preflight
from isthmus.mailing.models import Campaign, Mailing
from isthmus.mailing.models.people import EVERYTHING
from isthmus.publications import context
from isthmus.publications.editing.wall_time import WallTimeField, shown_in

WRITE, SEND = "isthmus_mailing.change_campaign", "isthmus_mailing.send_campaign"


class ScheduleForm(forms.Form):
    """When it goes out, by the clocks of the editor's zone."""

    at = WallTimeField(label="Goes out")


class AgainForm(forms.Form):
    """For which reasons it did not reach those who get it now."""

    reasons = forms.MultipleChoiceField(choices=list(audience.WHY_UNREACHED.items()))


def require(request: HttpRequest, permission: str) -> None:
    """Raises: PermissionDenied, which the admin answers with its own page."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


@require_safe
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Everything about one campaign. Raises: PermissionDenied."""
    require(request, WRITE)
    return _page(request, get_object_or_404(Campaign, pk=campaign_id), ScheduleForm())


def _page(request: HttpRequest, row: Campaign, form: ScheduleForm, status: int = 200) -> HttpResponse:
    now = clock.now()
    turns = list(campaigns.turns(row))
    waiting = next((turn for turn in turns if turn.state in (Mailing.State.SCHEDULED, Mailing.State.HELD)), None)
    findings = preflight.of_campaign(row, now=now, at=row.starts_at)
    values = {
        "campaign": row,
        "turns": turns,
        "waiting": waiting,
        "is_begun": campaigns.is_begun(row),
        "findings": findings,
        "n_blocking": sum(finding.verdict == "blocks" for finding in findings),
        "audience": audience.of_subjects(row.audience, now=now),
        "subjects": _subject_names(row),
        "may_send": request.user.has_perm(SEND),
        "letter_text": letter_views.preview_text(letters.campaign(row)),
        "schedule_form": form,
        "zone": get_current_timezone_name(),
        "starts": shown_in(row.starts_at, row.starts_zone) if row.starts_at else "",
        "web_path": campaigns.web_path(row),
    }
    return render(request, "isthmus/admin/mail/campaign.html", values, status=status)


def _subject_names(row: Campaign) -> list[str]:
    names = following.names(row.audience) | {EVERYTHING: "Everyone on the mailing list"}
    return [names.get(subject, "Something the site no longer shows") for subject in row.audience]


@require_safe
@xframe_options_sameorigin
def preview(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The HTML of the letter, for a frame: it can run nothing. Raises: PermissionDenied."""
    require(request, WRITE)
    letter = letters.campaign(get_object_or_404(Campaign, pk=campaign_id))
    shown = HttpResponse(letter_views.preview(letter, context.current_site().public_url))
    shown["Content-Security-Policy"] = letter_views.PREVIEW_POLICY
    return shown


def _done(request: HttpRequest, campaign_id: int, act: Callable[[Campaign], str]) -> HttpResponse:
    """Do it, say so or say why not, and show the page again."""
    row = get_object_or_404(Campaign, pk=campaign_id)
    try:
        messages.success(request, act(row))
    except IsthmusError as error:
        messages.error(request, str(error))
    return redirect("isthmus_campaign", campaign_id=campaign_id)


@require_POST
def test(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Send it to the editor who asks. Raises: PermissionDenied."""
    require(request, WRITE)
    email: str = request.user.email

    def act(row: Campaign) -> str:
        campaigns.send_test(row, email=email, now=clock.now())
        return f"A test is on its way to {email}."

    return _done(request, campaign_id, act)


@require_POST
def send(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Start it, and show how it goes. Raises: PermissionDenied."""
    require(request, SEND)
    row = get_object_or_404(Campaign, pk=campaign_id)
    try:
        mailing = campaigns.start(row, now=clock.now())
        campaign_admin.note(row, "send", request.user)
    except IsthmusError as error:
        messages.error(request, str(error))
        return redirect("isthmus_campaign", campaign_id=campaign_id)
    return redirect("isthmus_mailing", mailing_id=mailing.pk)


@require_POST
def schedule(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Have it start by itself. Raises: PermissionDenied."""
    require(request, SEND)
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return _page(request, get_object_or_404(Campaign, pk=campaign_id), form, status=400)
    at: Any = form.cleaned_data["at"]
    zone = get_current_timezone_name()

    def act(row: Campaign) -> str:
        campaigns.schedule(row, at=at, zone=zone, now=clock.now())
        campaign_admin.note(row, "schedule", request.user)
        return f"It goes out on {shown_in(at, zone)}."

    return _done(request, campaign_id, act)


@require_POST
def again(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Send it to those it did not reach. Raises: PermissionDenied."""
    require(request, SEND)
    form = AgainForm(request.POST)
    row = get_object_or_404(Campaign, pk=campaign_id)
    if not form.is_valid():
        messages.error(request, "Choose at least one reason for which people get it once more.")
        return redirect("isthmus_campaign", campaign_id=campaign_id)
    try:
        mailing = campaigns.send_again(row, reasons=form.cleaned_data["reasons"], now=clock.now())
        campaign_admin.note(row, "again", request.user)
    except IsthmusError as error:
        messages.error(request, str(error))
        return redirect("isthmus_campaign", campaign_id=campaign_id)
    return redirect("isthmus_mailing", mailing_id=mailing.pk)
