"""Wagtail's views of one publication, each asking the policy about this piece instead of about some piece."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from wagtail.admin.widgets.button import HeaderButton
from wagtail.snippets.views import snippets

from isthmus.publications import actions
from isthmus.publications.editing.permissions import for_piece, policy
from isthmus.publications.models import Publication


class OnePiece:
    """For views whose address names a piece: Wagtail's own checks become checks of this piece."""

    any_permission_required: Any = None

    @cached_property
    def permission_policy(self) -> Any:
        """The policy bound to the row as the database holds it, whatever a revision or a form says."""
        # Some of Wagtail's views keep the number among their arguments, others take it out.
        number = getattr(self, "pk", None) or self.kwargs["pk"]  # type: ignore[attr-defined]
        row = Publication.objects.filter(pk=number).first()
        return for_piece(row) if row else policy


class _InOneTransaction:
    """Saving and releasing from one form stand or fall together; Wagtail's own way leaves a gap between them."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Save, then release, submit or whatever the button said."""
        with transaction.atomic():
            return super().form_valid(form)  # type: ignore[misc]


class _ViewLive:
    """Adds the way to the public page."""

    @property
    def header_buttons(self) -> list[Any]:
        """Wagtail's buttons and "View live" for a piece that is public."""
        buttons = list(super().header_buttons)  # type: ignore[misc]
        row = getattr(self, "live_object", None)
        if row is not None and row.live:
            buttons.append(HeaderButton("View live", url=row.path, icon_name="view", attrs={"target": "_blank"}))
        return buttons


class Create(_InOneTransaction, snippets.CreateView):
    """A new piece belongs to whoever makes it."""

    def get_initial_form_instance(self) -> Publication:
        """A piece of the user's own."""
        return Publication(owner=self.request.user, live=False)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The owner is set here and not by the form, which anybody could fill in."""
        kwargs: dict[str, Any] = super().get_form_kwargs()
        kwargs["instance"].owner = self.request.user
        return kwargs


class Copy(_InOneTransaction, snippets.CopyView):
    """A new draft with the content of another piece, which stays as it is."""

    def get_object(self, queryset: Any = None) -> Publication:
        """The newest version of the piece to copy. Raises: PermissionDenied where the user may not change it."""
        piece: Publication = super().get_object(queryset)
        if not policy.user_has_permission_for_instance(self.request.user, "change", piece):
            raise PermissionDenied
        return piece.get_latest_revision_as_object()

    def get_initial_form_instance(self) -> Publication:
        """An unsaved piece with the content, and without what belongs to the other: number, address, dates, state."""
        content = self.get_object().serializable_data()
        content["pk"] = None
        for children in ("bylines", "attachments"):
            for child in content[children]:
                child["pk"] = child["publication"] = None
        for name in _NOT_COPIED:
            content.pop(name, None)
        piece: Publication = Publication.from_serializable_data(content)
        piece.owner, piece.live = self.request.user, False
        return piece


_NOT_COPIED = (
    "slug", "published_on", "published_at", "published_offset_min", "updated_on", "released_at", "listed_at",
    "first_published_at", "last_published_at", "go_live_at", "expire_at", "go_live_zone", "expire_zone",
    "expired", "live", "has_unpublished_changes",
    "latest_revision", "live_revision", "locked", "locked_at", "locked_by", "identity", "is_backdated", "staged_in",
    "fingerprint", "draft_title", "owner",
)  # fmt: skip


class Edit(_ViewLive, _InOneTransaction, OnePiece, snippets.EditView):
    """Editing; a piece that was moved in first keeps what it was as its first version."""

    def save_instance(self) -> Publication:
        """Save the form as a draft; releasing comes after it, in the same transaction."""
        if self.live_object.latest_revision_id is None:
            actions.keep_first_revision(self.live_object)
        saved: Publication = super().save_instance()
        return saved


class Delete(OnePiece, snippets.DeleteView):
    """Deleting: the page says what readers will find instead."""

    template_name = "isthmus/admin/confirm_delete.html"


class Usage(OnePiece, snippets.UsageView):
    """Who refers to the piece."""

    permission_required = "change"


class History(OnePiece, snippets.HistoryView):
    """Every version and act."""

    any_permission_required = ("change",)


class Preview(OnePiece, snippets.PreviewOnEditView):
    """The form's content as readers would see it."""


class PreviewVersion(OnePiece, snippets.PreviewRevisionView):
    """An older version as readers would see it."""

    permission_required = "change"


class Compare(OnePiece, snippets.RevisionsCompareView):
    """The differences of two versions."""

    permission_required = "change"


class Unschedule(OnePiece, snippets.RevisionsUnscheduleView):
    """Taking back a schedule."""

    permission_required = "publish"


class Withdraw(OnePiece, snippets.UnpublishView):
    """Taking the piece out of the public's sight."""

    permission_required = "publish"
    page_title = "Withdraw"
    template_name = "isthmus/admin/confirm_withdraw.html"

    def unpublish(self) -> Any:
        """Through the one door, with Wagtail's hooks around it."""
        response = self.run_hook("before_unpublish", self.request, self.object)
        if response is None:
            actions.withdraw(self.object, user=self.request.user)
            response = self.run_hook("after_unpublish", self.request, self.object)
        return response


class Lock(OnePiece, snippets.LockView):
    """Keeping others from editing."""

    permission_required = "lock"


class Unlock(OnePiece, snippets.UnlockView):
    """Ending that."""

    permission_required = "unlock"


class WorkflowHistory(OnePiece, snippets.WorkflowHistoryView):
    """What became of each submission."""

    permission_required = "change"


class WorkflowHistoryDetail(OnePiece, snippets.WorkflowHistoryDetailView):
    """One submission, step by step."""

    permission_required = "change"


class _MayChange(OnePiece):
    """For Wagtail's workflow views, which ask the step of the workflow only: the piece has a say as well."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Raises: PermissionDenied where the user may neither change the piece nor decide about it."""
        if not self.permission_policy.user_has_permission(request.user, "change"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class WorkflowAction(_MayChange, snippets.WorkflowActionView):
    """Approving or sending back."""


class WorkflowActionData(_MayChange, snippets.CollectWorkflowActionDataView):
    """Asking for a comment on the way."""


class WorkflowCancellation(_MayChange, snippets.ConfirmWorkflowCancellationView):
    """Asking whether releasing shall end the review."""


class WorkflowPreview(_MayChange, snippets.WorkflowPreviewView):
    """The submitted version as readers would see it."""
