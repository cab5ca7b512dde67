"""Where Wagtail's admin leads to the second step: one's own account, and the list of users."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.views.account import BaseSettingsPanel
from wagtail.admin.widgets.button import Button

from isthmus.publications.models import User
from isthmus.server.second_factor import gate
from isthmus.server.second_factor.views import MAY_RESET


class _AccountPanel(BaseSettingsPanel):
    """A line of the account page that says how it stands and leads on; there is nothing to fill in."""

    name = "second_step"
    title = "Second step"
    order = 550
    template_name = "isthmus/admin/second_step/account_panel.html"

    def get_form(self) -> forms.Form:
        """One without fields, never bound, which Wagtail then does not save."""
        return forms.Form()

    def get_context_data(self) -> dict[str, Any]:
        """For the template."""
        return {"factor": gate.factor_of(self.user), "is_required": gate.is_required(self.user)}


@hooks.register("register_account_settings_panel")
def _panel(request: HttpRequest, user: User, profile: Any) -> BaseSettingsPanel:
    return _AccountPanel(request, user, profile)


@hooks.register("register_user_listing_buttons")
def _reset_button(user: User, request_user: User) -> Any:
    if request_user.has_perm(MAY_RESET):
        yield Button("Second step", reverse("isthmus_second_step_of", args=[user.pk]), icon_name="key", priority=30)
