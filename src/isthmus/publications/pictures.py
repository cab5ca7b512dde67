"""Pictures and files as templates show them: address, sizes, credit. Addresses lead through the gate's view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from isthmus.publications.models import Document, Image

# Widths offered to the browser, in pixels; WebP at quality 60 was chosen for the 60 kB a whole article may have.
# 96 is for the logo, shown at 48: at 480 it took 9 kB of them.
WIDTHS = (96, 480, 800, 1600)
_SHOWN_WIDTH = 800
_WEBP_QUALITY, _JPEG_QUALITY = 60, 80
# Pages have WebP. Mail has what every mail program shows: JPEG, and PNG for the logo, which may be see-through.
FORMS = {
    "webp": ("image/webp", f"format-webp|webpquality-{_WEBP_QUALITY}"),
    "jpg": ("image/jpeg", f"bgcolor-ffffff|format-jpeg|jpegquality-{_JPEG_QUALITY}"),
    "png": ("image/png", "format-png"),
}
# As wide as the column of text, or as the screen where that is narrower.
_SIZES = "(min-width: 62rem) 42.5rem, 100vw"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a template shows it; credit_html names creator, source and licence as far as they are known."""

    id: int
    src: str
    srcset: str
    width: int
    height: int
    alt: str
    caption: str
    credit_html: SafeString
    sizes: str

    def captioned(self, caption: str, *, alt: str = "") -> Picture:
        """The same picture with this place's caption, and alternative text where it has its own."""
        return replace(self, caption=caption, alt=alt or self.alt)


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file as a template offers it."""

    title: str
    url: str
    type: str
    size_text: str


def image_url(image: Image, width: int, form: str = "webp") -> str:
    """The address of a picture at one width; the view behind it asks the gate each time. form: one of FORMS."""
    return f"/images/{image.pk}/{image.file_hash[:10] or '0'}/{width}.{form}"


def has_form(image: Image, width: int, form: str) -> bool:
    """Whether a picture is offered so: JPEG as wide as mail needs, PNG at the smallest width only, for its size."""
    widths = widths_of(image)
    most = {"webp": widths[-1], "jpg": max(_SHOWN_WIDTH, widths[0]), "png": widths[0]}
    return width in widths and width <= most.get(form, 0)


def widths_of(image: Image) -> list[int]:
    """The widths a picture is offered at, in pixels; one narrower than it is shown at its own too.

    Without that a picture of 400 pixels, as old archives are full of, would stand there as one of 96.
    """
    widths = [width for width in WIDTHS if width <= image.width]
    is_narrow = image.width < _SHOWN_WIDTH and image.width not in widths
    return [*widths, image.width] if is_narrow else widths


def picture(image: Image, *, caption: str = "", alt: str = "", sizes: str = "") -> Picture:
    """How a picture is shown; widths above its own are left out, so that nothing is blown up."""
    widths = widths_of(image)
    shown = max(width for width in widths if width <= max(_SHOWN_WIDTH, widths[0]))
    return Picture(
        id=image.pk,
        src=image_url(image, shown),
        srcset=", ".join(f"{image_url(image, width)} {width}w" for width in widths),
        width=shown,
        height=max(1, round(image.height * shown / image.width)),
        alt=alt or image.alt_text,
        caption=caption,
        credit_html=credit_html(image),
        sizes=sizes or _SIZES,
    )


def shown_images(image_ids: Iterable[int]) -> dict[int, Picture]:
    """The pictures with these numbers, in one query; none for no numbers."""
    wanted = set(image_ids)
    return {image.pk: picture(image) for image in Image.objects.filter(pk__in=wanted)} if wanted else {}


def credit_html(image: Image) -> SafeString:
    """ "Photo: NAME, SOURCE (CC BY 4.0)" with links, from the parts that are known; empty where none is."""
    if image.credit_line and not image.creator:
        return format_html("{}", image.credit_line)
    parts = []
    if image.creator:
        parts.append(
            format_html('<a href="{}">{}</a>', image.source_url, image.creator)
            if image.source_url
            else format_html("{}", image.creator)
        )
    if image.licence:
        licence = f"{image.licence} {image.licence_version}".strip()
        parts.append(
            format_html('<a rel="license" href="{}">{}</a>', image.licence_url, licence)
            if image.licence_url
            else format_html("{}", licence)
        )
    return format_html_join(", ", "{}", ((part,) for part in parts))


def shown_file(document: Document, *, title: str = "") -> ShownFile:
    """How a file is offered: title, type and size, at an address that leads through the gate."""
    size = document.get_file_size() or 0
    return ShownFile(
        title=title or document.title,
        url=f"/files/{document.pk}/{document.filename}",
        type=document.file_extension.upper(),
        size_text=f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, size // 1000)} kB",
    )
