"""Pictures and files, and who refers to them: a file is public only while something public uses it."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from taggit.managers import TaggableManager
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition

from isthmus.kit import collecting


class _Shown(models.Model):
    """A picture or file whose change is journaled with whatever shows it in public.

    shown_fields: those that readers see the effect of.
    """

    shown_fields: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Self:
        """The row, noted by whoever gathers what a page shows."""
        row: Self = super().from_db(db, field_names, values)
        collecting.note(f"{cls._meta.model_name}:{row.pk}")
        return row

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; leave journal rows where the public can see the difference."""
        from isthmus.publications import media_changes

        with transaction.atomic():
            before = media_changes.shown_by(self, self.shown_fields)
            super().save(*args, **kwargs)
            media_changes.record(self, before, self.shown_fields)


class Image(_Shown, AbstractImage):
    """A picture with its credit as data: who made it, where it is from, under which licence."""

    # Redeclared only for their reverse names, which would clash with those of Wagtail's own model.
    tags = TaggableManager(blank=True, related_name="isthmus_images")
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    alt_text = models.CharField(
        "text for people who do not see it",
        max_length=500,
        blank=True,
        help_text="What the picture shows, in a sentence. Left empty only for pure decoration.",
    )
    creator = models.CharField(max_length=255, blank=True, help_text="Who made it: a person or an agency.")
    source_url = models.URLField("source", max_length=1000, blank=True, help_text="Where it was published.")
    licence = models.CharField(max_length=80, blank=True, help_text="For example CC BY, or All rights reserved.")
    licence_version = models.CharField(max_length=20, blank=True, help_text="For example 4.0.")
    licence_url = models.URLField(max_length=500, blank=True)
    credit_line = models.CharField(
        max_length=500,
        blank=True,
        help_text="The credit as it was printed, where its parts are not known.",
    )

    shown_fields = (
        "file", "file_hash", "title", "alt_text",
        "creator", "source_url", "licence", "licence_version", "licence_url", "credit_line",
        "focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height",
    )  # fmt: skip
    admin_form_fields: ClassVar[tuple[str, ...]] = (
        "title",
        "file",
        "alt_text",
        "creator",
        "source_url",
        "licence",
        "licence_version",
        "licence_url",
        "credit_line",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    def __str__(self) -> str:
        return self.title

    @property
    def missing_credit_parts(self) -> list[str]:
        """The parts of the credit that are not filled in, in an editor's words; empty when it is complete."""
        parts = [("who made it", self.creator), ("its licence", self.licence)]
        if self.licence.upper().startswith("CC BY"):
            parts += [("the licence's version", self.licence_version), ("its source", self.source_url)]
        return [name for name, value in parts if not value]


class Rendition(AbstractRendition):
    """One scaled form of a picture."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="renditions")

    class Meta(AbstractRendition.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=("image", "filter_spec", "focal_point_key"), name="isthmus_one_rendition_per_filter"
            ),
        ]


class Document(_Shown, AbstractDocument):
    """A file that readers may fetch, such as the PDF of a report."""

    tags = TaggableManager(blank=True, related_name="isthmus_documents")
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    shown_fields = ("file", "file_hash", "title")
    admin_form_fields: ClassVar[tuple[str, ...]] = ("title", "file", "collection", "tags")

    class Meta(AbstractDocument.Meta):
        pass

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; have the text of a new file read."""
        from isthmus.publications import attached_text

        with transaction.atomic():
            file = type(self).objects.filter(pk=self.pk).values_list("file", flat=True).first() if self.pk else None
            super().save(*args, **kwargs)
            # A replaced file always gets a name of its own: the old one goes after the transaction.
            if file != self.file.name:
                attached_text.ask(self)

    @property
    def url(self) -> str:
        """Where readers fetch it, once something public offers it."""
        return f"/files/{self.pk}/{self.filename}"


class FileText(models.Model):
    """What was read inside a file, in a row of its own so that lists of files stay light.

    content_hash: of the content that was read (SHA-256, hexadecimal). reason: the end of a sentence that says why there
    is no text. n_pages_read: fewer than n_pages where the text was cut. version: of the reading (`attached_text`).
    """

    class State(models.TextChoices):
        """How far the reading has come."""

        WAITING = "waiting", "Waits to be read"
        EXTRACTED = "extracted", "Its text is found by search"
        NOTHING = "nothing", "Nothing to be read"
        REFUSED = "refused", "Not read"

    # Wagtail would note who refers to whom for each text that is read.
    wagtail_reference_index_ignore = True

    document = models.OneToOneField(Document, primary_key=True, on_delete=models.CASCADE, related_name="file_text")
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING, db_index=True)
    reason = models.CharField(max_length=300, blank=True)
    content_hash = models.CharField(max_length=64, blank=True, db_index=True)
    version = models.PositiveSmallIntegerField(default=1)
    asked_at = models.DateTimeField()
    n_pages = models.PositiveIntegerField(default=0)
    n_pages_read = models.PositiveIntegerField(default=0)
    # The last column: SQLite reads a long text to its end to reach what stands behind it.
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "extracted", "nothing", "refused"]),
                name="isthmus_file_text_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"text of {self.document_id} ({self.state})"


class MediaUse(models.Model):
    """Somebody refers to a picture or a file; written in the transaction that writes the referring row.

    user: `pub:17`, `page:4`, `person:3` or `site`. Wagtail's own reference index lags behind the row, so
    the gate cannot stand on it.
    """

    user = models.CharField(max_length=40, db_index=True)
    image = models.ForeignKey(Image, null=True, on_delete=models.CASCADE, related_name="uses")
    document = models.ForeignKey(Document, null=True, on_delete=models.CASCADE, related_name="uses")

    def __str__(self) -> str:
        return f"{self.user} uses {'image' if self.image_id else 'document'} {self.image_id or self.document_id}"
