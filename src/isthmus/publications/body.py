"""The body of a publication: the blocks an editor writes with, and what they refer to.

Stored as Wagtail's stream of blocks. A footnote is referred to by `[^label]` in any text of the body and
written in a Footnotes block; `rendering` numbers and links both ways.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from isthmus.kit import addresses, html

TEXT_FEATURES = [
    "h2", "h3", "h4", "bold", "italic", "ol", "ul", "hr", "link", "document-link", "publication-link",
    "superscript", "subscript", "blockquote", "code",
]  # fmt: skip

_MEDIA_LINK = re.compile(r'<(?:a|embed)\s[^>]*?(?:linktype="document"|embedtype="image")[^>]*>')
_MEDIA_ID = re.compile(r'\sid="(\d+)"')


class ImageBlock(blocks.StructBlock):
    """A picture inside the text; its credit comes from the picture's own data."""

    image = ImageChooserBlock()
    alt = blocks.CharBlock(required=False, label="Text for people who do not see it", max_length=500)
    caption = blocks.CharBlock(required=False, max_length=500)

    class Meta:
        icon = "image"
        label = "Picture"


class QuoteBlock(blocks.StructBlock):
    """A quotation set apart."""

    text = blocks.TextBlock()
    source = blocks.CharBlock(required=False, max_length=300)

    class Meta:
        icon = "openquote"
        label = "Quotation"


class FootnoteBlock(blocks.StructBlock):
    """One note, referred to by [^label] in the text."""

    label = blocks.CharBlock(max_length=40, help_text="1, 2, 3 or a word; the text refers to it as [^1].")
    text = blocks.RichTextBlock(features=["bold", "italic", "link", "publication-link"])


class FootnotesBlock(blocks.ListBlock):
    """All notes of the piece."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(FootnoteBlock(), **kwargs)

    class Meta:
        icon = "list-ol"
        label = "Footnotes"


class EmbedBlock(blocks.StructBlock):
    """A film or recording elsewhere, from a host on the allow-list; readers see a card, and nothing loads unasked."""

    url = blocks.URLBlock()
    title = blocks.CharBlock(max_length=300)

    class Meta:
        icon = "media"
        label = "Recording elsewhere"

    def clean(self, value: Any) -> Any:
        """Raises: ValidationError for a host that the option `embed_hosts` does not name."""
        cleaned = super().clean(value)
        host = addresses.host_of(cleaned["url"]).removeprefix("www.")
        known = [name.removeprefix("www.") for name in settings.ISTHMUS.embed_hosts]
        if not any(host == name or host.endswith("." + name) for name in known):
            raise blocks.StructBlockValidationError(
                block_errors={
                    "url": ValidationError(
                        f"{host or 'This address'} is not among the hosts in embed_hosts; link to it instead."
                    )
                }
            )
        return cleaned


class FileBlock(blocks.StructBlock):
    """A file offered inside the text."""

    document = DocumentChooserBlock()
    title = blocks.CharBlock(required=False, max_length=300)

    class Meta:
        icon = "doc-full-inverse"
        label = "File"


class HtmlBlock(blocks.TextBlock):
    """HTML as it was moved in, such as tables with joined cells; cleaned by the one allow-list on every save."""

    def clean(self, value: str) -> str:
        """The allow-listed part of what was typed."""
        return html.clean_html(super().clean(value), embed_hosts=tuple(settings.ISTHMUS.embed_hosts))

    class Meta:
        icon = "code"
        label = "HTML"


class BodyBlock(blocks.StreamBlock):
    """Everything a body can be made of."""

    text = blocks.RichTextBlock(features=TEXT_FEATURES, icon="pilcrow")
    image = ImageBlock()
    quote = QuoteBlock()
    table = TableBlock(table_options={"minSpareRows": 0})
    footnotes = FootnotesBlock()
    embed = EmbedBlock()
    file = FileBlock()
    html = HtmlBlock()

    class Meta:
        required = False
        block_counts: ClassVar[dict[str, dict[str, int]]] = {"footnotes": {"max_num": 1}}


BODY_BLOCKS = BodyBlock()


def media_ids(raw_blocks: Iterable[Mapping[str, Any]]) -> set[tuple[str, int]]:
    """`("image", id)` and `("document", id)` of everything a stored body refers to."""
    found: set[tuple[str, int]] = set()
    for block in raw_blocks:
        value = block["value"]
        if block["type"] == "image" and value.get("image"):
            found.add(("image", int(value["image"])))
        elif block["type"] == "file" and value.get("document"):
            found.add(("document", int(value["document"])))
        else:
            found.update(_media_in_text(value))
    return found


def _media_in_text(value: Any) -> Iterator[tuple[str, int]]:
    for text in texts_of(value):
        for tag in _MEDIA_LINK.findall(text):
            number = _MEDIA_ID.search(tag)
            if number:
                yield ("document" if "linktype" in tag else "image", int(number[1]))


def texts_of(value: Any) -> Iterator[str]:
    """Every string inside a stored block, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from texts_of(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_of(part)
