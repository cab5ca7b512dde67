"""The panels of the edit forms, in an editor's words."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.forms import Media
from django.templatetags.static import static
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from wagtail.admin.compare import TextFieldComparison
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    PublishingPanel,
    TabbedInterface,
)  # fmt: skip

from isthmus.publications.editing import kind_fields
from isthmus.publications.editing.forms import CategoryCheckboxes, PublicationForm
from isthmus.publications.editing.missing import missing
from isthmus.publications.editing.wall_time import shown_in
from isthmus.publications.models import Publication


class MissingPanel(Panel):
    """Names what the newest saved version still lacks; says so once and blocks nothing."""

    class BoundPanel(Panel.BoundPanel):
        """The list for one piece."""

        template_name = "isthmus/admin/missing_panel.html"

        def is_shown(self) -> bool:
            """A new piece lacks everything; saying so helps nobody."""
            return bool(self.instance is not None and self.instance.pk)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """The sentences."""
            return {**super().get_context_data(parent_context), "missing": missing(self.instance)}


class SchedulePanel(Panel):
    """When the version that waits for its minute goes live, by the clocks it was meant by."""

    class BoundPanel(Panel.BoundPanel):
        """The sentence for one piece."""

        template_name = "isthmus/admin/schedule_panel.html"

        def is_shown(self) -> bool:
            """Only where something waits."""
            return bool(self.instance is not None and self.instance.pk and self._waiting)

        @cached_property
        def _waiting(self) -> Publication | None:
            revision = self.instance.scheduled_revision
            return revision.as_object() if revision else None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """When, and until when."""
            piece = self._waiting
            live = shown_in(piece.go_live_at, piece.go_live_zone) if piece and piece.go_live_at else ""
            end = shown_in(piece.expire_at, piece.expire_zone) if piece and piece.expire_at else ""
            return {**super().get_context_data(parent_context), "goes_live": live, "ends": end}


class _DetailsComparison(TextFieldComparison):
    """Compares the kind's fields of two versions line by line."""

    def __init__(self, obj_a: Publication, obj_b: Publication) -> None:
        super().__init__(Publication._meta.get_field("details"), obj_a, obj_b)
        self.val_a = kind_fields.shown_lines(obj_a.details or {}, obj_a.kind)
        self.val_b = kind_fields.shown_lines(obj_b.details or {}, obj_b.kind)


