"""Many small released pieces at once, as an import brings them in: one by one each takes 100 ms."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import transaction

from isthmus.publications import actions
from isthmus.publications.models import Publication


def tariff_notes(n_pieces: int) -> list[Publication]:
    """Released pieces "Tariff note 1" … , one a day from the first of January 2020."""
    staged = []
    for n in range(1, n_pieces + 1):
        staged.append(
            actions.StagedPiece(
                Publication(
                    title=f"Tariff note {n}",
                    slug=f"tariff-note-{n}",
                    published_on=date(2020, 1, n),
                    published_at=datetime(2020, 1, n, tzinfo=UTC),
                    body=[("text", "<p>The relationship has been cordial.</p>")],
                )
            )
        )
    with transaction.atomic():
        actions.stage_many(staged, run="notes")
        actions.release_staged([item.piece.pk for item in staged], run="notes")
    return [Publication.objects.get(pk=item.piece.pk) for item in staged]
