"""Pictures and files, and who refers to them: a file is public only while something public uses it."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from taggit.managers import TaggableManager
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition


class _Shown(models.Model):
    """A picture or file whose change is journaled with whatever shows it in public.

    shown_fields: those that readers see the effect of.
    """

    shown_fields: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

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

    @property
    def url(self) -> str:
        """Where readers fetch it, once something public offers it."""
        return f"/files/{self.pk}/{self.filename}"


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
