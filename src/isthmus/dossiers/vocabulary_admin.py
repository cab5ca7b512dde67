"""Subjects in the admin: the list, one with its names and offices, merging, splitting, opening. Editors and above.

Who opens or closes a dossier is a publisher: what was mined about somebody becomes public by it.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from isthmus.dossiers import actions
from isthmus.dossiers.models import Alias, Mention, OccurrenceSubject, Subject, SubjectKind
from isthmus.dossiers.review_admin import require
from isthmus.dossiers.subject_forms import SubjectEdit
from isthmus.kit.errors import IsthmusError

SEE, ADD = "isthmus_dossiers.view_subject", "isthmus_dossiers.add_subject"
CHANGE, OPEN = "isthmus_dossiers.change_subject", "isthmus_dossiers.open_subject"
_PER_PAGE = 50
_MAX_WORDS_CHARS, _MAX_DIGITS = 200, 6


@require_safe
def subjects(request: HttpRequest) -> HttpResponse:
    """The vocabulary, found by any of its words, in the order of names. Raises: PermissionDenied."""
    require(request, SEE)
    words = request.GET.get("words", "").replace("\x00", "").strip()[:_MAX_WORDS_CHARS]
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    rows = _found(words, kind, state)
    number = _page_number(request)
    shown = list(rows[(number - 1) * _PER_PAGE : number * _PER_PAGE + 1])
    values = {
        "lines": _with_counts(shown[:_PER_PAGE]),
        "n": rows.count(),
        "words": words,
        "kind": kind,
        "state": state,
        "kinds": SubjectKind.choices,
        "before": number - 1,
        "after": number + 1 if len(shown) > _PER_PAGE else 0,
        "may_add": request.user.has_perm(ADD),
    }
    return render(request, "isthmus/admin/dossiers/subjects.html", values)


def _found(words: str, kind: str, state: str) -> QuerySet[Subject]:
    rows = Subject.objects.order_by("name", "pk")
    if words:
        named = Alias.objects.filter(text__icontains=words).values("subject")
        rows = rows.filter(Q(name__icontains=words) | Q(slug__icontains=words) | Q(pk__in=named))
    if kind in SubjectKind.values:
        rows = rows.filter(kind=kind)
    return rows.filter(is_open=state == "open") if state in ("open", "closed") else rows


def _page_number(request: HttpRequest) -> int:
    given = request.GET.get("page", "")
    is_number = given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS
    return max(1, int(given)) if is_number else 1


def _with_counts(rows: list[Subject]) -> list[tuple[Subject, int, int]]:
    """Each with the number of its texts and of its entries, opened or not."""
    ids = [row.pk for row in rows]
    texts = Mention.objects.filter(subject__in=ids).order_by().values("subject")
    n_texts = dict(texts.annotate(n=Count("text", distinct=True)).values_list("subject", "n"))
    entries = OccurrenceSubject.objects.filter(subject__in=ids).order_by().values("subject")
    n_entries = dict(entries.annotate(n=Count("pk")).values_list("subject", "n"))
    return [(row, n_texts.get(row.pk, 0), n_entries.get(row.pk, 0)) for row in rows]


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new subject. Raises: PermissionDenied."""
    require(request, ADD)
    return _edit(request, Subject(name=request.GET.get("name", "")[:_MAX_WORDS_CHARS].replace("\x00", "")))


@require_http_methods(["GET", "HEAD", "POST"])
def subject(request: HttpRequest, subject_id: int) -> HttpResponse:
    """One subject: its names, its offices, and what can be done with it. Raises: PermissionDenied."""
    require(request, CHANGE)
    return _edit(request, get_object_or_404(Subject, pk=subject_id))


def _edit(request: HttpRequest, row: Subject) -> HttpResponse:
    edit = SubjectEdit(row, request.POST if request.method == "POST" else None)
    if edit.is_valid():
        try:
            kept = edit.save(by=request.user)
            messages.success(request, f"“{kept.name}” is kept; the archive is read with it in some seconds.")
            return redirect("isthmus_subject", kept.pk)
        except IsthmusError as error:
            messages.error(request, str(error))
    values: dict[str, Any] = {"edit": edit, "row": row, "may_open": request.user.has_perm(OPEN)}
    if row.pk:
        [(_, n_texts, n_entries)] = _with_counts([row])
        others = Subject.objects.exclude(pk=row.pk).order_by("name")
        values |= {"n_texts": n_texts, "n_entries": n_entries, "others": others.values_list("slug", "name")}
        values |= {"former": row.old_addresses.values_list("slug", flat=True)}
    return render(request, "isthmus/admin/dossiers/subject.html", values)


@require_POST
def set_open(request: HttpRequest, subject_id: int) -> HttpResponse:
    """Show the dossier to the public, or take it back. Raises: PermissionDenied."""
    require(request, OPEN)
    row = get_object_or_404(Subject, pk=subject_id)
    if request.POST.get("open") == "yes":
        actions.open_dossier(row, by=request.user)
        messages.success(request, f"The dossier “{row.name}” is public.")
    else:
        actions.close_dossier(row)
        messages.success(request, f"The dossier “{row.name}” is not public any more.")
    return redirect("isthmus_subject", subject_id)


@require_POST
def merge(request: HttpRequest, subject_id: int) -> HttpResponse:
    """Make this subject one with another, which remains. Raises: PermissionDenied."""
    require(request, CHANGE)
    gone = get_object_or_404(Subject, pk=subject_id)
    into = Subject.objects.filter(slug=request.POST.get("into", "").strip()[:_MAX_WORDS_CHARS]).first()
    if into is None:
        messages.error(request, "Choose the subject that remains from the list.")
        return redirect("isthmus_subject", subject_id)
    if gone.is_open and not request.user.has_perm(OPEN):
        messages.error(request, "This dossier is open: a publisher closes or merges it.")
        return redirect("isthmus_subject", subject_id)
    try:
        name = gone.name
        actions.merge_subjects(gone, into=into, by=request.user)
        messages.success(request, f"“{name}” is “{into.name}” from now on; its address leads here.")
    except IsthmusError as error:
        messages.error(request, str(error))
    return redirect("isthmus_subject", into.pk)


@require_POST
def split(request: HttpRequest, subject_id: int, alias_id: int) -> HttpResponse:
    """Make an alias a subject of its own. Raises: PermissionDenied."""
    require(request, CHANGE)
    row = get_object_or_404(Alias, pk=alias_id, subject=subject_id)
    try:
        made = actions.split_alias(row, by=request.user)
        messages.success(request, f"“{made.name}” is a subject of its own now; its dossier is closed.")
        return redirect("isthmus_subject", made.pk)
    except IsthmusError as error:
        messages.error(request, str(error))
        return redirect("isthmus_subject", subject_id)


urlpatterns = [
    path("subjects/", subjects, name="isthmus_subjects"),
    path("subjects/add/", add, name="isthmus_subject_add"),
    path("subjects/<int:subject_id>/", subject, name="isthmus_subject"),
    path("subjects/<int:subject_id>/open/", set_open, name="isthmus_subject_open"),
    path("subjects/<int:subject_id>/merge/", merge, name="isthmus_subject_merge"),
    path("subjects/<int:subject_id>/split/<int:alias_id>/", split, name="isthmus_subject_split"),
]
