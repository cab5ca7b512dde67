"""What came back: bounces, complaints, replies, and what nobody can tell, all kept as they came."""

from __future__ import annotations

from django.db import models

from isthmus.mailing.models.mailings import Delivery


class Returned(models.Model):
    """One message or event that came back. Only with a signed address (`links.verp`) does it change anything.

    digest: SHA-256 of raw, so that the same message read twice counts once. raw: at most 256 kB of it, and nothing of
    it once the person was erased. did: what it changed, in a sentence for editors; empty for nothing.
    """

    class Kind(models.TextChoices):
        """What it says."""

        HARD = "hard", "the address does not exist"
        SOFT = "soft", "could not be delivered now"
        COMPLAINT = "complaint", "reported as unwanted"
        LEAVE = "leave", "asked by mail to leave"
        AUTO_REPLY = "auto_reply", "automatic reply"
        NOTICE = "notice", "report of no failure"
        UNKNOWN = "unknown", "not understood"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="returns")
    source = models.CharField(max_length=40)  # maildir, pipe or a provider's name
    said = models.CharField(max_length=500, blank=True)
    did = models.CharField(max_length=200, blank=True, default="")
    digest = models.CharField(max_length=64, unique=True)
    raw = models.BinaryField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