class KindFieldsPanel(Panel):
    """The fields of the chosen kind; a small script hides those of the others, without it all stand there by kind."""

    class BoundPanel(Panel.BoundPanel):
        """The fields in one form."""

        template_name = "isthmus/admin/kind_fields_panel.html"

        @property
        def media(self) -> Media:
            """The script."""
            return Media(js=[static("isthmus/admin/editing.js")], css={"all": [static("isthmus/admin/editing.css")]})

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Each kind that has fields, with its bound fields."""
            groups = [
                (kind, [self.form[kind_fields.field_name(kind.name, field.name)] for field in fields])
                for kind in settings.ISTHMUS.kinds.values()
                if (fields := list(kind_fields.editable_fields(kind)))
            ]
            return {**super().get_context_data(parent_context), "groups": groups}

        def get_comparison(self) -> list[Any]:
            """One line in the list of differences."""
            return [partial(_DetailsComparison)]


_PEOPLE = InlinePanel(
    "bylines", heading="People", label="Person",
    help_text="In the order in which the names are printed.",
    panels=[
        FieldRowPanel([FieldPanel("person"), FieldPanel("role")]),
        FieldPanel("printed_name"),
        FieldPanel("affiliation"),
        FieldPanel("note"),
    ],
)  # fmt: skip

_PIECE = [
    SchedulePanel(heading="Schedule"),
    MissingPanel(heading="Still missing"),
    FieldPanel("title", classname="title", required_on_save=True),
    FieldRowPanel(
        [FieldPanel("kind", help_text="What the piece is; its own fields follow below."), FieldPanel("series")],
        heading="What and where",
    ),
    KindFieldsPanel(heading="Fields of this kind"),
    _PEOPLE,
    FieldPanel("summary", help_text="One to three sentences: shown in listings, search engines and feeds."),
    MultiFieldPanel([FieldPanel("lead_image"), FieldPanel("lead_image_caption")], heading="Picture at the top"),
    FieldPanel("body", help_text="Refer to a footnote as [^1] where it belongs and write it in a Footnotes block."),
    InlinePanel(
        "attachments", heading="Files", label="File",
        help_text="The first PDF is offered as the paper or report itself.",
        panels=[FieldPanel("document"), FieldPanel("title")],
    ),
]  # fmt: skip

_TOPICS = [
    FieldPanel("categories", widget=CategoryCheckboxes, help_text="A piece in a branch counts for those above it too."),
    FieldRowPanel([FieldPanel("published_on"), FieldPanel("updated_on")], heading="Dates printed on the piece"),
]

_NOTES = [FieldPanel("author_note"), FieldPanel("disclaimer"), FieldPanel("photo_credit")]

_ADDRESS = [
    FieldPanel(
        "slug", help_text="Made from the title where empty. If it changes after release, the old address leads on."
    ),
    FieldPanel("external_url", help_text="Only where the piece first appeared elsewhere."),
    FieldPanel("language", help_text="As a tag: en, ko, de."),
    PublishingPanel(),
]


class _PublicationTabs(TabbedInterface):
    """The whole form; Wagtail would add at its end every field that no FieldPanel names: the kinds' fields again."""

    class BoundPanel(TabbedInterface.BoundPanel):
        """The form of one piece."""

        def render_missing_fields(self) -> SafeString:
            """Fields that stand nowhere else, such as hidden ones."""
            shown = set(self.panel.get_form_options().get("fields", ()))
            names = [name for name in self.form.fields if name not in shown and not name.startswith(kind_fields.PREFIX)]
            return mark_safe("".join(str(self.form[name]) for name in names))  # noqa: S308  (Django's own widgets)


PUBLICATION = _PublicationTabs(
    [
        ObjectList(_PIECE, heading="Piece"),
        ObjectList(_TOPICS, heading="Topics and dates"),
        ObjectList(_NOTES, heading="Notes and credit"),
        ObjectList(_ADDRESS, heading="Address"),
    ],
    base_form_class=PublicationForm,
)

PERSON = ObjectList(
    [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("sort_name"), FieldPanel("slug")], heading="Name and address"),
        FieldRowPanel([FieldPanel("title"), FieldPanel("affiliation")], heading="Position"),
        FieldPanel("photo"),
        FieldPanel("bio"),
        FieldPanel("email"),
        MultiFieldPanel([FieldPanel("note"), FieldPanel("disclaimer")], heading="Printed under new pieces"),
        FieldPanel("is_public"),
    ]
)
SERIES = ObjectList(
    [
        FieldPanel("title"),
        FieldPanel("summary"),
        FieldPanel("disclaimer"),
        FieldRowPanel([FieldPanel("slug"), FieldPanel("position")], heading="Address and order"),
        FieldPanel("is_public"),
    ]
)
CATEGORY = ObjectList(
    [
        FieldPanel("label"),
        FieldRowPanel([FieldPanel("axis"), FieldPanel("parent")], heading="Where it stands"),
        FieldPanel("summary"),
        FieldPanel("slug"),
        FieldPanel("is_public"),
    ]
)
AXIS = ObjectList([FieldPanel("label"), FieldPanel("slug"), FieldPanel("position")])
SITE = TabbedInterface(
    [
        ObjectList(
            [
                FieldRowPanel([FieldPanel("name"), FieldPanel("short_name")], heading="Name"),
                FieldPanel("tagline"),
                FieldPanel("description"),
                FieldPanel("logo"),
                FieldPanel("disclaimer"),
            ],
            heading="Institute",
        ),
        ObjectList(
            [FieldRowPanel([FieldPanel("accent"), FieldPanel("accent_dark")], heading="Colours")], heading="Look"
        ),
        ObjectList(
            [FieldPanel("menu"), FieldPanel("footer"), FieldPanel("footer_text"), FieldPanel("social")], heading="Menus"
        ),
    ]
)
