"""What people decided about mined entries, and what readers reported: truth, append-only, outliving every rebuild."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Ruling(models.Model):
    """One decision of one editor about one entry. The newest about a key holds; older ones tell who decided what when.

    key: of an Occurrence or a Relation. values: what a correction says instead (edtf, first_on, before_on, precision,
    modality, subjects as slugs, tone). happening: entries with the same one are told as one; empty takes it out again.
    piece: the publication's identity in words, for when the row is gone.
    """

    class What(models.TextChoices):
        """The decision."""

        ACCEPTED = "accepted", "Accepted"
        CORRECTED = "corrected", "Corrected"
        REFUSED = "refused", "Refused"
        MERGED = "merged", "Merged"
        PARTED = "parted", "Taken apart again"
        WITHDRAWN = "withdrawn", "Decision taken back"

    class About(models.TextChoices):
        """What kind of entry."""

        OCCURRENCE = "occurrence", "Occurrence"
        RELATION = "relation", "Relation"

    about = models.CharField(max_length=12, choices=About.choices)
    key = models.CharField(max_length=32)
    what = models.CharField(max_length=12, choices=What.choices)
    values = models.JSONField(default=dict, blank=True)
    happening = models.CharField(max_length=32, blank=True, db_index=True)
    note = models.CharField(max_length=500, blank=True)
    publication = models.ForeignKey(
        "isthmus_publications.Publication", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    sentence = models.TextField(blank=True, help_text="As it stood when this was decided.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        default_permissions = ("add", "view")
        indexes = [models.Index(fields=["about", "key", "-id"], name="isthmus_ruled")]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.key}"


class ErrorReport(models.Model):
    """What a reader says is wrong with an entry; no address is asked for, and none is kept but what is typed.

    network: a keyed hash of where it came from and of the day, by which too many of one day are refused; it cannot be
    turned back, and tells nothing on the next day.
    """

    about = models.CharField(max_length=12, choices=Ruling.About.choices)
    key = models.CharField(max_length=32)
    words = models.TextField(max_length=2000)
    at = models.DateTimeField()
    network = models.CharField(max_length=32, blank=True, editable=False)
    is_settled = models.BooleanField(default=False)

    class Meta:
        ordering = ["is_settled", "-id"]
        default_permissions = ("change", "view")

    def __str__(self) -> str:
        return self.words[:60]
