"""The publication: any piece the institute has published or will, as a row of its own and not a node in a page tree."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models, transaction
from django.http import HttpRequest
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, RevisionMixin, WorkflowMixin

from isthmus.kit import clock, collecting
from isthmus.publications.body import BODY_BLOCKS

# Pieces without a date stand before all others, so that page numbers, which count from the oldest, never shift.
DATELESS = datetime(1, 1, 1, tzinfo=UTC)


class Publication(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, PreviewableMixin, ClusterableModel):
    """Any piece of the institute's work, of any kind.

    Public exactly while `live` is true, which only a release makes it (see `visibility`). The row holds what
    the public sees; drafts of a released piece live in Wagtail's revisions.
    """

    title = models.CharField(max_length=500)
    slug = models.SlugField(
        max_length=255,
        allow_unicode=True,
        blank=True,
        help_text="The last part of the address; made from the title, and final once the piece is released.",
    )
    kind = models.CharField(max_length=40, default="post", db_index=True)
    series = models.ForeignKey(
        "isthmus_publications.Series", null=True, blank=True, on_delete=models.PROTECT, related_name="publications"
    )
    language = models.CharField(max_length=20, default="en")
    summary = models.TextField(blank=True, max_length=2000)
    published_on = models.DateField(
        "published", null=True, blank=True, help_text="As printed on the piece; filled in at release where empty."
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_offset_min = models.SmallIntegerField(null=True, blank=True, editable=False)
    updated_on = models.DateField("corrected or updated", null=True, blank=True)
    lead_image = models.ForeignKey(
        "isthmus_publications.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lead_image_caption = models.CharField(max_length=500, blank=True)
    photo_credit = models.TextField(
        blank=True, help_text="As printed; where empty it is made from the data of the pictures."
    )
    author_note = models.TextField(
        blank=True, help_text="One note for all authors, as printed; where empty each author's own note is used."
    )
    disclaimer = models.TextField(
        blank=True, help_text="Where empty, the rule of person, series or institute is printed and frozen at release."
    )
    external_url = models.URLField("published elsewhere at", max_length=1000, blank=True)
    details = models.JSONField(default=dict, blank=True, help_text="The fields of this kind, such as an event's place.")
    categories = ParentalManyToManyField("isthmus_publications.Category", blank=True, related_name="publications")

    released_at = models.DateTimeField(null=True, blank=True, editable=False)
    listed_at = models.DateTimeField(default=DATELESS, editable=False)
    excerpt = models.TextField(blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    draft_title = models.CharField(max_length=500, blank=True, editable=False)
    identity = models.CharField(max_length=400, blank=True, editable=False, db_index=True)
    is_backdated = models.BooleanField(default=False, editable=False)
    staged_in = models.CharField(max_length=40, blank=True, editable=False, db_index=True)
    # The zones in which somebody meant `go_live_at` and `expire_at`, as IANA names. The instants stand whatever becomes
    # of the institute's own zone; the names are kept to say what was meant.
    go_live_zone = models.CharField(max_length=64, blank=True, editable=False)
    expire_zone = models.CharField(max_length=64, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    # The last column: SQLite reads a long text to its end to reach what stands behind it, in every listing.
    body = StreamField(BODY_BLOCKS, blank=True, use_json_field=True)

    _revisions = GenericRelation("wagtailcore.Revision", related_query_name="publication")
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="publication",
        for_concrete_model=False,
    )

    class Meta:
        ordering = ["-listed_at", "-id"]
        indexes = [
            models.Index(fields=["live", "listed_at", "id"], name="isthmus_pub_listing"),
            models.Index(fields=["series", "live", "listed_at", "id"], name="isthmus_pub_in_series"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "slug"], name="isthmus_pub_slug_in_series", condition=models.Q(series__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["slug"], name="isthmus_pub_slug_alone", condition=models.Q(series__isnull=True)
            ),
        ]
        permissions = [("edit_any_publication", "Can edit publications of other people")]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Self:
        """The row, noted by whoever gathers what a page shows."""
        row: Self = super().from_db(db, field_names, values)
        collecting.note(row.subject)
        return row

    @property
    def revisions(self) -> Any:
        """All saved versions, oldest first."""
        return self._revisions

    @property
    def subject(self) -> str:
        """The journal's name for this row."""
        return f"pub:{self.pk}"

    @property
    def path(self) -> str:
        """The address of the piece, root-relative."""
        from isthmus.publications.recording import publication_path

        return publication_path(self.slug, self.series.slug if self.series else None)

    def get_absolute_url(self) -> str:
        """Where "View live" leads."""
        return self.path

    @property
    def printed_zone(self) -> timezone | None:
        """The offset of the date as printed at the source; None where none was given."""
        if self.published_offset_min is None:
            return None
        return timezone(timedelta(minutes=self.published_offset_min))

    def get_latest_revision_as_object(self) -> "Publication":
        """What an editor goes on with: the newest draft, or the row where there is none."""
        return super().get_latest_revision_as_object()

    def with_content_json(self, content: dict[str, Any]) -> "Publication":
        """A version of this piece with a revision's content; what belongs to the row as a whole is kept."""
        # Reading an instant out of a revision takes it to the institute's zone, and west of Greenwich the first day of
        # all begins before it: a draft without a date could not be opened there.
        without_order = {name: value for name, value in content.items() if name != "listed_at"}
        piece: Publication = super().with_content_json(without_order)
        for name in ("listed_at", "released_at", "identity", "is_backdated", "staged_in", "owner_id", "fingerprint"):
            setattr(piece, name, getattr(self, name))
        if self.released_at:
            piece.published_at = piece.published_at or self.published_at
            piece.disclaimer = piece.disclaimer or self.disclaimer
        return piece

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        """Fill in the slug first, since Wagtail validates before it saves."""
        from isthmus.publications import preparation

        preparation.fill_slug(self)
        super().full_clean(*args, **kwargs)

    def validate_constraints(self, exclude: Any = None) -> None:
        """Look for the slug once, and only where it is taken have Django find out which rule is broken.

        Two constraints about the slug cost four queries and 5 of the 44 ms of a release, each time a form is checked.
        """
        from isthmus.publications import preparation

        if preparation.has_twin(self):
            super().validate_constraints(exclude=exclude)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the piece with its children and, where the public can see a difference, its journal row.

        One transaction: a crash leaves all of it or nothing.
        """
        from isthmus.publications import preparation, recording

        fields = kwargs.get("update_fields")
        if fields is not None and not preparation.touches_public(fields):
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            before = recording.state_of(self.pk)
            is_first_release = preparation.prepare(self, now=clock.now())
            with recording.one_reference_update(self):
                super().save(*args, **kwargs)
            preparation.write_uses(self)
            recording.record_publication(self, before, is_first_release=is_first_release)

    def _update_from_revision(self, revision: Any, changed: bool = True) -> None:
        """Remember the draft's title in the row as well, so that editors find drafts in the database.

        Wagtail's own saves the row, which asks for another look at its references; none of these columns is one.
        """
        columns = {"latest_revision": revision, "draft_title": self.title}
        columns |= {"has_unpublished_changes": True} if changed else {}
        for name, value in columns.items():
            setattr(self, name, value)
        type(self).objects.filter(pk=self.pk).update(**columns)

    def publish(self, revision: Any, **kwargs: Any) -> None:
        """Publish a revision, all of it in one transaction (Wagtail's own runs in autocommit)."""
        with transaction.atomic():
            super().publish(revision, **kwargs)

    def unpublish(self, **kwargs: Any) -> None:
        """Withdraw the piece, all of it in one transaction."""
        with transaction.atomic():
            super().unpublish(**kwargs)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """The page as readers will see it."""
        return "isthmus/publications/publication.html"

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        """The page, with pictures that the public may not see yet."""
        from isthmus.publications.editing import pictures_inside

        response = super().serve_preview(request, mode_name)
        response.add_post_render_callback(pictures_inside.show_inside)
        return response

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        """The page's own context, with drafts allowed: only an editor's preview asks for it."""
        from isthmus.publications import pages_of

        return pages_of.preview_context(self, request)


class Byline(models.Model):
    """One person's part in one piece: how the name is printed there, and what was true of them on that day."""

    class Role(models.TextChoices):
        """What somebody did for the piece."""

        AUTHOR = "author", "Author"
        EDITOR = "editor", "Editor"
        TRANSLATOR = "translator", "Translator"
        INTERVIEWEE = "interviewee", "Interviewee"
        SPEAKER = "speaker", "Speaker"

    publication = ParentalKey(Publication, on_delete=models.CASCADE, related_name="bylines")
    person = models.ForeignKey("isthmus_publications.Person", on_delete=models.PROTECT, related_name="bylines")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.AUTHOR)
    printed_name = models.CharField(
        max_length=300, blank=True, help_text="How the name stands on this piece, where it differs: Robert R. King."
    )
    affiliation = models.CharField(max_length=300, blank=True, help_text="On that day; frozen at release where empty.")
    note = models.TextField("author note", blank=True, help_text="On that day; frozen at release where empty.")
    sort_order = models.IntegerField(null=True, blank=True, editable=False)

    sort_order_field: ClassVar[str] = "sort_order"

    class Meta:
        ordering = ["sort_order", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name as printed on this piece."""
        return self.printed_name or self.person.name


class Attachment(models.Model):
    """A file that belongs to a piece, such as the PDF of a report."""

    publication = ParentalKey(Publication, on_delete=models.CASCADE, related_name="attachments")
    document = models.ForeignKey("isthmus_publications.Document", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300, blank=True, help_text="Where empty, the file's own title.")
    sort_order = models.IntegerField(null=True, blank=True, editable=False)

    sort_order_field: ClassVar[str] = "sort_order"

    class Meta:
        ordering = ["sort_order", "id"]

    def __str__(self) -> str:
        return self.title or self.document.title
