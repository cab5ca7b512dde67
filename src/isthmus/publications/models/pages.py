"""Pages proper: home, About, Contact, Privacy. Publications are not pages; see the decision in docs/decisions."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from isthmus.publications import body as body_blocks
from isthmus.publications.body import BODY_BLOCKS


class _JournaledPage(models.Model):
    """A page whose public changes leave a `site` row in the journal."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save; journal the site, since pages stand in menus and sitemap as well."""
        from isthmus.publications import journal, recording

        with transaction.atomic():
            was_live = bool(self.pk) and Page.objects.filter(pk=self.pk, live=True).exists()
            saved = super().save(*args, **kwargs)
            if kwargs.get("update_fields") is None:
                # Saving a draft writes a few columns of the row from an object that holds the draft: what only the
                # draft shows is not public, though the page is.
                recording.rewrite_media_uses(f"page:{self.pk}", self.media_ids() if self.live else set())
            if was_live or self.live:
                journal.append("site", journal.What.REVISED)
        return saved

    def media_ids(self) -> set[tuple[str, int]]:
        """What the page shows and offers."""
        return set()

    def get_url_parts(self, request: Any = None) -> tuple[int, str, str] | None:
        """Where links in texts and "View live" lead: Wagtail's own serving, which it would ask, is not mounted."""
        found = super().get_url_parts(request)
        if found is None:
            return None
        below_home = self.url_path.strip("/").split("/")[1:]
        return found[0], settings.PUBLIC_URL, "/".join(["", *below_home, ""])


class HomePage(_JournaledPage, Page):
    """The front page: an introduction, the featured piece; the latest work follows by itself."""

    introduction = RichTextField(blank=True, features=["bold", "italic", "link"])
    featured = models.ForeignKey(
        "isthmus_publications.Publication",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Shown first; where empty, the newest piece with a picture.",
    )

    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("featured")]
    parent_page_types = ["wagtailcore.Page"]
    max_count = 1

    def __str__(self) -> str:
        return self.title

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The home view: latest work, series, events."""
        from isthmus.publications import views

        return views.home(request, self)


class StandardPage(_JournaledPage, Page):
    """About, Contact, Privacy and the like."""

    summary = models.TextField(blank=True)
    body = StreamField(BODY_BLOCKS, blank=True, use_json_field=True)

    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("body")]
    parent_page_types = ["isthmus_publications.HomePage", "isthmus_publications.StandardPage"]
    subpage_types = ["isthmus_publications.StandardPage"]

    def __str__(self) -> str:
        return self.title

    def media_ids(self) -> set[tuple[str, int]]:
        """Pictures and files in the body."""
        return body_blocks.media_ids(self.body.raw_data)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The page as readers see it."""
        from isthmus.publications import views

        return views.standard_page(request, self)
