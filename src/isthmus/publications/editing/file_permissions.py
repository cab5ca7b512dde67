"""Who may change or delete which picture or file: an author's own only while nothing beyond own drafts uses it.

Wagtail lets whoever uploaded a file replace it at any time. A new file under a released or scheduled piece is a
release, so from then on it takes the right to change all files.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy

from isthmus.publications import visibility
from isthmus.publications.editing.permissions import may_read_all, policy
from isthmus.publications.models import Document, Image, MediaUse

_CHANGES = frozenset({"change", "delete"})


class FilePolicy(CollectionOwnershipPermissionPolicy):
    """Wagtail's own policy of files, without the owner's right to change what others answer for."""

    def user_has_any_permission_for_instance(self, user: Any, actions: Iterable[str], instance: Any) -> bool:
        """Whether the user may do any of this to the picture or file."""
        actions = set(actions)
        if actions & _CHANGES and not self._may_change(user, instance):
            actions -= _CHANGES
        if "choose" in actions and not self._readable(user, self.model.objects.filter(pk=instance.pk)).exists():
            actions.remove("choose")
        return bool(actions) and super().user_has_any_permission_for_instance(user, actions, instance)

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> QuerySet[Any]:
        """The pictures or files; of those that others uploaded, authors are shown what is public."""
        return self._readable(user, super().instances_user_has_any_permission_for(user, actions))

    def _readable(self, user: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Without the titles of what only drafts of others use, as the list of publications is without theirs."""
        if may_read_all(user):
            return rows
        public = visibility.images() if self.model is Image else visibility.documents()
        return rows.filter(Q(uploaded_by_user=user) | Q(pk__in=public.values("pk")))

    def _may_change(self, user: Any, instance: Any) -> bool:
        if self._check_perm(user, ["change"], collection=instance.collection):
            return True
        uses = MediaUse.objects.filter(**{instance._meta.model_name: instance})
        users = set(uses.values_list("user", flat=True))
        own = policy.instances_user_has_any_permission_for(user, {"change"})
        return not users or users <= {f"pub:{pk}" for pk in own.values_list("pk", flat=True)}


IMAGES = FilePolicy(Image, auth_model="wagtailimages.Image", owner_field_name="uploaded_by_user")
DOCUMENTS = FilePolicy(Document, auth_model="wagtaildocs.Document", owner_field_name="uploaded_by_user")


class PicturesApi(ImagesAdminAPIViewSet):
    """Wagtail's list of pictures for its own scripts, which would tell everybody of all."""

    def get_queryset(self) -> QuerySet[Any]:
        """What the user may choose."""
        allowed = IMAGES.instances_user_has_any_permission_for(self.request.user, ["choose"])
        return super().get_queryset().filter(pk__in=allowed.values("pk"))


class FilesApi(DocumentsAdminAPIViewSet):
    """The same of files."""

    def get_queryset(self) -> QuerySet[Any]:
        """What the user may choose."""
        allowed = DOCUMENTS.instances_user_has_any_permission_for(self.request.user, ["choose"])
        return super().get_queryset().filter(pk__in=allowed.values("pk"))
