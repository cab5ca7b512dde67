"""The ground the other tests stand on does what it promises."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from isthmus.kit.clock import now
from tests.network import NetworkBlocked


def test_another_machine_cannot_be_looked_up_or_reached():
    with pytest.raises(NetworkBlocked):
        socket.create_connection(("institute.example", 80))
    with pytest.raises(NetworkBlocked):
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)


def test_a_server_on_this_machine_can_be_reached():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as connection,
    ):
        assert connection.getpeername() == server.getsockname()


def test_time_stands_still_until_the_test_moves_it(clock):
    began = now()

    clock.advance(timedelta(hours=2))

    assert now() - began == timedelta(hours=2)


@pytest.mark.django_db
def test_a_fresh_database_has_what_migrations_made():
    from wagtail.models import Locale

    assert Locale.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", [1, 2])
def test_what_one_transactional_test_commits_the_next_does_not_see(round_):
    from wagtail.models import Locale

    assert not Locale.objects.filter(language_code="ko").exists()

    Locale.objects.create(language_code="ko")


def test_alice_may_release_and_bob_may_not(alice, bob):
    may = "isthmus_publications.publish_publication"

    assert (alice.has_perm(may), bob.has_perm(may)) == (True, False)
