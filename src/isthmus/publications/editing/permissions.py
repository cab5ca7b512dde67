"""Who may do what with which publication; every view, chooser and bulk action of the admin asks here.

Wagtail's snippet views ask whether a user may change *some* publication. That is too little where authors may
change only their own drafts, so views of one piece use `for_piece`, which turns the same question into one about
that piece.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from wagtail.models import Revision
from wagtail.permission_policies import ModelPermissionPolicy

from isthmus.publications.models import Publication

_OWN_DRAFT_ACTIONS = frozenset({"change", "delete"})


class PublicationPolicy(ModelPermissionPolicy):
    """`change` is for any piece, `add` for one's own drafts as well; `publish` releases, schedules and withdraws.

    A draft is one's own until it has once been released or somebody has scheduled it. Deleting a piece that was
    ever released or is scheduled takes the right to release, because it withdraws or unschedules. `view` means:
    may read the row in lists and choosers.
    """

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Whether the user may do this to some piece."""
        if super().user_has_permission(user, action):
            return True
        return action in _OWN_DRAFT_ACTIONS | {"view"} and self._writes(user)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Publication) -> bool:
        """Whether the user may do this to this piece."""
        if action == "view":
            return self._edits_all(user) or (
                self._writes(user) and (instance.live or (user.pk is not None and instance.owner_id == user.pk))
            )
        if action == "delete" and _is_settled(instance):
            return super().user_has_permission(user, "delete") and super().user_has_permission(user, "publish")
        if super().user_has_permission(user, action):
            return True
        return action in _OWN_DRAFT_ACTIONS and self._writes(user) and _is_draft_of(user, instance)

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> QuerySet[Publication]:
        """The pieces the user may do any of this to."""
        actions = set(actions)
        rows = Publication.objects.all()
        if any(super(PublicationPolicy, self).user_has_permission(user, action) for action in actions - {"add"}):
            return rows
        if not self._writes(user):
            return rows.none()
        if "view" in actions:
            return rows.all() if self._edits_all(user) else rows.filter(Q(live=True) | Q(owner=user))
        if actions & _OWN_DRAFT_ACTIONS:
            own = rows.filter(owner=user, live=False, released_at=None)
            return own.exclude(pk__in=scheduled_ids())
        return rows.none()

    def users_with_any_permission_for_instance(self, actions: Iterable[str], instance: Publication) -> QuerySet[Any]:
        """The users who may do any of this to this piece."""
        users = self.users_with_any_permission({*actions, "add"})
        allowed = [
            user.pk
            for user in users
            if any(self.user_has_permission_for_instance(user, action, instance) for action in actions)
        ]
        return users.filter(pk__in=allowed)

    def _writes(self, user: Any) -> bool:
        return super().user_has_permission(user, "add")

    def _edits_all(self, user: Any) -> bool:
        return super().user_has_permission(user, "change")


class PiecePolicy:
    """The same questions, asked about one piece: what a view of that piece hands to Wagtail's code."""

    def __init__(self, policy: PublicationPolicy, piece: Publication) -> None:
        self._policy, self._piece = policy, piece

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Whether the user may do this to the piece; adding is never about one piece."""
        if action == "add":
            return self._policy.user_has_permission(user, action)
        return self._policy.user_has_permission_for_instance(user, action, self._piece)

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        """Whether the user may do any of this to the piece."""
        return any(self.user_has_permission(user, action) for action in set(actions) - {"add"})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._policy, name)


policy = PublicationPolicy(Publication)


def for_piece(piece: Publication) -> PiecePolicy:
    """The policy as a view of this piece needs it; the row decides, never what a form or a revision says."""
    return PiecePolicy(policy, piece)


def scheduled_ids() -> list[int]:
    """The pieces of which a version waits for its minute; they are few."""
    rows = Revision.objects.filter(approved_go_live_at__isnull=False)
    found = rows.filter(content_type__app_label="isthmus_publications", content_type__model="publication")
    return [int(number) for number in found.values_list("object_id", flat=True)]


def _is_settled(piece: Publication) -> bool:
    """Whether somebody with the right to release has decided about the piece: released once, or scheduled."""
    return piece.live or piece.released_at is not None or bool(piece.pk and piece.scheduled_revision)


def _is_draft_of(user: Any, piece: Publication) -> bool:
    return user.pk is not None and piece.owner_id == user.pk and not _is_settled(piece)


def may_read_all(user: Any) -> bool:
    """Whether the user may read the drafts of everybody."""
    return bool(user.has_perm("isthmus_publications.change_publication"))
