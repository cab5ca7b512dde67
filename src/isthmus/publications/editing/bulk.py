"""Bulk actions on publications: release, withdraw, categorise; each piece through `actions`, in its own transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from wagtail.admin import messages
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction

from isthmus.kit.errors import IsthmusError
from isthmus.publications import actions
from isthmus.publications.editing.forms import CategoryCheckboxes, category_choices
from isthmus.publications.editing.listing import filtered
from isthmus.publications.editing.permissions import policy
from isthmus.publications.models import Category, Publication

_log = logging.getLogger(__name__)
# A release took 15-30 ms of CPU, so these end well before a browser's or a proxy's patience (30 s) does.
_MAX_PIECES = 400


class _PieceAction(SnippetBulkAction):
    """What the three have in common: who may, how many at once, and a report that names what did not work."""

    models: ClassVar[list[type[Publication]]] = [Publication]
    template_name = "isthmus/admin/bulk_action.html"
    permission: ClassVar[str]
    question: ClassVar[str]
    done: ClassVar[str]

    def check_perm(self, obj: Publication) -> bool:
        """Whether the user may do this to the piece."""
        return policy.user_has_permission_for_instance(self.request.user, self.permission, obj)

    @classmethod
    def get_queryset(cls, model: type[Publication], object_ids: Iterable[Any]) -> Any:
        """The chosen pieces, in the order of the list."""
        numbers = [int(number) for number in object_ids if str(number).isdecimal()]
        return model.objects.filter(pk__in=numbers).select_related("series")[: _MAX_PIECES + 1]

    def get_all_objects_in_listing_query(self, parent_id: Any) -> Any:
        """Everything the list shows with the filters of the address it came from; Wagtail would take every row."""
        rows = policy.instances_user_has_any_permission_for(self.request.user, {"view"})
        parameters = QueryDict(urlsplit(self.next_url).query)
        return filtered(rows, parameters).order_by("-listed_at").values_list("pk", flat=True)[: _MAX_PIECES + 1]

    def get_actionable_objects(self) -> Any:
        """The pieces the user may do this to, and the others. At most `_MAX_PIECES`, so that nothing times out."""
        pieces, others = super().get_actionable_objects()
        self.is_too_many = len(pieces) + len(others["items_with_no_access"]) > _MAX_PIECES
        return pieces[:_MAX_PIECES], others

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """For the page that asks."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {
            **context,
            "question": self.question,
            "verb": self.display_name,
            "is_too_many": self.is_too_many,
            "max_pieces": _MAX_PIECES,
        }

    def act(self, piece: Publication) -> None:
        """Do it to one piece, inside its transaction."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        """Do it to each piece; one that fails is named and stops no other."""
        self.cleaned_form = form
        pieces, _ = self.get_actionable_objects()
        failed = [failure for piece in pieces if (failure := self._try(piece))]
        n_done = len(pieces) - len(failed)
        if n_done:
            noun = "publication" if n_done == 1 else "publications"
            messages.success(self.request, f"{n_done} {noun} {self.done}.")
        for failure in failed[:10]:
            messages.error(self.request, failure)
        if self.is_too_many:
            messages.warning(self.request, f"Only the first {_MAX_PIECES} were looked at; do the same again for more.")
        return redirect(self.next_url)

    def _try(self, piece: Publication) -> str:
        try:
            with transaction.atomic():
                self.act(piece)
        except (ValidationError, IsthmusError) as error:
            reason = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            return f"“{piece.draft_title}” was left as it was: {reason}"
        return ""


def _refuse_locked(piece: Publication, user: Any) -> None:
    lock = piece.get_lock()
    if lock is not None and lock.for_user(user):
        raise ValidationError("it is locked")


class ReleaseAction(_PieceAction):
    """Release the newest version of each piece now."""

    action_type = "release"
    display_name = "Release"
    aria_label = "Release selected publications"
    action_priority = 10
    permission = "publish"
    question = "Release the newest version of these publications now?"
    done = "released"

    def act(self, piece: Publication) -> None:
        """Release; what is live and unchanged stays as it is."""
        if piece.live and not piece.has_unpublished_changes:
            return
        _refuse_locked(piece, self.request.user)
        newest = piece.get_latest_revision_as_object()
        newest.full_clean()
        actions.release(piece, user=self.request.user)


class WithdrawAction(_PieceAction):
    """Take each piece out of the public's sight."""

    action_type = "withdraw"
    display_name = "Withdraw"
    aria_label = "Withdraw selected publications"
    action_priority = 20
    permission = "publish"
    question = "Withdraw these publications? Their addresses will answer with title and date, and no text."
    done = "withdrawn"
    classes: ClassVar[set[str]] = {"serious"}

    def act(self, piece: Publication) -> None:
        """Withdraw; what is not live stays as it is."""
        if piece.live:
            _refuse_locked(piece, self.request.user)
            actions.withdraw(piece, user=self.request.user)


class _CategoriseForm(forms.Form):
    categories = forms.ModelMultipleChoiceField(Category.objects.all(), widget=CategoryCheckboxes())
    take_away = forms.BooleanField(required=False, label="Take these categories away instead of adding them")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["categories"].choices = category_choices()


class CategoriseAction(_PieceAction):
    """Add categories to each piece, or take them away: at once for readers where the piece is live."""

    action_type = "categorise"
    display_name = "Categorise"
    aria_label = "Add categories to selected publications"
    action_priority = 15
    permission = "change"
    question = "Which categories?"
    done = "categorised"
    form_class = _CategoriseForm

    def check_perm(self, obj: Publication) -> bool:
        """Categories of a live piece change what readers see, so that takes the right to release."""
        may_release = not obj.live or policy.user_has_permission_for_instance(self.request.user, "publish", obj)
        return may_release and super().check_perm(obj)

    def act(self, piece: Publication) -> None:
        """Change the newest version, and the public row with it where the piece is live."""
        _refuse_locked(piece, self.request.user)
        chosen = set(self.cleaned_form.cleaned_data["categories"])
        takes_away = self.cleaned_form.cleaned_data["take_away"]
        actions.categorise(
            piece, add=set() if takes_away else chosen, remove=chosen if takes_away else set(), user=self.request.user
        )


ACTIONS = (ReleaseAction, CategoriseAction, WithdrawAction)
