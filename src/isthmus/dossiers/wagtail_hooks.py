"""What Wagtail finds of ours when it starts: the place "Dossiers" of the menu and what stands in it."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import include, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from isthmus.dossiers import decided_admin, review_admin, suggestions_admin, tone_admin, vocabulary_admin
from isthmus.dossiers.models import NamedDate
from isthmus.publications.editing.places import NoChooser, PermittedItem

DOSSIERS_MENU = Menu(register_hook_name="register_dossiers_menu_item", construct_hook_name="construct_dossiers_menu")


@hooks.register("register_admin_menu_item")
def _dossiers() -> MenuItem:
    return SubmenuMenuItem("Dossiers", DOSSIERS_MENU, name="dossiers", icon_name="history", order=160)


@hooks.register("register_dossiers_menu_item")
def _review() -> MenuItem:
    return PermittedItem("Review queue", "isthmus_review", review_admin.RULE, icon_name="tasks", order=10)


@hooks.register("register_dossiers_menu_item")
def _subjects() -> MenuItem:
    return PermittedItem("Subjects", "isthmus_subjects", vocabulary_admin.SEE, icon_name="group", order=20)


@hooks.register("register_dossiers_menu_item")
def _suggestions() -> MenuItem:
    return PermittedItem("Suggestions", "isthmus_suggestions", suggestions_admin.SEE, icon_name="help", order=30)


@hooks.register("register_dossiers_menu_item")
def _tone_words() -> MenuItem:
    return PermittedItem("Tone words", "isthmus_tone_words", tone_admin.SEE, icon_name="comment", order=50)


@hooks.register("register_dossiers_menu_item")
def _reports() -> MenuItem:
    return PermittedItem(
        "Readers’ reports", "isthmus_reports", decided_admin.SEE_REPORTS, icon_name="warning", order=60
    )


@hooks.register("register_dossiers_menu_item")
def _decisions() -> MenuItem:
    return PermittedItem("Decisions", "isthmus_decisions", review_admin.SEE, icon_name="list-ul", order=70)


@hooks.register("register_admin_urls")
def _addresses() -> list[Any]:
    modules = (review_admin, vocabulary_admin, suggestions_admin, tone_admin, decided_admin)
    return [path("dossiers/", include(module.urlpatterns)) for module in modules]


@hooks.register("insert_global_admin_css")
def _css() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("isthmus/admin/dossiers.css"))


class NamedDateViewSet(SnippetViewSet):
    """Names that stand for a stretch of days."""

    model = NamedDate
    icon = "calendar"
    menu_label = "Named dates"
    menu_order = 40
    menu_hook = "register_dossiers_menu_item"
    add_to_admin_menu = True
    base_url_path = "dossiers/named-dates"
    copy_view_enabled = False
    list_per_page = 50
    list_display = ["name", "first_on", "last_on"]
    search_fields = ["name"]
    chooser_viewset_class = NoChooser
    edit_handler = ObjectList(
        [
            FieldPanel("name", help_text="As texts have it, such as: the Hanoi Summit"),
            FieldRowPanel([FieldPanel("first_on"), FieldPanel("last_on")]),
        ]
    )


register_snippet(NamedDateViewSet)
