"""Codes are used up by one statement and tries counted before they are looked at: many at once are no way around."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.conf import settings as django_settings
from django.db import connections

from isthmus.kit.clock import frozen
from isthmus.publications.audit.models import Entry
from isthmus.publications.models import User
from isthmus.server.second_factor import actions, codes
from isthmus.server.second_factor.models import SecondFactor

LIMIT = django_settings.ISTHMUS.login_attempts
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
N_AT_ONCE = 12


def _enrolled() -> tuple[User, str, list[str]]:
    user = User.objects.create_user("alice@institute.example", "correct horse battery staple")
    salt = codes.new_salt()
    secret = codes.secret_of(salt, actions.key())
    before = NOW - timedelta(minutes=1)
    made = actions.set_up(user, salt=salt, typed=_code(secret, before), now=before)
    return user, secret, made


def _code(secret: str, at: datetime) -> str:
    return str(pyotp.TOTP(secret).at(at))


def _all_at_once(user: User, typed: list[str]) -> Counter[str]:
    """What became of tries that begin at the same moment, each on a connection of its own."""
    gate, outcomes = threading.Barrier(len(typed)), []

    def attempt(code: str) -> None:
        gate.wait()
        try:
            actions.pass_step(user, typed=code, now=NOW)
            outcomes.append("passed")
        except (actions.CodeWrong, actions.TooManyTries) as refused:
            outcomes.append(type(refused).__name__)
        finally:
            connections.close_all()

    with frozen(NOW):
        threads = [threading.Thread(target=attempt, args=(code,)) for code in typed]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(outcomes) == len(typed)
    return Counter(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_with_one_code_one_passes():
    user, secret, _ = _enrolled()

    outcomes = _all_at_once(user, [_code(secret, NOW)] * LIMIT)

    assert outcomes["passed"] == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_with_one_recovery_code_one_passes():
    user, _, made = _enrolled()

    outcomes = _all_at_once(user, [made[0]] * LIMIT)

    assert outcomes["passed"] == 1


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_are_no_more_guesses():
    user, _, _ = _enrolled()

    outcomes = _all_at_once(user, [f"{number:06}" for number in range(N_AT_ONCE)])

    assert outcomes == {"CodeWrong": LIMIT, "TooManyTries": N_AT_ONCE - LIMIT}
    assert Entry.objects.filter(what="second_step_refused").count() == 1


@pytest.mark.django_db
def test_after_a_hundred_wrong_codes_in_a_row_only_a_recovery_code_helps(clock):
    user, secret, made = _enrolled()
    SecondFactor.objects.update(n_wrong=actions.MOST_WRONG)

    with pytest.raises(actions.CodeWrong, match="ask an administrator"):
        actions.pass_step(user, typed=_code(secret, NOW), now=NOW)
    actions.pass_step(user, typed=made[0], now=NOW)

    assert SecondFactor.objects.get().n_wrong == 0


@pytest.mark.django_db
def test_under_another_key_no_code_is_right(clock, settings):
    user, secret, made = _enrolled()
    settings.SECRET_KEY = "another"

    for typed in (_code(secret, NOW), made[0]):
        with pytest.raises(actions.CodeWrong):
            actions.pass_step(user, typed=typed, now=NOW)


@pytest.mark.django_db
def test_the_login_and_its_second_step_are_one_query(django_assert_num_queries):
    from isthmus.server.login_throttle import ThrottledBackend
    from isthmus.server.second_factor import gate

    user, _, _ = _enrolled()
    other = User.objects.create_user("bob@institute.example", "correct horse battery staple")

    with django_assert_num_queries(2):
        assert gate.factor_of(ThrottledBackend().get_user(user.pk)) is not None
        assert gate.factor_of(ThrottledBackend().get_user(other.pk)) is None


@pytest.mark.django_db
def test_a_reset_names_who_is_not_there():
    with pytest.raises(actions.NobodyThere, match=r"dan@elsewhere\.example"):
        actions.reset("dan@elsewhere.example")
