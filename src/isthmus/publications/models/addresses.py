"""Addresses that once worked: where a moved piece is now, and what stood where a withdrawn one was."""

from django.db import models


class FormerAddress(models.Model):
    """An address that leads to another: a changed slug, or an address of the system moved from.

    Exactly one target is set. The gate is asked before anybody is sent there, so that the former address
    of a piece that is not public answers as if it did not exist.
    """

    path = models.CharField(max_length=700, unique=True, help_text="Root-relative, with its slash at the end.")
    publication = models.ForeignKey(
        "isthmus_publications.Publication", null=True, on_delete=models.CASCADE, related_name="former_addresses"
    )
    person = models.ForeignKey(
        "isthmus_publications.Person", null=True, on_delete=models.CASCADE, related_name="former_addresses"
    )
    series = models.ForeignKey(
        "isthmus_publications.Series", null=True, on_delete=models.CASCADE, related_name="former_addresses"
    )
    category = models.ForeignKey(
        "isthmus_publications.Category", null=True, on_delete=models.CASCADE, related_name="former_addresses"
    )
    page = models.ForeignKey("wagtailcore.Page", null=True, on_delete=models.CASCADE, related_name="former_addresses")

    class Meta:
        verbose_name_plural = "former addresses"

    def __str__(self) -> str:
        return self.path


class Withdrawal(models.Model):
    """What stood at an address that is gone: title and date, so that a citation still resolves (410).

    Kept when the publication itself is deleted. `identity` lets the same imported piece take its address
    again when it comes back.
    """

    path = models.CharField(max_length=700, unique=True)
    title = models.CharField(max_length=500)
    published_on = models.DateField(null=True)
    withdrawn_at = models.DateTimeField()
    identity = models.CharField(max_length=400, blank=True, db_index=True)
    publication = models.ForeignKey(
        "isthmus_publications.Publication", null=True, on_delete=models.SET_NULL, related_name="withdrawals"
    )

    def __str__(self) -> str:
        return f"{self.title} ({self.path})"
