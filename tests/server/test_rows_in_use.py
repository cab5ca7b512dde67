"""Deleting what publications still name is refused with a sentence, not with a fault."""

import pytest

from isthmus.publications import roles
from isthmus.publications.models import Person, User
from tests import makers

pytestmark = pytest.mark.django_db


def test_a_person_with_publications_is_not_deleted_and_the_page_says_why(client):
    king = makers.person()
    makers.released(people=(king,))
    alice = User.objects.create_user("alice@institute.example", "correct horse battery")
    roles.assign(alice, "administrator")
    client.force_login(alice)
    client.raise_request_exception = False

    answer = client.post(f"/admin/people/delete/{king.pk}/")

    assert answer.status_code == 409
    assert "still refers to this" in answer.content.decode()
    assert Person.objects.filter(pk=king.pk).exists()
