"""Guessing passwords is slow, and mistyping them is forgiven."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import RequestFactory

from isthmus.kit.clock import now
from isthmus.publications.models import User
from isthmus.server import login_throttle
from isthmus.server.login_throttle import NETWORK_FACTOR
from isthmus.server.models import LoginCounter

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
LIMIT = settings.ISTHMUS.login_attempts


@pytest.fixture
def alice():
    return User.objects.create_user("alice@institute.example", PASSWORD)


def _log_in(email, password, network="203.0.113.9"):
    return authenticate(RequestFactory().post("/admin/login/", REMOTE_ADDR=network), username=email, password=password)


def _fail(n, email="alice@institute.example", network="203.0.113.9"):
    for _ in range(n):
        assert _log_in(email, "wrong", network) is None


def test_the_right_password_logs_in_however_the_address_is_written(alice):
    assert _log_in(" Alice@Institute.example ", PASSWORD) == alice


def test_after_too_many_failures_even_the_right_password_must_wait(alice, clock):
    _fail(LIMIT)

    with pytest.raises(ValidationError, match="wait 15 minutes"):
        _log_in(alice.email, PASSWORD)


def test_failures_from_many_networks_add_up_on_the_account(alice, clock):
    for number in range(LIMIT):
        _fail(1, network=f"203.0.113.{number}")

    with pytest.raises(ValidationError):
        _log_in(alice.email, PASSWORD, network="198.51.100.1")


def test_failures_on_many_accounts_add_up_on_the_network(alice, clock):
    for number in range(LIMIT * NETWORK_FACTOR):
        _fail(1, email=f"dan{number}@elsewhere.example")

    with pytest.raises(ValidationError):
        _log_in(alice.email, PASSWORD)
    assert _log_in(alice.email, PASSWORD, network="198.51.100.1") == alice


def test_waiting_for_the_window_forgives(alice, clock):
    _fail(LIMIT)

    clock.advance(timedelta(seconds=settings.ISTHMUS.login_window_s))

    assert _log_in(alice.email, PASSWORD) == alice


def test_an_account_that_does_not_exist_is_refused_in_the_same_words(alice, clock):
    _fail(LIMIT)
    _fail(LIMIT, email="nobody@institute.example", network="198.51.100.1")

    with pytest.raises(ValidationError) as known:
        _log_in(alice.email, "wrong")
    with pytest.raises(ValidationError) as unknown:
        _log_in("nobody@institute.example", "wrong", network="198.51.100.1")

    assert known.value.messages == unknown.value.messages


def test_logging_in_forgives_the_account_but_not_what_the_network_did_to_others(alice, clock):
    _fail(LIMIT - 1)
    _fail(3, email="bob@institute.example")

    assert _log_in(alice.email, PASSWORD) == alice

    assert not LoginCounter.objects.filter(subject__startswith="account:", n_tries=LIMIT).exists()
    assert LoginCounter.objects.get(subject__startswith="network:").n_tries == LIMIT - 1 + 3


def test_a_proxy_that_is_not_trusted_cannot_spread_the_failures(alice, clock):
    for number in range(LIMIT * NETWORK_FACTOR):
        request = RequestFactory().post("/", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
        assert authenticate(request, username=f"dan{number}@elsewhere.example", password="wrong") is None

    with pytest.raises(ValidationError):
        _log_in(alice.email, PASSWORD)


def test_the_counters_name_nobody(alice):
    _fail(1)

    assert not LoginCounter.objects.filter(subject__contains="alice").exists()
    assert not LoginCounter.objects.filter(subject__contains="203.0.113").exists()


def test_the_login_page_says_how_long_to_wait(alice, client, clock):
    for _ in range(LIMIT):
        client.post("/admin/login/", {"username": alice.email, "password": "wrong"})

    answer = client.post("/admin/login/", {"username": alice.email, "password": PASSWORD})

    assert "wait 15 minutes" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_asking_for_a_new_password_again_and_again_sends_few_mails(alice, client, mailoutbox):
    for _ in range(LIMIT + 3):
        assert client.post("/admin/password_reset/", {"email": alice.email}).status_code == 302

    assert len(mailoutbox) == LIMIT


@pytest.mark.django_db(transaction=True)
def test_a_counter_that_is_emptied_while_others_count_troubles_nobody():
    n_counting, n_times = 4, 25
    gate = threading.Barrier(n_counting + 1)

    def count():
        gate.wait()
        for _ in range(n_times):
            login_throttle.count("account:a", limit=LIMIT, now=now())

    def empty():
        gate.wait()
        for _ in range(n_times):
            LoginCounter.objects.all().delete()

    def on_own_connection(work):
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(n_counting + 1) as pool:
        counting = [pool.submit(on_own_connection, work) for work in [count] * n_counting + [empty]]

    for done in counting:
        done.result()
