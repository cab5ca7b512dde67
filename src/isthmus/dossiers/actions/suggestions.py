"""Names that the archive uses and the vocabulary does not know: made subjects or aliases, or refused for good."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from isthmus.dossiers.actions.subjects import AliasKept, add_alias, keep_subject
from isthmus.dossiers.models import Subject, SubjectKind, Suggestion
from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError

State = Suggestion.State


class SuggestionDecided(IsthmusError):
    """Somebody decided about the suggestion before."""


def accept_as_subject(suggestion: Suggestion, *, by: Any, kind: str = "", now: datetime | None = None) -> Subject:
    """A new subject of that name, found by its other spellings too; its dossier stays closed.

    kind: as suggested where empty. Raises: SuggestionDecided.
    """
    with transaction.atomic():
        _decide(suggestion, State.ACCEPTED, by, now)
        made = Subject(kind=kind if kind in SubjectKind.values else suggestion.kind, name=suggestion.text)
        return keep_subject(made, aliases=_spellings(suggestion), by=by)


def accept_as_alias(suggestion: Suggestion, *, of: Subject, by: Any, now: datetime | None = None) -> None:
    """Have a known subject found by this name and its other spellings. Raises: SuggestionDecided."""
    with transaction.atomic():
        _decide(suggestion, State.ACCEPTED, by, now)
        for alias in _spellings(suggestion):
            if alias.text != of.name:
                add_alias(of, alias)


def refuse_suggestion(suggestion: Suggestion, *, by: Any, now: datetime | None = None) -> None:
    """Never suggest this name again, in no spelling. Raises: SuggestionDecided."""
    with transaction.atomic():
        _decide(suggestion, State.REFUSED, by, now)


def propose_again(suggestion: Suggestion) -> None:
    """Take a refusal back."""
    Suggestion.objects.filter(pk=suggestion.pk, state=State.REFUSED).update(
        state=State.PROPOSED, decided_by=None, decided_at=None
    )


def _decide(suggestion: Suggestion, state: Suggestion.State, by: Any, now: datetime | None) -> None:
    """One of two editors who decide at once is told so: the row changes hands only once."""
    open_row = Suggestion.objects.filter(pk=suggestion.pk, state=State.PROPOSED)
    if not open_row.update(state=state, decided_by=by, decided_at=now or clock.now()):
        raise SuggestionDecided(f"“{suggestion.text}” was decided already: look at the list once more.")


def _spellings(suggestion: Suggestion) -> list[AliasKept]:
    return [AliasKept(text) for text in dict.fromkeys([suggestion.text, *map(str, suggestion.other_texts)])]
