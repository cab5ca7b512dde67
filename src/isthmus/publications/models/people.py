"""People: who writes, edits, translates and is interviewed. They never need a login."""

from django.db import models
from wagtail.fields import RichTextField

from isthmus.publications.journaled import Journaled


class Person(Journaled, models.Model):
    """Somebody whose name stands on publications. How it is printed on one piece is the Byline's business."""

    journal_kind = "person"
    public_fields = ("name", "sort_name", "slug", "title", "affiliation", "bio", "email", "photo_id", "is_public")

    name = models.CharField(max_length=200, help_text="As on the person's own page, for example Robert King.")
    name_key = models.CharField(max_length=200, editable=False, db_index=True)
    sort_name = models.CharField(max_length=200, blank=True, help_text="For lists: King, Robert.")
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    title = models.CharField(max_length=300, blank=True, help_text="Non-Resident Fellow, for example.")
    affiliation = models.CharField(max_length=300, blank=True)
    bio = RichTextField(blank=True, features=["bold", "italic", "link", "ul"])
    note = models.TextField(
        "author note",
        blank=True,
        help_text="Printed under new pieces and frozen there: later changes leave old pieces as they were.",
    )
    disclaimer = models.TextField(
        blank=True, help_text="Printed under this person's new pieces instead of the institute's."
    )
    email = models.EmailField("public e-mail address", blank=True)
    photo = models.ForeignKey(
        "isthmus_publications.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_public = models.BooleanField(
        "shown without publications",
        default=False,
        help_text="A person is public as soon as a released piece names them; tick this to show them before.",
    )

    class Meta:
        ordering = ["sort_name", "name", "id"]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """The address of the person's page, root-relative."""
        return f"/people/{self.slug}/"

    def prepare(self) -> None:
        """Fill in what follows from the name: the folded key it is found by, the sorting form, the slug."""
        from isthmus.publications import naming

        self.name_key = naming.name_key(self.name)
        self.sort_name = self.sort_name or naming.sort_name(self.name)
        self.slug = self.slug or naming.free_slug(type(self), self.name, pk=self.pk)

    def media_ids(self) -> set[tuple[str, int]]:
        """The pictures this person's page shows."""
        return {("image", self.photo_id)} if self.photo_id else set()
