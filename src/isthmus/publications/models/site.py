"""The institute's own settings, kept by editors: name, logo, colours, menus, footer."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from wagtail import blocks
from wagtail.contrib.settings.models import BaseGenericSetting
from wagtail.fields import StreamField

from isthmus.kit import addresses
from isthmus.publications.journaled import Journaled


def _is_colour(value: str) -> None:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValidationError("Write a colour as # and six hexadecimal digits, for example #1d4e6b.")


class _LinkBlock(blocks.StructBlock):
    label = blocks.CharBlock(max_length=80)
    url = blocks.CharBlock(max_length=500, help_text="/about/ for a page here, https://… for one elsewhere.")

    def clean(self, value: Any) -> Any:
        """Raises: StructBlockValidationError for an address that leads elsewhere than it says."""
        cleaned = super().clean(value)
        if not addresses.is_link(cleaned["url"]):
            error = ValidationError("Begin with / for a page here or with https:// for one elsewhere.")
            raise blocks.StructBlockValidationError(block_errors={"url": error})
        return cleaned

    class Meta:
        icon = "link"


class _LinksBlock(blocks.StreamBlock):
    link = _LinkBlock()

    class Meta:
        required = False


LINKS = _LinksBlock()


class SiteSettings(Journaled, BaseGenericSetting):
    """One row. Where a field is empty, the option of `isthmus.toml` or nothing is shown."""

    journal_kind = "site"
    public_fields = (
        "name",
        "short_name",
        "tagline",
        "description",
        "disclaimer",
        "logo_id",
        "accent",
        "accent_dark",
        "menu",
        "footer",
        "footer_text",
        "social",
    )

    name = models.CharField(
        max_length=200, blank=True, help_text="The institute's name; where empty, from isthmus.toml."
    )
    short_name = models.CharField(max_length=60, blank=True)
    tagline = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True, help_text="One or two sentences, for search engines and feeds.")
    disclaimer = models.TextField(blank=True, help_text="Printed under new pieces without a rule of person or series.")
    logo = models.ForeignKey(
        "isthmus_publications.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    accent = models.CharField(max_length=7, default="#1d4e6b", validators=[_is_colour])
    accent_dark = models.CharField("accent on dark", max_length=7, default="#8fc1dc", validators=[_is_colour])
    menu = StreamField(LINKS, blank=True, use_json_field=True)
    footer = StreamField(LINKS, blank=True, use_json_field=True)
    footer_text = models.TextField(blank=True)
    social = StreamField(LINKS, blank=True, use_json_field=True)

    class Meta:
        verbose_name = "site settings"

    def __str__(self) -> str:
        return self.name or "Site settings"

    @classmethod
    def current(cls) -> "SiteSettings":
        """The one row, or an unsaved one with every default."""
        return cls.objects.select_related("logo").first() or cls()

    def media_ids(self) -> set[tuple[str, int]]:
        """The logo stands on every page."""
        return {("image", self.logo_id)} if self.logo_id else set()
