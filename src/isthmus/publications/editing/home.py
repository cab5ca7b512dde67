"""The first page of the admin: the institute in five numbers, and nothing about Wagtail itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from wagtail.admin.ui.components import Component
from wagtail.models import Revision

from isthmus.publications import journal, visibility
from isthmus.publications.editing.permissions import policy
from isthmus.publications.editing.wall_time import shown_in
from isthmus.publications.models import FollowerCursor, Publication

_N_SCHEDULED = 5


class InstitutePanel(Component):
    """The Total, drafts that wait, what comes next, and how far the followers of the journal are."""

    name = "isthmus"
    order = 10
    template_name = "isthmus/admin/home_panel.html"

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        """Everything in five queries or so."""
        user = parent_context["request"].user
        may_edit = policy.instances_user_has_any_permission_for(user, {"change"})
        index = reverse("wagtailsnippets_isthmus_publications_publication:list")
        return {
            "total": visibility.total(),
            "n_drafts": may_edit.filter(live=False, released_at=None).count(),
            "n_changed": may_edit.filter(live=True, has_unpublished_changes=True).count(),
            "scheduled": _next_scheduled() if policy.user_has_permission(user, "change") else [],
            "followers": _lags(),
            "index_url": index,
            "add_url": reverse("wagtailsnippets_isthmus_publications_publication:add"),
            "may_add": policy.user_has_permission(user, "add"),
        }


def _next_scheduled() -> list[dict[str, Any]]:
    rows = Revision.objects.filter(
        approved_go_live_at__isnull=False,
        content_type__app_label="isthmus_publications", content_type__model="publication",
    ).order_by("approved_go_live_at").values_list(
        "object_id", "approved_go_live_at", "content__go_live_zone"
    )[:_N_SCHEDULED]  # fmt: skip
    at_of = {int(number): shown_in(at, zone or "") for number, at, zone in rows}
    titles = dict(Publication.objects.filter(pk__in=at_of).values_list("pk", "draft_title"))
    edit = "wagtailsnippets_isthmus_publications_publication:edit"
    return [
        {"title": titles[pk], "at": at, "url": reverse(edit, args=[pk])} for pk, at in at_of.items() if pk in titles
    ]


# Followers whose cursor is not in the database, from folders above this one.
_elsewhere: dict[str, Callable[[], int]] = {}


def also_follows(name: str, lag: Callable[[], int]) -> None:
    """Have another follower's lag on the first page: how many journal rows it has yet to follow here, 0 if none."""
    _elsewhere[name] = lag


def _lags() -> list[tuple[str, int]]:
    """Followers that are behind. Those with a colon in their name rest on purpose, such as a week's digest."""
    names = [name for name in FollowerCursor.objects.values_list("name", flat=True) if ":" not in name]
    lags = [(name, journal.lag(name)) for name in names] + [(name, lag()) for name, lag in _elsewhere.items()]
    return [(name, lag) for name, lag in lags if lag]
