"""How often a piece was opened on a day; of whom, from where and at what hour is not known here."""

from __future__ import annotations

from django.db import models


class Reading(models.Model):
    """One piece on one day, by the institute's clocks; of a month long past the first day has a row for all of it."""

    publication = models.ForeignKey(
        "isthmus_publications.Publication", on_delete=models.CASCADE, related_name="readings"
    )
    day = models.DateField()
    n = models.PositiveIntegerField()

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["publication", "day"], name="isthmus_one_count_a_piece_and_day"),
        ]
        indexes = [models.Index(fields=["day", "publication", "n"], name="isthmus_reading_day")]

    def __str__(self) -> str:
        return f"{self.publication_id} on {self.day}: {self.n}"
