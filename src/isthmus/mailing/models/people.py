"""Subscribers, what each follows, what each agreed to, and addresses that are never written to."""

from __future__ import annotations

from django.db import models

EVERYTHING = "everything"


class Subscriber(models.Model):
    """One address that asked for mail.

    email: as mail is addressed to it. email_key: its spelling for comparison, see `addresses`. address_hash: keyed, the
    same as in Suppression, so that the claim of a delivery can ask both in one statement. paused_until: no mail before.
    A person who leaves stays as LEFT with their consents, until they ask to be erased: then the row goes.
    """

    class State(models.TextChoices):
        """Pending has not pressed the button in the confirmation; only CONFIRMED is ever written to, but for that."""

        PENDING = "pending", "not confirmed yet"
        CONFIRMED = "confirmed", "confirmed"
        LEFT = "left", "left"

    email = models.EmailField("e-mail address", max_length=320)
    email_key = models.CharField(max_length=320, unique=True, editable=False)
    address_hash = models.CharField(max_length=64, unique=True, editable=False)
    domain = models.CharField(max_length=255, db_index=True, editable=False)
    name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    paused_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"], name="isthmus_subscriber_state")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "confirmed", "left"]), name="isthmus_subscriber_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.email


class Subscription(models.Model):
    """What one subscriber follows, and how often they want to hear of it.

    subject: `everything`, or the journal's name of what is followed: `series:2`, `person:3`, `category:5`; `search:12`
    is a SavedSearch, `subject:4` an open dossier. Consent is per subscription: without confirmed_at it counts for
    nothing.
    """

    class Pace(models.TextChoices):
        """How often."""

        AT_ONCE = "at_once", "at once"
        DAILY = "daily", "once a day"
        WEEKLY = "weekly", "once a week"

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    subject = models.CharField(max_length=60)
    pace = models.CharField(max_length=12, choices=Pace.choices, default=Pace.AT_ONCE)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "pace"], name="isthmus_subscription_subject")]
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "subject"], name="isthmus_one_subscription_per_subject"),
            models.CheckConstraint(
                condition=models.Q(pace__in=["at_once", "daily", "weekly"]), name="isthmus_subscription_pace_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.pace}"


class SavedSearch(models.Model):
    """A search that at least one person follows, or has asked to; it goes with the last of them.

    question: as `search.saved.canonical` writes it. key: its SHA-256, so that the same question is one row.
    """

    key = models.CharField(max_length=64, unique=True)
    question = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.question

    @property
    def subject(self) -> str:
        """As subscriptions name it."""
        return f"search:{self.pk}"


class ConsentWording(models.Model):
    """The words a person agreed to, kept for ever under their version; a changed text is a new version."""

    version = models.CharField(max_length=40, primary_key=True)
    text = models.TextField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.version


class Consent(models.Model):
    """One thing a person agreed to or took back: evidence, never changed, erased only with the person.

    form: where it was said, such as `footer of /peninsula/ardor-fades/`. how: how we know it was them, such as
    `button behind the link in confirmation 812` or `import of list.csv, line 17`. network: cut to /24 or /48.
    """

    class What(models.TextChoices):
        """What was said."""

        ASKED = "asked", "asked to be mailed"
        CONFIRMED = "confirmed", "confirmed"
        CHANGED = "changed", "changed what or how often"
        PAUSED = "paused", "paused"
        LEFT = "left", "left"
        IMPORTED = "imported", "came with an import"

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="consents")
    what = models.CharField(max_length=12, choices=What.choices)
    subjects = models.JSONField(default=list)  # [[subject, pace], …] as they stood after it
    wording = models.ForeignKey(ConsentWording, models.PROTECT, null=True, blank=True)
    form = models.CharField(max_length=300, blank=True)
    how = models.CharField(max_length=300, blank=True)
    network = models.CharField(max_length=50, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d}"


class Suppression(models.Model):
    """An address that is not written to, whatever else is said of it; known by its keyed hash only.

    Counts while lifted_at is empty. An erased address stays here for ever, so that no import brings it back.
    """

    class Reason(models.TextChoices):
        """Why."""

        HARD_BOUNCE = "hard_bounce", "the address does not exist"
        SOFT_BOUNCES = "soft_bounces", "three bounces in thirty days"
        COMPLAINT = "complaint", "reported as unwanted"
        EDITOR = "editor", "an editor said so"
        IMPORTED = "imported", "came with an import"
        ERASED = "erased", "asked to be erased"

    address_hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.reason} {self.at:%Y-%m-%d}"


class SignUp(models.Model):
    """One wish to be signed up, kept 31 days, to be counted: per address, per network, in all."""

    address_hash = models.CharField(max_length=64, db_index=True)
    network = models.CharField(max_length=50, db_index=True)
    at = models.DateTimeField(db_index=True)
    is_mailed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
