"""The pages of the second step: type a code, set an app up, keep one's own, reset a colleague's. No script needed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.account import LoginView

from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError
from isthmus.publications.models import User
from isthmus.server.second_factor import actions, codes, gate

_OFFER = "second_step_offer"
_GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
MAY_RESET = "isthmus_publications.change_user"


class Login(LoginView):
    """Wagtail's login, which leads on to the second step whoever owes one."""

    @method_decorator(sensitive_post_parameters())
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever has given the password already needs no second form for it."""
        if request.method != "POST" and gate.half_of(request) is not None:
            return redirect(_to_step(request.GET.get("next", "")))
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def get_success_url(self) -> str:
        """Where to next: the second step, or where the login was asked for."""
        wanted: str = super().get_success_url()
        # Of a POST the login is a moment old; whoever comes by GET and is somebody has passed before.
        return _to_step(wanted) if self.request.method == "POST" and gate.is_due(self.request.user) else wanted


@never_cache
@_GET_OR_POST
@sensitive_post_parameters()
def step(request: HttpRequest) -> HttpResponse:
    """Ask for a code and take it; whoever has no app yet is led to set one up."""
    user = gate.half_of(request)
    if user is None:
        return redirect(_wanted(request))
    if gate.factor_of(user) is None:
        return redirect(f"{reverse('isthmus_second_step_set_up')}?{urlencode({'next': _wanted(request)})}")
    error = ""
    if request.method == "POST":
        try:
            factor = actions.pass_step(user, typed=request.POST.get("code", ""), now=clock.now())
        except IsthmusError as refused:
            error = str(refused)
        else:
            gate.remember(request, user, factor)
            _warn_of_few_codes(request, factor)
            return redirect(_wanted(request))
    return _page(request, "step.html", {"error": error, "next": _wanted(request), "account": user.email})


@never_cache
@_GET_OR_POST
@sensitive_post_parameters()
def set_up(request: HttpRequest) -> HttpResponse:
    """Offer a secret, and keep it once its first code was typed; then show the recovery codes, this once.

    Whoever has an app already proves it first: an unlocked browser must not be enough to change it.
    """
    half = gate.half_of(request)
    user = half or request.user
    if not user.is_authenticated:
        return redirect(f"{reverse('wagtailadmin_login')}?{urlencode({'next': request.path})}")
    had = gate.factor_of(user)
    if half is not None and had is not None:
        return redirect(_to_step(_wanted(request)))
    error = ""
    if request.method == "POST" and request.session.get(_OFFER):
        try:
            if had is not None:
                actions.pass_step(user, typed=request.POST.get("old_code", ""), now=clock.now())
            made = actions.set_up(
                user, salt=request.session[_OFFER], typed=request.POST.get("code", ""), now=clock.now()
            )
        except IsthmusError as refused:
            error = str(refused)
        else:
            return _has_set_up(request, user, made)
    salt = request.session.setdefault(_OFFER, codes.new_salt())
    return _page(request, "set_up.html", {"error": error, "next": _wanted(request), "had": had, **_offer(user, salt)})


def _has_set_up(request: HttpRequest, user: User, made: list[str]) -> HttpResponse:
    del request.session[_OFFER]
    fresh = User.objects.select_related("second_factor").get(pk=user.pk)
    gate.remember(request, fresh, fresh.second_factor)
    return _page(request, "codes.html", {"codes": made, "next": _wanted(request), "is_new": True})


def _offer(user: User, salt: str) -> dict[str, Any]:
    secret = codes.secret_of(salt, actions.key())
    address = codes.uri(secret, account=user.email, institute=settings.WAGTAIL_SITE_NAME)
    # Made by the library from our own address, which it draws and does not quote.
    return {"secret": codes.in_groups(secret), "picture": mark_safe(codes.picture(address)), "account": user.email}  # noqa: S308


@never_cache
@require_admin_access
@require_http_methods(["GET", "HEAD"])
def mine(request: HttpRequest) -> HttpResponse:
    """How one's own second step stands, and what can be done with it."""
    factor = gate.factor_of(request.user)
    n_codes = 0 if factor is None else factor.recovery_codes.count()
    values = {"factor": factor, "n_codes": n_codes, "is_required": gate.is_required(request.user)}
    return render(request, "isthmus/admin/second_step/mine.html", values)


@never_cache
@require_admin_access
@require_POST
@sensitive_post_parameters()
def renew(request: HttpRequest) -> HttpResponse:
    """New recovery codes, for whoever can show a code."""
    return _proved(request, "renew")


@never_cache
@require_admin_access
@require_POST
@sensitive_post_parameters()
def remove(request: HttpRequest) -> HttpResponse:
    """No second step any more, where the options allow that. Raises: PermissionDenied."""
    if gate.is_required(request.user):
        raise PermissionDenied
    return _proved(request, "remove")


def _proved(request: HttpRequest, what: str) -> HttpResponse:
    factor = gate.factor_of(request.user)
    if factor is None:
        return redirect("isthmus_second_step_mine")
    try:
        actions.pass_step(request.user, typed=request.POST.get("code", ""), now=clock.now())
    except IsthmusError as refused:
        messages.error(request, str(refused))
        return redirect("isthmus_second_step_mine")
    if what == "renew":
        made = actions.renew_recovery_codes(factor)
        return _page(request, "codes.html", {"codes": made, "next": reverse("isthmus_second_step_mine")})
    actions.remove(factor)
    messages.success(request, "You log in with your password alone from now on.")
    return redirect("isthmus_second_step_mine")


@never_cache
@require_admin_access
@permission_required(MAY_RESET, raise_exception=True)
@_GET_OR_POST
def of(request: HttpRequest, user_id: int) -> HttpResponse:
    """A colleague's second step, and the button that resets it. Raises: PermissionDenied, Http404."""
    user = get_object_or_404(User.objects.select_related("second_factor"), pk=user_id)
    if user.is_superuser and not request.user.is_superuser:
        raise PermissionDenied
    if request.method == "POST":
        if actions.reset(user.email):
            messages.success(request, f"{user.email} sets a second step up anew, or logs in without one.")
        return redirect(request.path)
    values = {"person": user, "factor": gate.factor_of(user), "is_required": gate.is_required(user)}
    return render(request, "isthmus/admin/second_step/of.html", values)


def _wanted(request: HttpRequest) -> str:
    """Where to after this: an address of the admin, or its first page."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_here = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/admin/")
    return asked if is_here else reverse("wagtailadmin_home")


def _to_step(wanted: str) -> str:
    return f"{reverse('isthmus_second_step')}?{urlencode({'next': wanted})}"


def _warn_of_few_codes(request: HttpRequest, factor: Any) -> None:
    n_left = factor.recovery_codes.count()
    if n_left <= 2:
        messages.warning(request, f"You have {n_left} recovery codes left: make new ones under Account, Second step.")


def _page(request: HttpRequest, template: str, values: dict[str, Any]) -> HttpResponse:
    return render(request, f"isthmus/admin/second_step/{template}", values)
