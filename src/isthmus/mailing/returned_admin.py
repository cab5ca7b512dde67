"""Returned mail and suppressions in the admin: what came back, what it did, and how it is undone. Publishers and above.

Plain views, as `subscriber_admin` has them. What people wrote to us is shown as text, and to administrators alone.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import actions, returned_list, returns
from isthmus.mailing.models import Returned, Suppression

SEE, CHANGE = "isthmus_mailing.view_subscriber", "isthmus_mailing.change_subscriber"
# As for the mailbox: those who keep the logins.
READ = "isthmus_publications.change_user"
_MAX_ADDRESS_CHARS, _MAX_NOTE_CHARS, _MAX_ID_DIGITS = 320, 300, 18


def _require(request: HttpRequest, permission: str) -> None:
    """Raises: PermissionDenied."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _before(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _MAX_ID_DIGITS else None


def _known(value: str, values: list[str]) -> str:
    return value if value in values else ""


@require_safe
def returned(request: HttpRequest) -> HttpResponse:
    """What came back, the newest first. Raises: PermissionDenied."""
    _require(request, SEE)
    kind = _known(request.GET.get("kind", ""), Returned.Kind.values)
    values = {
        "page": returned_list.returned_page(kind, before=_before(request)),
        "kind": kind,
        "kinds": Returned.Kind.choices,
        "may_change": request.user.has_perm(CHANGE),
        "may_read": request.user.has_perm(READ),
    }
    return render(request, "isthmus/admin/mail/returned.html", values)


@require_safe
def returned_message(request: HttpRequest, returned_id: int) -> HttpResponse:
    """One message as it came, as text. Raises: PermissionDenied."""
    _require(request, READ)
    row = get_object_or_404(
        Returned.objects.select_related("delivery__mailing", "delivery__subscriber"), pk=returned_id
    )
    values = {"row": row, "text": bytes(row.raw).decode("utf-8", "replace").replace("\x00", "\ufffd")}
    return render(request, "isthmus/admin/mail/returned_message.html", values)


@require_POST
def lift_returned(request: HttpRequest, returned_id: int) -> HttpResponse:
    """Undo what a bounce or complaint did. Raises: PermissionDenied."""
    _require(request, CHANGE)
    row = get_object_or_404(Returned.objects.select_related("delivery__subscriber"), pk=returned_id)

    def act() -> str:
        is_lifted = returns.lift(row, by=str(request.user), now=clock.now())
        return "This address is written to again." if is_lifted else "Returned mail holds nothing back from them."

    return _done(request, act, "isthmus_returned")


@require_safe
def suppressions(request: HttpRequest) -> HttpResponse:
    """The addresses that are not written to, the newest first. Raises: PermissionDenied."""
    _require(request, SEE)
    email = request.GET.get("email", "").strip()[:_MAX_ADDRESS_CHARS]
    reason = _known(request.GET.get("reason", ""), Suppression.Reason.values)
    values = {
        "page": returned_list.suppressions_page(email, reason, before=_before(request)),
        "email": email,
        "reason": reason,
        "reasons": Suppression.Reason.choices,
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, "isthmus/admin/mail/suppressions.html", values)


@require_POST
def suppress(request: HttpRequest) -> HttpResponse:
    """Write to an address no more, whether it is a subscriber's or not. Raises: PermissionDenied."""
    _require(request, CHANGE)
    email = request.POST.get("email", "").strip()[:_MAX_ADDRESS_CHARS]
    note = f"{request.user}: {request.POST.get('note', '')[:_MAX_NOTE_CHARS]}".rstrip(": ").replace("\x00", "")

    def act() -> str:
        reason = Suppression.Reason.EDITOR
        actions.suppress(returns.hash_of(email), reason=reason, note=note, now=clock.now())
        return "Nothing is sent to this address any more."

    return _done(request, act, "isthmus_suppressions")


@require_POST
def lift(request: HttpRequest, suppression_id: int) -> HttpResponse:
    """Write to an address again. Raises: PermissionDenied."""
    _require(request, CHANGE)
    row = get_object_or_404(Suppression, pk=suppression_id)

    def act() -> str:
        actions.lift(row.address_hash, by=str(request.user), now=clock.now())
        return "This address is written to again."

    return _done(request, act, "isthmus_suppressions")


def _done(request: HttpRequest, act: Callable[[], str], back: str) -> HttpResponse:
    """Do it and say so, or say why not."""
    try:
        messages.success(request, act())
    except IsthmusError as error:
        messages.error(request, str(error))
    return redirect(back)


urlpatterns = [
    path("returned/", returned, name="isthmus_returned"),
    path("returned/<int:returned_id>/", returned_message, name="isthmus_returned_message"),
    path("returned/<int:returned_id>/lift/", lift_returned, name="isthmus_returned_lift"),
    path("suppressions/", suppressions, name="isthmus_suppressions"),
    path("suppressions/add/", suppress, name="isthmus_suppressions_add"),
    path("suppressions/<int:suppression_id>/lift/", lift, name="isthmus_suppressions_lift"),
]
