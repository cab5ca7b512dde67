"""Four roles, made once; what an administrator changes about them stays."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupApprovalTask, Workflow

from isthmus.publications import roles
from isthmus.publications.models import Publication, User

pytestmark = pytest.mark.django_db


def test_making_them_twice_makes_four():
    roles.ensure_roles()
    roles.ensure_roles()

    assert set(Group.objects.values_list("name", flat=True)) == {"Author", "Editor", "Publisher", "Administrator"}
    assert Workflow.objects.filter(active=True).count() == 1


def test_what_an_administrator_took_away_stays_away():
    roles.ensure_roles()
    Group.objects.get(name="Editor").permissions.clear()

    roles.ensure_roles()

    assert not Group.objects.get(name="Editor").permissions.exists()


def test_what_a_new_version_brings_is_handed_out_once_to_groups_that_are_there():
    roles.ensure_roles()
    of_mail = Permission.objects.filter(content_type__app_label="isthmus_mailing")
    for group in Group.objects.all():
        group.permissions.remove(*of_mail)

    roles.ensure_roles()
    Group.objects.get(name="Editor").permissions.remove(*of_mail)
    roles.ensure_roles()

    holders = Group.objects.filter(permissions__in=of_mail).values_list("name", flat=True)
    assert set(holders) == {"Publisher", "Administrator"}


def test_only_publishers_and_administrators_release_and_send():
    roles.ensure_roles()

    holders = Group.objects.filter(permissions__codename="send_campaign").values_list("name", flat=True)

    assert set(holders) == {"Publisher", "Administrator"}


def test_only_publishers_and_administrators_release():
    roles.ensure_roles()

    holders = Group.objects.filter(permissions__codename="publish_publication").values_list("name", flat=True)

    assert set(holders) == {"Publisher", "Administrator"}


def test_publications_are_reviewed_by_publishers():
    roles.ensure_roles()

    task = Publication.get_default_workflow().tasks[0].specific

    assert isinstance(task, GroupApprovalTask)
    assert set(task.groups.values_list("name", flat=True)) == {"Publisher", "Administrator"}


def test_a_new_role_replaces_the_old_one():
    user = User.objects.create_user("alice@example.org")
    roles.assign(user, "administrator")

    roles.assign(user, "author")

    assert [group.name for group in user.groups.all()] == ["Author"]
    assert not user.is_superuser


def test_an_unknown_role_is_refused_with_the_known_ones():
    with pytest.raises(roles.RoleError, match="author, editor, publisher, administrator"):
        roles.assign(User.objects.create_user("alice@example.org"), "owner")
