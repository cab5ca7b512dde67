"""Series: a named run of publications, such as a blog or a numbered set of papers."""

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.fields import RichTextField

from isthmus.publications.journaled import Journaled
from isthmus.publications.reserved import is_reserved


class Series(Journaled, models.Model):
    """A named run of publications with an address of its own directly below the root."""

    journal_kind = "series"
    public_fields = ("title", "slug", "summary", "is_public", "position")

    title = models.CharField(max_length=200, unique=True)
    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    summary = RichTextField(blank=True, features=["bold", "italic", "link"])
    disclaimer = models.TextField(blank=True, help_text="Printed under new pieces of this series, and frozen there.")
    is_public = models.BooleanField(
        "shown while empty",
        default=False,
        help_text="A series is public as soon as a released piece is in it; tick this to show it before.",
    )
    position = models.PositiveIntegerField(default=100, help_text="Lists show smaller numbers first.")

    class Meta:
        ordering = ["position", "title"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.title

    @property
    def path(self) -> str:
        """The address of the series, root-relative."""
        return f"/{self.slug}/"

    @property
    def title_in_running_text(self) -> str:
        """The title inside a sentence: "Return to the Peninsula", not "to The Peninsula"."""
        return "the " + self.title[4:] if self.title.startswith("The ") else self.title

    def clean(self) -> None:
        """Raises: ValidationError where the address already means something else."""
        super().clean()
        if is_reserved(self.slug):
            raise ValidationError({"slug": f"“{self.slug}” is an address of the site itself; choose another."})

    def prepare(self) -> None:
        """Fill in the slug from the title."""
        from isthmus.publications import naming

        self.slug = self.slug or naming.free_slug(type(self), self.title, pk=self.pk, taken=is_reserved)
