"""A campaign as an editor writes it: its blocks and its row. The one module of mailing that knows Wagtail."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from wagtail import blocks
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageChooserBlock

from isthmus.publications.body import QuoteBlock

_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "hr", "link", "publication-link"]


class PublicationsBlock(blocks.ListBlock):
    """Chosen publications, each shown as in listings: title, byline, date, excerpt, link."""

    def __init__(self, **options: Any) -> None:
        from wagtail.snippets.blocks import SnippetChooserBlock

        super().__init__(SnippetChooserBlock("isthmus_publications.Publication"), **options)

    class Meta:
        icon = "list-ul"
        label = "Publications"


class MailImageBlock(blocks.StructBlock):
    """A picture in the mail; its credit comes from the picture's own data. The words for people who do not see it."""

    image = ImageChooserBlock()
    alt = blocks.CharBlock(required=False, label="Text for people who do not see it", max_length=500)

    class Meta:
        icon = "image"
        label = "Picture"


MAIL_BLOCKS = [
    ("text", blocks.RichTextBlock(features=_FEATURES)),
    ("publications", PublicationsBlock()),
    ("image", MailImageBlock()),
    ("quote", QuoteBlock()),
]


class Campaign(models.Model):
    """A letter to subscribers. What was sent is frozen in its mailings; the row may be edited until then.

    audience: subjects as in Subscription (`everything`: all confirmed subscribers, whatever they follow); a person
    with several of them is one. web_slug: address of the web copy, which is public once a mailing of it has started.
    """

    title = models.CharField(max_length=200, help_text="The subject line.")
    preheader = models.CharField(
        max_length=200, blank=True, help_text="The words after the subject in a list of mails; else the first sentence."
    )
    audience: Any = models.JSONField(default=list, blank=True)
    body = StreamField(MAIL_BLOCKS, blank=True, use_json_field=True)
    web_slug = models.SlugField(max_length=120, unique=True, null=True, blank=True, editable=False)
    starts_at = models.DateTimeField(null=True, blank=True)
    starts_zone = models.CharField(max_length=64, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-updated_at"]
        permissions: ClassVar = [("send_campaign", "Can send campaigns")]

    def __str__(self) -> str:
        return self.title
