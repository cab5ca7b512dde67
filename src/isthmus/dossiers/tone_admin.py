"""Tone words in the admin: how a verb sounds when one subject does it to another. Editors and above.

The shipped words stand in `extract/tone_words.toml`; what editors say goes before them and can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from isthmus.dossiers import actions
from isthmus.dossiers.extract.relations import shipped_tones
from isthmus.dossiers.models import Tone, ToneWord
from isthmus.dossiers.review_admin import require
from isthmus.kit.errors import IsthmusError

SEE, CHANGE = "isthmus_dossiers.view_toneword", "isthmus_dossiers.change_toneword"
_PAGE = "isthmus/admin/dossiers/tone_words.html"


class ToneWordForm(forms.Form):
    """One verb and how it sounds."""

    word = forms.CharField(max_length=60)
    tone = forms.ChoiceField(choices=Tone.choices)


@require_safe
def tone_words(request: HttpRequest) -> HttpResponse:
    """What editors said of verbs, and the shipped words below. Raises: PermissionDenied."""
    require(request, SEE)
    own = list(ToneWord.objects.all())
    values = {
        "own": [(row, shipped_tones().get(row.word, "")) for row in own],
        "shipped": _by_tone({row.word for row in own}),
        "tones": Tone.choices,
        "may_change": request.user.has_perm(CHANGE),
    }
    return render(request, _PAGE, values)


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Say how a verb sounds. Raises: PermissionDenied."""
    require(request, CHANGE)
    form = ToneWordForm(request.POST)
    try:
        if form.is_valid():
            row = actions.keep_tone_word(form.cleaned_data["word"], form.cleaned_data["tone"])
            messages.success(request, f"“{row.word}” is {row.get_tone_display().lower()} from now on.")
        else:
            messages.error(request, "Write a verb of at most 60 characters and choose how it sounds.")
    except IsthmusError as error:
        messages.error(request, str(error))
    return redirect("isthmus_tone_words")


@require_POST
def forget(request: HttpRequest, tone_word_id: int) -> HttpResponse:
    """Let the shipped list say again how this verb sounds. Raises: PermissionDenied."""
    require(request, CHANGE)
    actions.forget_tone_word(tone_word_id)
    return redirect("isthmus_tone_words")


@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    """Forget everything that editors said of verbs. Raises: PermissionDenied."""
    require(request, CHANGE)
    n_words = actions.restore_tone_words()
    messages.success(request, f"The shipped words hold again; {n_words} of your own were forgotten.")
    return redirect("isthmus_tone_words")


def _by_tone(without: Iterable[str]) -> list[tuple[str, list[str]]]:
    """The shipped words that hold, by how they sound."""
    taken = set(without)
    found: dict[str, list[str]] = {value: [] for value in Tone.values}
    for word, tone in shipped_tones().items():
        if word not in taken:
            found[tone].append(word)
    return [(str(Tone(tone).label), sorted(words)) for tone, words in found.items()]


urlpatterns = [
    path("tone-words/", tone_words, name="isthmus_tone_words"),
    path("tone-words/keep/", keep, name="isthmus_tone_word_keep"),
    path("tone-words/restore/", restore, name="isthmus_tone_words_restore"),
    path("tone-words/<int:tone_word_id>/forget/", forget, name="isthmus_tone_word_forget"),
]
