"""The ledger: what is sent, and one row for each person it is sent to."""

from __future__ import annotations

from django.db import models

from isthmus.mailing.models.people import Subscriber


class Mailing(models.Model):
    """One thing that is sent to one or many: a day's confirmations, an alert, a digest, a campaign's turn.

    key: what makes it once and only once, such as `alert:pub:17`, `digest:daily:2026-11-23`, `campaign:5:1`,
    `confirmation:2026-11-23`. message: the built message with its marks (`message.Template`), frozen when it was
    prepared; empty where each person's differs (digests, confirmations). excluded: how many candidates were left out,
    by reason; candidates = prepared + excluded. held_because: a sentence; a held mailing waits for a person.
    trouble: a sentence on what went wrong while it was made and did not hold it up; empty for nothing.
    """

    class Kind(models.TextChoices):
        """What is sent. Of the first two an uncertain delivery goes once more by itself; see `ledger`."""

        CONFIRMATION = "confirmation", "confirmation"
        ALERT = "alert", "alert"
        DIGEST = "digest", "digest"
        CAMPAIGN = "campaign", "campaign"
        TEST = "test", "test"

    class State(models.TextChoices):
        """Finished is said only when every delivery is at its end."""

        SCHEDULED = "scheduled", "scheduled"
        SENDING = "sending", "sending"
        PAUSED = "paused", "paused"
        HELD = "held", "waits for you"
        FINISHED = "finished", "finished"
        CANCELLED = "cancelled", "cancelled"

    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=500)
    campaign = models.ForeignKey(
        "isthmus_mailing.Campaign", models.SET_NULL, null=True, blank=True, related_name="mailings"
    )
    publication_id = models.BigIntegerField(null=True, blank=True, db_index=True)  # no key: a piece may be deleted
    state = models.CharField(max_length=12, choices=State.choices, default=State.SENDING)
    held_because = models.CharField(max_length=500, blank=True)
    trouble = models.CharField(max_length=500, blank=True, default="")
    message = models.BinaryField(blank=True, default=b"")
    n_candidates = models.PositiveIntegerField(default=0)
    excluded = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "starts_at"], name="isthmus_mailing_state")]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """One message to one person, from the moment the audience was frozen to its end; only `ledger` moves its state.

    because: the subject that made them a recipient. message-id: `<d{pk}.{mailing pk}@list domain>`, so the same at
    every try. next_try_at: when it may be taken next. lease_owner, lease_until: who has it. reply: the last thing the
    other side said, one line. n_uncertain: how often it was uncertain; ended_at: set in every end state.
    A person who was erased leaves the row, without them.
    """

    class State(models.TextChoices):
        """queued → claimed → started → an end, or deferred and round again. The last five but deferred are ends."""

        QUEUED = "queued", "waits"
        CLAIMED = "claimed", "taken"
        STARTED = "started", "on the wire"
        DEFERRED = "deferred", "is tried again"
        SUBMITTED = "submitted", "submitted"
        FAILED = "failed", "refused"
        SUPPRESSED = "suppressed", "left out"
        UNCERTAIN = "uncertain", "uncertain"

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, models.SET_NULL, null=True, related_name="deliveries")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    because = models.CharField(max_length=60, blank=True)
    next_try_at = models.DateTimeField()
    lease_owner = models.CharField(max_length=120, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    n_tries = models.PositiveSmallIntegerField(default=0)
    n_uncertain = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reply = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes = [
            # What the claim asks: of rows not at their end, those that are due. Ends are most rows and not in it. By
            # ended_at, since SQLite uses a partial index only where it sees its condition, and states are parameters.
            models.Index(
                fields=["mailing", "next_try_at"], name="isthmus_delivery_open",
                condition=models.Q(ended_at__isnull=True),
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["mailing", "subscriber"], name="isthmus_one_delivery_per_person"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "queued", "claimed", "started", "deferred", "submitted", "failed", "suppressed", "uncertain",
                    ]
                ),
                name="isthmus_delivery_state_known",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"delivery {self.pk}: {self.state}"


class DeliveryNote(models.Model):
    """What happened to a delivery besides going well: a deferral, a refusal, an uncertainty, a bounce; append-only."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="notes")
    at = models.DateTimeField()
    what = models.CharField(max_length=40)
    said = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d %H:%M}"


class Told(models.Model):
    """That a person was sent a piece in an alert or a digest: each once for ever, whatever the rules said.

    Written in the transaction that makes the delivery. publication_id is no key: a deleted piece stays told.
    """

    subscriber = models.ForeignKey(Subscriber, models.CASCADE)
    publication_id = models.BigIntegerField()
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="told")
    because = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "publication_id"], name="isthmus_told_once"),
        ]

    def __str__(self) -> str:
        return f"pub:{self.publication_id}"
