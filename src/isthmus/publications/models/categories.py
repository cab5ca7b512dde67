"""Categories: small trees on several axes, such as region and theme."""

from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from wagtail.fields import RichTextField

from isthmus.publications.journaled import Journaled


class CategoryAxis(Journaled, models.Model):
    """One way of dividing the work: region, theme, tag."""

    journal_kind = "site"
    public_fields = ("label", "slug", "position")

    label = models.CharField(max_length=80)
    slug = models.SlugField(max_length=60, unique=True, allow_unicode=True)
    position = models.PositiveIntegerField(default=100, help_text="Lists show smaller numbers first.")

    class Meta:
        ordering = ["position", "label"]
        verbose_name = "category axis"
        verbose_name_plural = "category axes"

    def __str__(self) -> str:
        return self.label

    def also_changed(self, before: Self) -> list[str]:
        """Its categories, where their addresses begin otherwise now."""
        numbers = self.categories.values_list("pk", flat=True) if before.slug != self.slug else ()
        return [f"category:{pk}" for pk in numbers]


class Category(Journaled, models.Model):
    """One branch of an axis; a piece in a branch counts for the branches above it as well."""

    journal_kind = "category"
    public_fields = ("label", "slug", "axis_id", "parent_id", "summary", "is_public")

    axis = models.ForeignKey(CategoryAxis, on_delete=models.PROTECT, related_name="categories")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    label = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, allow_unicode=True)
    summary = RichTextField(blank=True, features=["bold", "italic", "link"])
    is_public = models.BooleanField(
        "shown while empty",
        default=False,
        help_text="A category is public as soon as a released piece is in it; tick this to show it before.",
    )

    class Meta:
        ordering = ["axis__position", "label"]
        verbose_name_plural = "categories"
        constraints = [models.UniqueConstraint(fields=["axis", "slug"], name="isthmus_category_slug_per_axis")]

    def __str__(self) -> str:
        return self.label

    @property
    def path(self) -> str:
        """The address of the category, root-relative."""
        return f"/categories/{self.axis.slug}/{self.slug}/"

    def clean(self) -> None:
        """Raises: ValidationError for a parent on another axis or a circle of parents."""
        super().clean()
        seen, above = {self.pk}, self.parent
        while above is not None:
            if above.axis_id != self.axis_id:
                raise ValidationError({"parent": f"“{above}” is on another axis; choose a parent on this one."})
            if above.pk in seen:
                raise ValidationError({"parent": "A category cannot stand below itself; choose another parent."})
            seen.add(above.pk)
            above = above.parent

    def prepare(self) -> None:
        """Fill in the slug from the label."""
        from isthmus.publications import naming

        self.slug = self.slug or naming.free_slug(type(self), self.label, pk=self.pk, within={"axis_id": self.axis_id})
