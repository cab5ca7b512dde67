"""Signed tokens: forged, replayed, expired, rotated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.kit import clock
from isthmus.kit.tokens import Key, KeyUnreadable, TokenExpired, TokenInvalid, load_keys, read, rotate_keys, sign

KEYS = (Key(2, b"b" * 32), Key(1, b"a" * 32))
NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)


@given(st.text(max_size=200), st.text(max_size=30))
def test_what_was_signed_is_read(payload, purpose):
    assert read(sign(purpose, payload, KEYS), purpose, KEYS) == payload


def test_a_token_is_for_one_purpose_only():
    token = sign("confirm", "carol", KEYS)

    with pytest.raises(TokenInvalid):
        read(token, "unsubscribe", KEYS)


@given(st.data())
def test_no_single_change_to_a_token_passes(data):
    token = sign("confirm", "carol@example.org", KEYS, expires_at=NOON + timedelta(days=9))
    at = data.draw(st.integers(0, len(token) - 1))
    sign_there = data.draw(st.sampled_from("abcXYZ0189-_.=~é").filter(lambda new: new != token[at]))
    changed = data.draw(
        st.sampled_from([token[:at] + sign_there + token[at + 1 :], token[:at] + token[at + 1 :], token + sign_there])
    )

    with pytest.raises(TokenInvalid), clock.frozen(NOON):
        read(changed, "confirm", KEYS)


@given(st.text(max_size=120))
def test_any_other_text_is_no_token(anything):
    with pytest.raises(TokenInvalid):
        read(anything, "confirm", KEYS)


def test_an_expired_token_says_what_it_was_for():
    token = sign("confirm", "carol", KEYS, expires_at=NOON)

    with clock.frozen(NOON - timedelta(seconds=1)):
        assert read(token, "confirm", KEYS) == "carol"
    with clock.frozen(NOON), pytest.raises(TokenExpired) as expired:
        read(token, "confirm", KEYS)
    assert expired.value.payload == "carol"


def test_an_old_mail_still_works_after_a_new_key(tmp_path):
    old = load_keys(tmp_path)
    token = sign("confirm", "carol", old)

    new = rotate_keys(tmp_path)

    assert read(token, "confirm", new) == "carol"
    assert sign("confirm", "carol", new) != token
    assert [key.number for key in load_keys(tmp_path)] == [2, 1]


def test_a_token_of_a_key_that_is_gone_is_not_valid():
    with pytest.raises(TokenInvalid):
        read(sign("confirm", "carol", KEYS[1:]), "confirm", KEYS[:1])


def test_keys_are_private_files_and_do_not_show_in_messages(tmp_path):
    keys = load_keys(tmp_path, "session")

    assert (tmp_path / "session-0001.key").stat().st_mode & 0o777 == 0o600
    assert keys[0].secret.hex() not in repr(keys)
    assert load_keys(tmp_path, "session") == keys
    assert load_keys(tmp_path, "tokens") != keys


def test_two_who_ask_at_once_get_the_same_first_key(tmp_path):
    found = []
    threads = [Thread(target=lambda: found.append(load_keys(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_file_without_a_key_is_named(tmp_path):
    (tmp_path / "tokens-0001.key").write_text("half")

    with pytest.raises(KeyUnreadable, match=r"tokens-0001\.key"):
        load_keys(tmp_path)
