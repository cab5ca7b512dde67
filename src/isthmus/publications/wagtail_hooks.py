"""What Wagtail finds of ours when it starts: places of the menu, bulk actions, text features, panels, pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea
from wagtail.contrib.settings.registry import register_setting
from wagtail.permissions import register_permission_policy
from wagtail.rich_text.feature_registry import FeatureRegistry
from wagtail.snippets.models import register_snippet

from isthmus.publications.editing import (
    bulk,
    file_permissions,
    home,
    mailbox,
    panels,
    rich_text,
    starting,
    viewsets,
)
from isthmus.publications.editing.permissions import policy
from isthmus.publications.models import Document, Image, Publication, SiteSettings

# First of all: Wagtail gives a model a policy of its own as soon as anybody asks.
register_permission_policy(Publication, policy)
# For the exact class, which wins over the policies that Wagtail registers for both classes after this.
register_permission_policy(Image, file_permissions.IMAGES, exact_class=True)
register_permission_policy(Document, file_permissions.DOCUMENTS, exact_class=True)

starting.take_over()

for _viewset in viewsets.VIEWSETS:
    register_snippet(_viewset)

for _action in bulk.ACTIONS:
    hooks.register("register_bulk_action", _action)

SiteSettings.edit_handler = panels.SITE
register_setting(SiteSettings, icon="cog", order=10)


@hooks.register("register_rich_text_features")
def _text_features(features: FeatureRegistry) -> None:
    rich_text.register(features)


@hooks.register("register_admin_urls")
def _addresses() -> list[Any]:
    return [
        path("mailbox/", mailbox.mailbox, name="isthmus_mailbox"),
        path("mailbox/<str:name>/", mailbox.mail, name="isthmus_mail"),
        path("mailbox/<str:name>/frame/", mailbox.mail_frame, name="isthmus_mail_frame"),
    ]


@hooks.register("construct_admin_api", order=1000)
def _apis_of_files(router: Any) -> None:
    """In the place of Wagtail's, which are registered before these."""
    router.register_endpoint("images", file_permissions.PicturesApi)
    router.register_endpoint("documents", file_permissions.FilesApi)


@hooks.register("register_admin_search_area")
def _search_area() -> SearchArea:
    return _PublicationsArea(
        "Publications", reverse("wagtailsnippets_isthmus_publications_publication:list"),
        name="publications", icon_name="doc-full-inverse", order=10,
    )  # fmt: skip


class _PublicationsArea(SearchArea):
    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the user may open it."""
        return policy.user_has_permission(request.user, "view")


@hooks.register("construct_settings_menu")
def _settings_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    """One institute is one site: its address comes from the options, not from here."""
    items[:] = [item for item in items if item.name != "sites"]


class _MailboxItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        """Whether the user may open it."""
        return mailbox.may_read(request.user)


@hooks.register("register_reports_menu_item")
def _mailbox_item() -> MenuItem:
    return _MailboxItem("Mailbox", reverse("isthmus_mailbox"), name="mailbox", icon_name="mail", order=10)


@hooks.register("construct_homepage_panels")
def _home_panels(request: HttpRequest, shown: list[Any]) -> None:
    shown.append(home.InstitutePanel())


@hooks.register("construct_homepage_summary_items", order=1000)
def _no_counts_of_wagtails(request: HttpRequest, items: list[Any]) -> None:
    """Pages, pictures and files are counted there; our panel says what an institute wants to know."""
    items.clear()


@hooks.register("construct_main_menu")
def _menu(request: HttpRequest, items: list[MenuItem]) -> None:
    """Help leads to Wagtail's own news; the rest of the menu stays."""
    items[:] = [item for item in items if item.name not in ("help", "snippets")]


@hooks.register("insert_global_admin_css")
def _css() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("isthmus/admin/editing.css"))


@hooks.register("insert_global_admin_js", order=-1000)
def _start() -> SafeString:
    return format_html('<script src="{}"></script>', static("isthmus/admin/start.js"))


@hooks.register("construct_image_chooser_queryset")
def _images_newest_first(images: Any, request: HttpRequest) -> Any:
    return images.order_by("-created_at", "-pk")


@hooks.register("after_edit_image")
def _say_what_credit_lacks(request: HttpRequest, image: Image) -> None:
    """A picture is saved as it is; what its credit lacks is said at once, while the source is still open."""
    if image.missing_credit_parts:
        messages.warning(
            request, f"The credit of “{image.title}” does not say {', '.join(image.missing_credit_parts)}."
        )
