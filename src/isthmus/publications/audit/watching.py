"""What Django and Wagtail do by themselves, noted in the transaction that does it: logins, roles, settings, deletions.

Releases and withdrawals are not among it: `recording` notes those, whichever door they come through.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from django.dispatch import receiver
from wagtail.models import Collection, ModelLogEntry, Page, PageLogEntry, Site, Task, Workflow

from isthmus.publications.audit.actions import note
from isthmus.publications.audit.kinds import Act
from isthmus.publications.models import SiteSettings, User

# By the names of Wagtail's own log; of publications the first two are noted where the journal is written.
_OF_PAGES = {
    "wagtail.publish": Act.RELEASED,
    "wagtail.publish.scheduled": Act.RELEASED,
    "wagtail.unpublish": Act.WITHDRAWN,
    "wagtail.unpublish.scheduled": Act.WITHDRAWN,
}
_OF_ALL = {
    "wagtail.publish.schedule": Act.SCHEDULED,
    "wagtail.schedule.cancel": Act.UNSCHEDULED,
    "wagtail.delete": Act.DELETED,
}
# What decides who may do what, or how the admin works; any change of it that Wagtail logs.
_RIGHTS, _HOUSE = (Group,), (Site, Collection, Workflow, Task)
# As the journal names them.
_SUBJECTS = {"publication": "pub"}
_LOGIN_FIELDS = ("email", "is_active", "is_superuser", "first_name", "last_name")


@receiver(user_logged_in, dispatch_uid="isthmus_audit_logged_in")
def _logged_in(sender: Any, request: Any, user: Any, **_: Any) -> None:
    note(Act.LOGGED_IN, subject=f"user:{user.pk}", said=user.email)


@receiver(user_logged_out, dispatch_uid="isthmus_audit_logged_out")
def _logged_out(sender: Any, request: Any, user: Any, **_: Any) -> None:
    if user is not None:
        note(Act.LOGGED_OUT, subject=f"user:{user.pk}", said=user.email)


@receiver(pre_save, sender=User, dispatch_uid="isthmus_audit_login_saved")
def _login_is_saved(instance: User, update_fields: Iterable[str] | None = None, **_: Any) -> None:
    """Compares with the row as it is. Each login writes `last_login` alone, which is nobody's change."""
    if instance.pk is None or set(update_fields or ()) == {"last_login"}:
        return
    before = User.objects.filter(pk=instance.pk).values("password", *_LOGIN_FIELDS).first()
    if before is None:
        return
    if before["password"] != instance.password and not _is_rehash(instance, update_fields):
        note(Act.PASSWORD_CHANGED, subject=f"user:{instance.pk}", said=instance.email)
    changed = [name for name in _LOGIN_FIELDS if before[name] != getattr(instance, name)]
    if "is_superuser" in changed:
        note(Act.ROLE_CHANGED, subject=f"user:{instance.pk}", said=f"{instance.email}: {_power(instance)}")
    if said := [f"{name} is now {getattr(instance, name)}" for name in changed if name != "is_superuser"]:
        note(Act.LOGIN_CHANGED, subject=f"user:{instance.pk}", said=f"{before['email']}: {', '.join(said)}")


def _is_rehash(user: User, update_fields: Iterable[str] | None) -> bool:
    """Whether the same password was only hashed anew by a newer recipe at a login, as Django does by itself."""
    return set(update_fields or ()) == {"password"} and getattr(user, "_password", None) is None


def _power(user: User) -> str:
    return "may do everything now" if user.is_superuser else "may no longer do everything"


@receiver(post_save, sender=User, dispatch_uid="isthmus_audit_login_added")
def _login_is_added(instance: User, created: bool = False, **_: Any) -> None:
    if created:
        more = ", who may do everything" if instance.is_superuser else ""
        note(Act.LOGIN_ADDED, subject=f"user:{instance.pk}", said=f"{instance.email}{more}")


@receiver(pre_delete, sender=User, dispatch_uid="isthmus_audit_login_deleted")
def _login_is_deleted(instance: User, **_: Any) -> None:
    note(Act.LOGIN_DELETED, subject=f"user:{instance.pk}", said=instance.email)


@receiver(m2m_changed, sender=User.groups.through, dispatch_uid="isthmus_audit_role_changed")
def _role_is_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any) -> None:
    """Seen from the login (`user.groups`) or from the role (`group.user_set`); no pk_set where all of them go."""
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    others = instance.user_set if reverse else instance.groups
    found = others.all() if pk_set is None else others.model.objects.filter(pk__in=pk_set)
    pairs = [(user, instance) for user in found] if reverse else [(instance, group) for group in found]
    verb = "is now" if action == "post_add" else "is no longer"
    for user, group in pairs:
        note(Act.ROLE_CHANGED, subject=f"user:{user.pk}", said=f"{user.email} {verb} {group.name}")


@receiver(m2m_changed, sender=User.user_permissions.through, dispatch_uid="isthmus_audit_own_rights_changed")
@receiver(m2m_changed, sender=Group.permissions.through, dispatch_uid="isthmus_audit_rights_changed")
def _rights_are_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any) -> None:
    if reverse or not pk_set or action not in ("post_add", "post_remove"):
        return
    names = Permission.objects.filter(pk__in=pk_set).order_by("codename").values_list("codename", flat=True)
    verb = "may now" if action == "post_add" else "may no longer"
    subject = f"{instance._meta.model_name}:{instance.pk}"
    note(Act.RIGHTS_CHANGED, subject=subject, said=f"{instance} {verb}: {', '.join(names)}")


@receiver(pre_save, sender=SiteSettings, dispatch_uid="isthmus_audit_settings")
def _settings_are_saved(instance: SiteSettings, **_: Any) -> None:
    before = SiteSettings.objects.filter(pk=instance.pk).first() if instance.pk else None
    fields = [field for field in instance._meta.concrete_fields if not field.primary_key]
    changed = [
        str(field.verbose_name)
        for field in fields
        if before is None or field.value_to_string(before) != field.value_to_string(instance)
    ]
    if before is not None and changed:
        note(Act.SETTINGS_CHANGED, subject="site", said=f"Changed: {', '.join(changed)}")


@receiver(post_save, sender=PageLogEntry, dispatch_uid="isthmus_audit_pages")
def _wagtail_logs_a_page(instance: PageLogEntry, created: bool = False, **_: Any) -> None:
    act = (_OF_PAGES | _OF_ALL).get(instance.action)
    if created and act is not None:
        note(act, subject=f"page:{instance.page_id}", said=instance.label)


@receiver(post_save, sender=ModelLogEntry, dispatch_uid="isthmus_audit_rows")
def _wagtail_logs_a_row(instance: ModelLogEntry, created: bool = False, **_: Any) -> None:
    model = instance.content_type.model_class() if instance.content_type_id else None
    # Logins are watched themselves, and those of our commands as well.
    if not created or model is None or issubclass(model, User | Page):
        return
    name = model._meta.verbose_name
    subject = f"{_SUBJECTS.get(model._meta.model_name, model._meta.model_name)}:{instance.object_id}"
    if issubclass(model, (*_RIGHTS, *_HOUSE)):
        act = Act.RIGHTS_CHANGED if issubclass(model, _RIGHTS) else Act.SETTINGS_CHANGED
        verb = instance.action.rpartition(".")[2]
        note(act, subject=subject, said=f"{name} “{instance.label}”: {verb}")
    elif (act_of_row := _OF_ALL.get(instance.action)) is not None:
        note(act_of_row, subject=subject, said=instance.label)
