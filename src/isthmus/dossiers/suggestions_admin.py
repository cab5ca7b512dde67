"""Suggested names in the admin: taken in as a subject or an alias, or refused, by a click or key. Editors only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from isthmus.dossiers import actions
from isthmus.dossiers.models import Subject, SubjectKind, Suggestion
from isthmus.dossiers.review_admin import require
from isthmus.kit.errors import IsthmusError, UsageError

SEE, DECIDE = "isthmus_dossiers.view_suggestion", "isthmus_dossiers.change_suggestion"
_PER_PAGE = 50
_MAX_SLUG_CHARS, _MAX_DIGITS = 200, 18
State = Suggestion.State


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Names by how many texts have them; refused ones apart. Raises: PermissionDenied."""
    require(request, SEE)
    is_refused = request.GET.get("state") == State.REFUSED
    rows = Suggestion.objects.filter(state=State.REFUSED if is_refused else State.PROPOSED)
    values = {
        "rows": rows.select_related("example_of", "decided_by").order_by("-n_texts", "text")[:_PER_PAGE],
        "n": rows.count(),
        "n_shown": _PER_PAGE,
        "is_refused": is_refused,
        "kinds": SubjectKind.choices,
        "subjects": Subject.objects.order_by("name").values_list("slug", "name"),
        "may_decide": request.user.has_perm(DECIDE),
    }
    return render(request, "isthmus/admin/dossiers/suggestions.html", values)


@require_POST
def decide(request: HttpRequest, suggestion_id: int) -> HttpResponse:
    """Do what a button says with one name. Raises: PermissionDenied."""
    require(request, DECIDE)
    row = get_object_or_404(Suggestion, pk=suggestion_id)
    what = request.POST.get("what", "")
    try:
        messages.success(request, _done(request, row, what))
    except IsthmusError as error:
        messages.error(request, str(error))
    return redirect(_list(is_refused=what == "again"))


def _done(request: HttpRequest, row: Suggestion, what: str) -> str:
    """What was done, as a sentence. Raises: IsthmusError."""
    posted, by = request.POST, request.user
    if what == "subject":
        made = actions.accept_as_subject(row, by=by, kind=posted.get("kind", ""))
        return f"“{made.name}” is a subject now; its dossier is closed."
    if what == "alias":
        of = Subject.objects.filter(slug=posted.get("of", "").strip()[:_MAX_SLUG_CHARS]).first()
        if of is None:
            raise UsageError("Choose the subject that this name is an alias of from the list.")
        actions.accept_as_alias(row, of=of, by=by)
        return f"“{of.name}” is found as “{row.text}” too."
    if what == "again":
        actions.propose_again(row)
        return f"“{row.text}” is suggested again."
    if what != "refused":
        raise UsageError("Choose what becomes of the name: a subject, an alias, or nothing.")
    actions.refuse_suggestion(row, by=by)
    return f"“{row.text}” will not be suggested again."


@require_POST
def decide_many(request: HttpRequest) -> HttpResponse:
    """Do the same with all ticked names; what somebody decided meanwhile is left. Raises: PermissionDenied."""
    require(request, DECIDE)
    numbers = [int(one) for one in request.POST.getlist("chosen")[:_PER_PAGE] if _is_number(one)]
    done = list(_decided(Suggestion.objects.filter(pk__in=numbers), request.POST.get("what", ""), by=request.user))
    messages.success(request, f"{len(done)} {'name' if len(done) == 1 else 'names'} decided.")
    return redirect(_list(is_refused=False))


def _decided(rows: Iterable[Suggestion], what: str, *, by: Any) -> Iterable[Suggestion]:
    for row in rows:
        try:
            if what == "subject":
                actions.accept_as_subject(row, by=by)
            elif what == "refused":
                actions.refuse_suggestion(row, by=by)
            else:
                return
        except actions.SuggestionDecided:
            continue
        yield row


def _is_number(given: str) -> bool:
    return given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS


def _list(*, is_refused: bool) -> str:
    return reverse("isthmus_suggestions") + ("?state=refused" if is_refused else "")


urlpatterns = [
    path("suggestions/", suggestions, name="isthmus_suggestions"),
    path("suggestions/decide/", decide_many, name="isthmus_suggestions_decide"),
    path("suggestions/<int:suggestion_id>/decide/", decide, name="isthmus_suggestion_decide"),
]
