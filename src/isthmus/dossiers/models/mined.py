"""What was mined from the public archive: derived, each row with its evidence, made again whenever it is thrown away.

Offsets are in characters of `Document.body_text`, ends exclusive. Only the keeper writes here.
"""

from __future__ import annotations

from django.db import models

from isthmus.dossiers.extract.expression import Grade, Modality
from isthmus.dossiers.models.subjects import Subject, Tone

_GRADES = [(grade.value, grade.value) for grade in Grade]
_MODALITIES = [(modality.value, modality.value) for modality in Modality]


class MinedText(models.Model):
    """One publication as it was read: its revision, and how, so that only what changed is read again.

    made_with: version of the extractor and mark of the vocabulary. n_unresolved: dates that no day could be found for.
    """

    publication = models.OneToOneField(
        "isthmus_publications.Publication", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    revision = models.CharField(max_length=64)
    made_with = models.CharField(max_length=80)
    published_on = models.DateField(null=True)
    language = models.CharField(max_length=20)
    n_unresolved = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"pub:{self.pk}"


class MatchedVocabulary(models.Model):
    """One row: the vocabulary all texts were last matched with, so that a change tells which of them to read again.

    entries: it, as `Vocabulary.entries` has it. target: mark of the vocabulary that texts are being matched with now;
    empty when all are. doing: which texts, as `affected_texts.Change` has it. done_to: number of the last that is done.
    """

    mark = models.CharField(max_length=16, blank=True)
    entries = models.JSONField(default=list)
    target = models.CharField(max_length=16, blank=True)
    doing = models.JSONField(default=dict)
    done_to = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.mark


class Mention(models.Model):
    """A subject named in a text. is_sure: an ambiguous alias is not, and waits for an editor."""

    text = models.ForeignKey(MinedText, on_delete=models.CASCADE, related_name="mentions")
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="mentions")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.CharField(max_length=200)
    sentence_start = models.PositiveIntegerField()
    is_sure = models.BooleanField(default=True)

    class Meta:
        default_permissions = ()
        ordering = ["text", "start"]
        indexes = [models.Index(fields=["subject", "text"], name="isthmus_mentioned")]

    def __str__(self) -> str:
        return self.quote


class Occurrence(models.Model):
    """A dated happening that one sentence tells of.

    key: names sentence and expression across rebuilds and re-imports; rulings hold on to it (see `keys`).
    first_on, before_on: the first day and the day after the last; precision, edtf: as precise as the words, no more.
    anchor: the date it was worked out from, as EDTF. is_carried: the date stood in the sentence before.
    """

    text = models.ForeignKey(MinedText, on_delete=models.CASCADE, related_name="occurrences")
    key = models.CharField(max_length=32, db_index=True)
    sentence_start = models.PositiveIntegerField()
    sentence_end = models.PositiveIntegerField()
    sentence = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.CharField(max_length=200)
    first_on = models.DateField()
    before_on = models.DateField()
    precision = models.CharField(max_length=12)
    edtf = models.CharField(max_length=60)
    grade = models.CharField(max_length=12, choices=_GRADES)
    modality = models.CharField(max_length=12, choices=_MODALITIES)
    anchor = models.CharField(max_length=60, blank=True)
    rule = models.CharField(max_length=60)
    is_carried = models.BooleanField(default=False)
    subjects = models.ManyToManyField(Subject, through="OccurrenceSubject", related_name="occurrences")

    class Meta:
        default_permissions = ()
        ordering = ["first_on", "before_on", "text", "start"]
        indexes = [models.Index(fields=["first_on", "before_on"], name="isthmus_happened")]

    def __str__(self) -> str:
        return f"{self.edtf}: {self.quote}"


class OccurrenceSubject(models.Model):
    """A subject that is named in an occurrence's own sentence."""

    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="+")
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["occurrence", "subject"], name="isthmus_occurs_once")]
        indexes = [models.Index(fields=["subject", "occurrence"], name="isthmus_subject_occurs")]

    def __str__(self) -> str:
        return f"{self.occurrence_id}: {self.subject_id}"


class Relation(models.Model):
    """A sentence in which one subject acts or speaks towards another.

    first_on, before_on, edtf, grade: of the sentence's own date; where it has none, empty, and it stands by the
    publication's date as "published on". verb: as the word list has it; is_negated: turned round by a not.
    """

    text = models.ForeignKey(MinedText, on_delete=models.CASCADE, related_name="relations")
    key = models.CharField(max_length=32, db_index=True)
    actor = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="acts")
    towards = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="is_met_with")
    sentence_start = models.PositiveIntegerField()
    sentence_end = models.PositiveIntegerField()
    sentence = models.TextField()
    verb = models.CharField(max_length=60)
    tone = models.CharField(max_length=8, choices=Tone.choices)
    is_negated = models.BooleanField(default=False)
    is_quoted = models.BooleanField(default=False)
    modality = models.CharField(max_length=12, choices=_MODALITIES)
    first_on = models.DateField(null=True)
    before_on = models.DateField(null=True)
    edtf = models.CharField(max_length=60, blank=True)
    grade = models.CharField(max_length=12, choices=_GRADES, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["first_on", "text", "sentence_start"]
        indexes = [models.Index(fields=["actor", "towards", "first_on"], name="isthmus_related")]

    def __str__(self) -> str:
        return f"{self.actor_id} → {self.towards_id}: {self.verb}"


class PageChange(models.Model):
    """One change of what pages of dossiers show, numbered in the order of commits; see `dossiers.changes`.

    subject: `pub:17` for what the page of a piece says of it, `subject:4`, or `all`.
    """

    seq = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=40)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.seq} {self.subject}"
