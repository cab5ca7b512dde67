"""The vocabulary that editors keep: who and what a dossier can be about, and by which words it is found."""

from __future__ import annotations

from secrets import token_hex

from django.conf import settings
from django.db import models

MAX_NAME_CHARS = 200


class SubjectKind(models.TextChoices):
    """What a subject is."""

    PERSON = "person", "Person"
    ORGANISATION = "organisation", "Organisation"
    PLACE = "place", "Place"
    THING = "thing", "Named thing"


class Tone(models.TextChoices):
    """How an act or a word of one subject towards another sounds; a reading of the verb, never a score."""

    WARM = "warm", "Warm"
    NEUTRAL = "neutral", "Neutral"
    COOL = "cool", "Cool"


class Subject(models.Model):
    """A person, organisation, place or named thing (a summit, a treaty) that the archive speaks of.

    is_open: whether an editor opened the dossier to the public; nothing mined about a subject is public before.
    person: the institute's own record, where the subject has one.
    """

    kind = models.CharField(max_length=12, choices=SubjectKind.choices)
    name = models.CharField(max_length=MAX_NAME_CHARS, help_text="As the head of the dossier prints it.")
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True, help_text="The last part of the address.")
    note = models.TextField(blank=True, max_length=2000, help_text="Who or what this is, in a sentence or two; public.")
    is_open = models.BooleanField(
        "open to the public", default=False, help_text="A timeline of a living person is a profile: look at it first."
    )
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    person = models.ForeignKey(
        "isthmus_publications.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        # Theirs who may release: what is mined about a person becomes public by it.
        permissions = [("open_subject", "Can open a dossier to the public")]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """The journal's name for this row."""
        return f"subject:{self.pk}"


class SubjectAddress(models.Model):
    """An address a subject had before it was renamed, merged or split; it leads to where the subject is now."""

    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="old_addresses")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.slug


class Alias(models.Model):
    """Words by which a subject is found: whole words, in this case, the longest first.

    companion: words of which one must stand in the same text, between commas, or the alias is somebody else there.
    is_ambiguous: what it finds waits for an editor.
    """

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(max_length=MAX_NAME_CHARS)
    companion = models.CharField(
        max_length=MAX_NAME_CHARS, blank=True, help_text="Only in texts that also have one of these, such as: Robert"
    )
    is_ambiguous = models.BooleanField(
        "ambiguous", default=False, help_text="May be somebody else: what it finds waits in the queue."
    )

    class Meta:
        ordering = ["text"]
        constraints = [models.UniqueConstraint(fields=["subject", "text"], name="isthmus_alias_once")]
        verbose_name_plural = "aliases"

    def __str__(self) -> str:
        return self.text


class SubjectTitle(models.Model):
    """An office that somebody held, so that "the National Security Advisor" is found in texts of those years."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="titles")
    text = models.CharField(max_length=MAX_NAME_CHARS)
    starts_on = models.DateField("from", null=True, blank=True)
    ends_on = models.DateField("to", null=True, blank=True)

    class Meta:
        ordering = ["starts_on", "text"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(starts_on__lte=models.F("ends_on")),
                name="isthmus_title_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.text


class NamedDate(models.Model):
    """A name that stands for a stretch of time, such as "the Hanoi Summit"; there is no knowledge of the world in code.

    first_on, last_on: inclusive.
    """

    name = models.CharField(max_length=MAX_NAME_CHARS, unique=True)
    first_on = models.DateField("first day")
    last_on = models.DateField("last day")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_on__lte=models.F("last_on")), name="isthmus_named_date_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ToneWord(models.Model):
    """A verb, or a verb with its particle, and how it sounds when one subject does it to another."""

    word = models.CharField(max_length=60, unique=True, help_text="In its plain form: meet, call for, denounce")
    tone = models.CharField(max_length=8, choices=Tone.choices)

    class Meta:
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word


class Suggestion(models.Model):
    """A name the archive uses often and the vocabulary does not know; a refusal is remembered for ever.

    key: the name folded, so that no spelling of a refused one comes again.
    """

    class State(models.TextChoices):
        """What became of it."""

        PROPOSED = "proposed", "Proposed"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"

    key = models.CharField(max_length=MAX_NAME_CHARS, unique=True)
    text = models.CharField(max_length=MAX_NAME_CHARS)
    kind = models.CharField(max_length=12, choices=SubjectKind.choices)
    other_texts = models.JSONField(default=list, help_text="Other spellings found, which become aliases.")
    n_texts = models.PositiveIntegerField(default=0)
    example = models.TextField(blank=True)
    example_of = models.ForeignKey(
        "isthmus_publications.Publication", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-n_texts", "text"]
        indexes = [models.Index(fields=["state", "-n_texts"], name="isthmus_suggested")]

    def __str__(self) -> str:
        return self.text


def _new_mark() -> str:
    return token_hex(8)


class VocabularyMark(models.Model):
    """One row that changes with every change of the vocabulary: by it a process knows that its matcher is old."""

    mark = models.CharField(max_length=16, default=_new_mark)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.mark
