"""Campaigns in Wagtail's admin: the list, the form, the place in the menu. What is done with one: `campaign_pages`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.log_actions import log
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import (
    CopyView,
    CreateView,
    DeleteView,
    EditView,
    IndexView,
    SnippetViewSet,
)  # fmt: skip

from isthmus.mailing import campaigns, following
from isthmus.mailing.models import Campaign, Mailing
from isthmus.mailing.models.people import EVERYTHING
from isthmus.publications.editing.forms import CategoryCheckboxes
from isthmus.publications.editing.places import NoChooser, PermittedItem

_GONE = "Something the site no longer shows"


def audience_choices(current: list[str]) -> list[Any]:
    """Everyone, then what can be followed, by group; what was chosen and is offered no more can be taken out."""
    groups: list[Any] = [("", [(EVERYTHING, "Everyone on the mailing list, whatever they follow")])]
    groups += [
        (f"Followers of {group.heading.lower()}", [(offer.subject, offer.label) for offer in group.offers])
        for group in following.offered()
    ]
    known = {value for _, choices in groups for value, _ in choices}
    lost = [(subject, f"{_GONE} ({subject})") for subject in current if subject not in known]
    return [*groups, ("No longer offered", lost)] if lost else groups


class CampaignForm(WagtailAdminModelForm):
    """What the editor writes; the times and the address of the web copy come from what is done with it."""

    audience = forms.MultipleChoiceField(
        required=False, widget=CategoryCheckboxes,
        help_text="Who follows several of them gets one mail. The exact number stands on the page of the campaign.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = lambda: audience_choices(self.instance.audience or [])


_PANELS = ObjectList(
    [
        MultiFieldPanel([FieldPanel("title", heading="Subject"), FieldPanel("preheader")], heading="In the inbox"),
        FieldPanel("body", heading="Letter"),
        FieldPanel("audience", heading="Audience"),
    ],
    base_form_class=CampaignForm,
)


def page_url(campaign: Campaign) -> str:
    """The campaign's page, where it is looked at and sent."""
    return reverse("isthmus_campaign", args=[campaign.pk])


class _Create(CreateView):
    def save_instance(self) -> Campaign:
        """The new campaign is its writer's."""
        self.form.instance.owner = self.request.user
        saved: Campaign = super().save_instance()
        return saved

    def get_success_url(self) -> str:
        """On to where it is looked at."""
        return page_url(self.object)


class _Copy(CopyView):
    def save_instance(self) -> Campaign:
        """A copy is a letter of its own."""
        self.form.instance.owner = self.request.user
        saved: Campaign = super().save_instance()
        return saved

    def get_success_url(self) -> str:
        """On to where it is looked at."""
        return page_url(self.object)


class _NotOnceBegun:
    """A campaign that people have is neither changed nor deleted: its web copy is what they were sent."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Back to its page, with the reason."""
        campaign: Campaign = self.object  # type: ignore[attr-defined]
        if campaigns.is_begun(campaign):
            messages.warning(request, "It was sent, so it stays as it is: copy it to write another.")
            return redirect(page_url(campaign))
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class _Edit(_NotOnceBegun, EditView):
    def get_success_url(self) -> str:
        """On to where it is looked at."""
        return page_url(self.object)


class _Delete(_NotOnceBegun, DeleteView):
    """A turn that only waits goes with it, see `signals`."""


def _state(campaign: Campaign) -> str:
    last = campaign.last_turn[0] if campaign.last_turn else None
    return last.get_state_display() if last else "draft"


class _Index(IndexView):
    def get_base_queryset(self) -> Any:
        """Each with its last turn, in two queries."""
        from django.db.models import Prefetch

        turns = Mailing.objects.filter(kind=Mailing.Kind.CAMPAIGN).defer("message").order_by("-pk")
        return super().get_base_queryset().prefetch_related(Prefetch("mailings", turns, to_attr="last_turn"))

    def get_edit_url(self, instance: Campaign) -> str:
        """A row leads to where the campaign is looked at."""
        return page_url(instance)


class CampaignViewSet(SnippetViewSet):
    """Letters that editors write."""

    model = Campaign
    icon = "edit"
    menu_label = "Campaigns"
    menu_order = 10
    menu_hook = "register_mail_menu_item"
    add_to_admin_menu = True
    base_url_path = "mail/campaigns"
    list_per_page = 30
    list_display = ["title", Column("state", label="State", accessor=_state), DateColumn("updated_at", label="Changed")]
    search_fields = ["title"]
    index_view_class = _Index
    add_view_class = _Create
    copy_view_class = _Copy
    edit_view_class = _Edit
    delete_view_class = _Delete
    chooser_viewset_class = NoChooser
    edit_handler = _PANELS


MAIL_MENU = Menu(register_hook_name="register_mail_menu_item", construct_hook_name="construct_mail_menu")


@hooks.register("register_admin_menu_item")
def _mail() -> MenuItem:
    return SubmenuMenuItem("Mail", MAIL_MENU, name="mail", icon_name="mail", order=140)


def _item(label: str, url_name: str, icon: str, order: int) -> MenuItem:
    return PermittedItem(label, url_name, "isthmus_mailing.change_campaign", icon_name=icon, order=order)


@hooks.register("register_mail_menu_item")
def _mailings_item() -> MenuItem:
    return _item("Sent mail", "isthmus_mailings", "mail", 20)


@hooks.register("register_mail_menu_item")
def _charts_item() -> MenuItem:
    return _item("Growth and sending", "isthmus_mail_charts", "order-up", 30)


# What stands in a campaign's history and in the history of the site, with who did it and when.
_LOGGED = {
    "send": ("Send", "Sent"),
    "schedule": ("Schedule", "Scheduled"),
    "again": ("Send again", "Sent to those not reached"),
    "pause": ("Pause sending", "Paused its sending"),
    "resume": ("Go on sending", "Let its sending go on"),
    "cancel": ("Cancel sending", "Cancelled its sending"),
}


def note(campaign: Campaign | None, what: str, user: Any) -> None:
    """Write down who did one of _LOGGED with a campaign; nothing for a mailing without one."""
    if campaign is not None:
        log(instance=campaign, action=f"isthmus.mail.{what}", user=user)


@hooks.register("register_log_actions")
def _log_actions(actions: Any) -> None:
    for what, (label, said) in _LOGGED.items():
        actions.register_action(f"isthmus.mail.{what}", label, said)


@hooks.register("register_admin_urls")
def _addresses() -> list[Any]:
    return [path("mail/", include("isthmus.mailing.admin_urls"))]


@hooks.register("insert_global_admin_css")
def _css() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("isthmus/admin/mail.css"))


register_snippet(CampaignViewSet)
