"""What editors keep for the search, synonyms and pins, and what readers asked it."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from isthmus.search import question_key

MAX_TERMS, MAX_TERM_CHARS, MAX_TERM_WORDS = 8, 80, 8
MAX_SETS, MAX_PINS = 2_000, 2_000
MAX_QUESTION_CHARS = 200
# Folding takes ligatures and characters of many letters apart.
_MAX_KEY_CHARS = 2 * MAX_QUESTION_CHARS


class SynonymSet(models.Model):
    """Words and phrases of which each finds the others, or of which the first finds the others.

    terms: as an editor wrote them, between commas, such as `DPRK, North Korea`.
    """

    terms = models.CharField(
        max_length=MAX_TERMS * (MAX_TERM_CHARS + 2),
        help_text="Two to eight words or phrases with commas between, such as: DPRK, North Korea",
    )
    is_one_way = models.BooleanField(
        "only from the first",
        default=False,
        help_text="Who asks for the first also finds the others, and not the other way round.",
    )

    class Meta:
        ordering = ["terms"]
        verbose_name = "set of synonyms"
        verbose_name_plural = "synonyms"

    def __str__(self) -> str:
        return self.terms

    @property
    def phrases(self) -> list[str]:
        """The terms one by one, each once."""
        phrases = {question_key.term_key(term): term.strip() for term in self.terms.split(",")}
        return [term for key, term in phrases.items() if key]

    def clean(self) -> None:
        """Raises: ValidationError, with a sentence for the editor."""
        if said := self._trouble():
            raise ValidationError({"terms": said})
        self.terms = ", ".join(self.phrases)
        if not self.pk and type(self).objects.count() >= MAX_SETS:
            raise ValidationError(f"There are {MAX_SETS:,} sets already: delete one that nobody needs first.")

    def _trouble(self) -> str:
        phrases = self.phrases
        if not 2 <= len(phrases) <= MAX_TERMS:
            return f"Write two to {MAX_TERMS} different words or phrases, with commas between."
        for phrase in phrases:
            if len(phrase) > MAX_TERM_CHARS or len(question_key.term_key(phrase)) > MAX_TERM_WORDS:
                return f"“{phrase[:40]}” is too long: {MAX_TERM_CHARS} characters and {MAX_TERM_WORDS} words at most."
        return ""


class Pin(models.Model):
    """Up to three pieces that editors put first when a question is asked.

    question: as an editor wrote it. key: its words, folded, in the order of the alphabet, so that any order finds it.
    """

    question = models.CharField(
        "question", max_length=MAX_QUESTION_CHARS,
        help_text="The words readers type, in any order, without signs such as quotation marks.",
    )  # fmt: skip
    key = models.CharField(max_length=_MAX_KEY_CHARS, unique=True, editable=False)
    first = models.ForeignKey(
        "isthmus_publications.Publication", models.SET_NULL, null=True, related_name="+", verbose_name="first"
    )
    second = models.ForeignKey(
        "isthmus_publications.Publication", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="second",
    )  # fmt: skip
    third = models.ForeignKey(
        "isthmus_publications.Publication", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="third",
    )  # fmt: skip

    class Meta:
        ordering = ["question"]
        verbose_name = "pinned result"
        verbose_name_plural = "pinned results"

    def __str__(self) -> str:
        return self.question

    @property
    def piece_ids(self) -> tuple[int, ...]:
        """The numbers of the pinned pieces, each once; those that were deleted are gone."""
        numbers = (self.first_id, self.second_id, self.third_id)
        return tuple(dict.fromkeys(number for number in numbers if number is not None))

    def clean(self) -> None:
        """Raises: ValidationError, with a sentence for the editor."""
        self.question = " ".join(self.question.split())
        self.key = question_key.question_key(self.question)
        if not self.key:
            raise ValidationError({"question": "There is no word in this question."})
        if len(self.key) > _MAX_KEY_CHARS:
            raise ValidationError({"question": "These words are too long: write fewer."})
        others = type(self).objects.exclude(pk=self.pk)
        if others.filter(key=self.key).exists():
            raise ValidationError({"question": "Results are pinned to these words already: change those."})
        if not self.pk and others.count() >= MAX_PINS:
            raise ValidationError(f"There are {MAX_PINS:,} pins already: delete one that nobody needs first.")

    def save(self, *args: Any, **named: Any) -> None:
        """The key always fits the question."""
        self.key = question_key.question_key(self.question)
        super().save(*args, **named)


def _new_mark() -> str:
    return token_hex(8)


class EditorsMark(models.Model):
    """One row that changes with every change of synonyms and pins: by it each process knows that its copy is old.

    mark: drawn anew and not counted up, so that a database that was restored is never taken for a newer one.
    """

    mark = models.CharField(max_length=16, default=_new_mark)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.mark


class SearchedWords(models.Model):
    """How often one question was asked in one month, and how often it found nothing; see `searched`."""

    month = models.DateField()
    words = models.CharField(max_length=100)
    n_asked = models.PositiveIntegerField(default=0)
    n_unfound = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-month", "-n_asked", "words"]
        indexes = [
            models.Index(fields=["month", "-n_asked"], name="isthmus_searched_most"),
        ]
        constraints = [models.UniqueConstraint(fields=["month", "words"], name="isthmus_searched_once_a_month")]
        default_permissions = ("view",)
        verbose_name = "searched words"
        verbose_name_plural = "searched words"

    def __str__(self) -> str:
        return self.words
