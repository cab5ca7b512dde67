"""The four roles of people with a login: author, editor, publisher, administrator; each is a group.

| role | may |
| --- | --- |
| author | write drafts and edit their own until release; add pictures and files; submit for review |
| editor | edit every piece; keep people, series, categories, pages, synonyms, the dossiers' vocabulary and entries |
| | submit for review; write campaigns; see what is read |
| publisher | what editors may, and release, schedule, withdraw and lock; open dossiers; send campaigns |
| | keep subscribers |
| administrator | everything: logins and roles, site settings, the mailbox, the audit log |
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowTask,
)  # fmt: skip
from wagtail.snippets.models import create_extra_permissions

from isthmus.kit.errors import UsageError
from isthmus.publications.models import Publication, User

AUTHOR, EDITOR, PUBLISHER, ADMINISTRATOR = "Author", "Editor", "Publisher", "Administrator"
ROLES = ("author", "editor", "publisher", "administrator")

_ENTER = ("wagtailadmin.access_admin",)
_WRITE = ("isthmus_publications.add_publication",)
_KEPT_BY_EDITORS = ("person", "series", "category", "categoryaxis")
_VOCABULARY = ("subject", "nameddate", "toneword", "suggestion")
_EDIT = (
    "isthmus_publications.change_publication",
    "isthmus_publications.delete_publication",
    "isthmus_publications.edit_any_publication",
    *(f"isthmus_publications.{verb}_{name}" for name in _KEPT_BY_EDITORS for verb in ("add", "change", "delete")),
    *(f"isthmus_mailing.{verb}_campaign" for verb in ("add", "change", "delete", "view")),
    *(f"isthmus_search.{verb}_{name}" for name in ("synonymset", "pin") for verb in ("add", "change", "delete")),
    "isthmus_search.view_searchedwords",
    *(f"isthmus_dossiers.{verb}_{name}" for name in _VOCABULARY for verb in ("add", "change", "delete", "view")),
    *(f"isthmus_dossiers.{verb}_ruling" for verb in ("add", "view")),
    "isthmus_readership.view_reading",
    *(f"isthmus_dossiers.{verb}_errorreport" for verb in ("change", "view")),
)
_RELEASE = (
    *(f"isthmus_publications.{verb}_publication" for verb in ("publish", "lock", "unlock")),
    "isthmus_mailing.send_campaign",
    "isthmus_dossiers.open_subject",
    *(f"isthmus_mailing.{verb}_subscriber" for verb in ("add", "change", "delete", "view")),
)
_ADMINISTER = (
    "isthmus_publications.change_sitesettings",
    "isthmus_audit.view_entry",
    *(f"isthmus_publications.{verb}_user" for verb in ("add", "change", "delete")),
    *(f"auth.{verb}_group" for verb in ("add", "change", "delete")),
    *(
        f"wagtailcore.{verb}_{name}"
        for name in ("workflow", "task", "collection")
        for verb in ("add", "change", "delete")
    ),
)
_PERMISSIONS = {
    AUTHOR: _ENTER + _WRITE,
    EDITOR: _ENTER + _WRITE + _EDIT,
    PUBLISHER: _ENTER + _WRITE + _EDIT + _RELEASE,
    ADMINISTRATOR: _ENTER + _WRITE + _EDIT + _RELEASE + _ADMINISTER,
}
# On the root collection, so on every picture and file.
_ON_FILES = {
    AUTHOR: ("add", "choose"),
    EDITOR: ("add", "change", "choose"),
    PUBLISHER: ("add", "change", "choose"),
    ADMINISTRATOR: ("add", "change", "choose"),
}
_ON_PAGES = {
    EDITOR: ("add_page", "change_page"),
    PUBLISHER: ("add_page", "change_page", "publish_page", "lock_page", "unlock_page"),
    ADMINISTRATOR: ("add_page", "change_page", "publish_page", "lock_page", "unlock_page", "bulk_delete_page"),
}
# Folders that came after the first release: who made the groups before it has none of their permissions.
_LATER = ("isthmus_mailing", "isthmus_search", "isthmus_dossiers", "isthmus_readership")
# Groups and workflow that Wagtail's first migration makes and that ours take the place of.
_WAGTAILS_GROUPS, _WAGTAILS_WORKFLOW = ("Moderators", "Editors"), "Moderators approval"
_WORKFLOW, _TASK = "Review", "Review by a publisher"


class RoleError(UsageError):
    """A role that does not exist."""


def ensure_roles() -> None:
    """Make the four groups, their permissions and the workflow "Review", where they are missing; safe to run twice.

    Permissions that an administrator took from a group or gave to it in the admin stay as they are: a group is
    filled only when it is made, and once more when a folder of permissions comes with a new version.
    """
    with transaction.atomic():
        _ensure_permissions()
        is_first_time = not Group.objects.filter(name=AUTHOR).exists()
        new = [label for label in _LATER if not _is_handed_out(label)]
        groups = {name: _ensure_group(name) for name in _PERMISSIONS}
        for label in new:
            _hand_out(groups, label)
        _ensure_review(groups)
        if is_first_time:
            _remove_wagtails_own()


def assign(user: User, role: str) -> None:
    """Give the user this role and no other; an administrator is a superuser as well, so that nobody is locked out.

    role: one of ROLES. Raises: RoleError.
    """
    if role not in ROLES:
        raise RoleError(f"There is no role “{role}”: write one of {', '.join(ROLES)}.")
    with transaction.atomic():
        ensure_roles()
        user.groups.set([Group.objects.get(name=role.capitalize())])
        user.is_staff = user.is_superuser = role == ROLES[-1]
        user.save()


def _ensure_permissions() -> None:
    """Django makes them after a migration, in an order that leaves some of ours for later."""
    wagtails = ("wagtailadmin", "wagtailimages", "wagtaildocs", "wagtailcore")
    for label in ("isthmus_publications", *_LATER, *wagtails, "auth"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    create_extra_permissions(apps.get_app_config("isthmus_publications"))


def _ensure_group(name: str) -> Group:
    group, is_new = Group.objects.get_or_create(name=name)
    if is_new:
        # As rows: that a role begins with its rights is no change of them, which the audit log would tell of.
        through = Group.permissions.through
        rows = [through(group=group, permission=permission) for permission in _permissions(_PERMISSIONS[name])]
        through.objects.bulk_create(rows, ignore_conflicts=True)
        _allow_files(group, _ON_FILES[name])
        _allow_pages(group, _ON_PAGES.get(name, ()))
    return group


def _is_handed_out(label: str) -> bool:
    """Whether any group has any permission of a folder; what was taken away from one of them stays away."""
    return Permission.objects.filter(content_type__app_label=label, group__isnull=False).exists()


def _hand_out(groups: dict[str, Group], label: str) -> None:
    for name, group in groups.items():
        of_folder = [permission for permission in _PERMISSIONS[name] if permission.startswith(f"{label}.")]
        group.permissions.add(*_permissions(of_folder))


def _permissions(names: Iterable[str]) -> list[Permission]:
    found = []
    for name in names:
        label, codename = name.split(".")
        found.append(Permission.objects.get(content_type__app_label=label, codename=codename))
    return found


def _allow_files(group: Group, verbs: Iterable[str]) -> None:
    root = Collection.get_first_root_node()
    # Wagtail asks for the permissions of its own models, whatever model of ours stands in for them.
    for label, model in (("wagtailimages", "image"), ("wagtaildocs", "document")):
        codenames = [f"{verb}_{model}" for verb in verbs]
        rows = Permission.objects.filter(content_type__app_label=label, codename__in=codenames)
        for permission in rows:
            GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)


def _allow_pages(group: Group, codenames: Iterable[str]) -> None:
    root = Page.get_first_root_node()
    rows = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=list(codenames))
    for permission in rows:
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)


def _ensure_review(groups: dict[str, Group]) -> None:
    """One workflow with one step, for publications and pages: somebody who may release looks at it."""
    if Workflow.objects.filter(name=_WORKFLOW).exists():
        return
    task, _ = GroupApprovalTask.objects.get_or_create(name=_TASK)
    task.groups.set([groups[PUBLISHER], groups[ADMINISTRATOR]])
    workflow = Workflow.objects.create(name=_WORKFLOW)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    content_type: Any = WorkflowContentType.content_type.field.related_model.objects.get_for_model(Publication)
    WorkflowContentType.objects.get_or_create(content_type=content_type, defaults={"workflow": workflow})
    WorkflowPage.objects.update_or_create(page=Page.get_first_root_node(), defaults={"workflow": workflow})


def _remove_wagtails_own() -> None:
    """Two groups beside ours that mean nearly the same would only mislead; one that somebody is in stays."""
    Group.objects.filter(name__in=_WAGTAILS_GROUPS, user=None).delete()
    Workflow.objects.filter(name=_WAGTAILS_WORKFLOW, workflow_states=None).delete()
    GroupApprovalTask.objects.filter(name=_WAGTAILS_WORKFLOW, task_states=None).delete()
