"""The numbered list of everything that changed what the public may see, and how far each follower has read."""

from django.db import models


class JournalEntry(models.Model):
    """One change of what the public may see; written in the transaction that made the change, never edited.

    subject: `pub:17`, `person:3`, `category:5`, `series:2` or `site`.
    is_news: true only for the first release of a piece that is new today; imports dated in the past,
    revisions and re-releases are not news, so nobody is alerted of them.
    """

    class What(models.TextChoices):
        """What happened to the subject, seen from the public's side."""

        RELEASED = "released", "released"
        REVISED = "revised", "revised"
        WITHDRAWN = "withdrawn", "withdrawn"

    seq = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=40, db_index=True)
    what = models.CharField(max_length=12, choices=What.choices)
    is_news = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(what__in=["released", "revised", "withdrawn"]),
                name="isthmus_journal_what_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.subject} {self.what}"


class FollowerCursor(models.Model):
    """How far one follower has read the journal; moved only after the follower's own work is durable."""

    name = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"
