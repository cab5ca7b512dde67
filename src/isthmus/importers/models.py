"""What was imported, when, from where, and what each field said then, so that edits made here can win later."""

from __future__ import annotations

from django.db import models


class ImportRun(models.Model):
    """One import of one path. Its pieces are public only after `released`, all in one moment."""

    class State(models.TextChoices):
        """How far the run is."""

        STAGING = "staging", "being staged"
        STAGED = "staged", "held until it is released"
        RELEASED = "released", "released"
        UNDONE = "undone", "undone"
        FAILED = "failed", "failed"

    id = models.CharField(max_length=20, primary_key=True)
    path = models.CharField(max_length=1000)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.STAGING)
    report = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["staging", "staged", "released", "undone", "failed"]),
                name="isthmus_import_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class ImportedItem(models.Model):
    """One source item that became a publication; goes when the publication is deleted, so that it may come again.

    content_hash: of the whole source item at its last import. field_hashes: of each field as it was imported; a field
    whose present hash differs was edited here. status: release, draft or schedule, what the release will do.
    links: addresses in its body that lead to the old site itself and, as far as is known, to nothing that came in.
    """

    source = models.CharField(max_length=120)
    source_id = models.CharField(max_length=500)
    publication = models.OneToOneField(
        "isthmus_publications.Publication", on_delete=models.CASCADE, related_name="imported_item"
    )
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="items")
    content_hash = models.CharField(max_length=32)
    field_hashes = models.JSONField(default=dict)
    status = models.CharField(max_length=10, default="release")
    links = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="isthmus_imported_once")]

    def __str__(self) -> str:
        return f"{self.source}:{self.source_id}"


class ImportedUpdate(models.Model):
    """A new version of an imported item, waiting for the release of its run; afterwards, what `--undo` puts back.

    fields: what changes, field by field. before: what stood there, filled in at release.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="updates")
    item = models.ForeignKey(ImportedItem, on_delete=models.CASCADE, related_name="updates")
    content_hash = models.CharField(max_length=32)
    fields = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "item"], name="isthmus_one_update_per_run")]

    def __str__(self) -> str:
        return f"{self.item} in {self.run_id}"


class ImportedPage(models.Model):
    """One source item that became, or filled, one of our pages proper, such as About.

    said_hash: of title, summary and body as last imported; a page that says something else was edited here.
    coming: what the release of the run will put there. before: what stood there, for `--undo`. status: as of an
    ImportedItem. is_made_here: whether the run made the page, and did not fill one that was there.
    """

    source = models.CharField(max_length=120)
    source_id = models.CharField(max_length=500)
    page = models.OneToOneField(
        "isthmus_publications.StandardPage", on_delete=models.CASCADE, related_name="imported_page"
    )
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="pages")
    content_hash = models.CharField(max_length=32)
    said_hash = models.CharField(max_length=32)
    status = models.CharField(max_length=10, default="release")
    links = models.JSONField(default=list)
    coming = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    is_made_here = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_id"], name="isthmus_page_imported_once")]

    def __str__(self) -> str:
        return f"{self.source}:{self.source_id}"


class ImportedMedium(models.Model):
    """A picture or file of the old site that came in, by the address pieces name it with; exactly one is set."""

    address = models.CharField(max_length=1000, unique=True)
    image = models.ForeignKey("isthmus_publications.Image", null=True, on_delete=models.CASCADE, related_name="+")
    document = models.ForeignKey("isthmus_publications.Document", null=True, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="media")
    is_made_here = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "imported media"

    def __str__(self) -> str:
        return self.address
