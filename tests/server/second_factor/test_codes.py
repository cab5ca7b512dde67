"""Codes of apps and recovery codes, without a database."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from isthmus.server.second_factor import codes

# RFC 6238, appendix B, SHA-1: seconds and the last six of its eight digits.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]


@pytest.mark.parametrize(("second", "code"), RFC)
def test_codes_are_those_of_the_standard(second, code):
    at = datetime.fromtimestamp(second, tz=UTC)

    assert codes.step_of(code, RFC_SECRET, at=at) == second // codes.STEP_S
    assert codes.step_of(f" {code[:3]} {code[3:]} ", RFC_SECRET, at=at) == second // codes.STEP_S


@settings(max_examples=50)
@given(some.text(max_size=60))
def test_whatever_is_typed_is_wrong_unless_it_is_a_code_and_never_a_failure(typed):
    assert codes.step_of(typed, RFC_SECRET, at=datetime(2026, 11, 23, tzinfo=UTC)) is None
    assert len(codes.hash_of(typed, salt="00", key="k")) == 64


def test_a_secret_belongs_to_one_salt_and_one_key():
    salts = [codes.new_salt() for _ in range(20)]

    secrets = {codes.secret_of(salt, key) for salt in salts for key in ("one", "two")}

    assert len(secrets) == 40
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}
    assert codes.key_mark("one") != codes.key_mark("two")


def test_a_recovery_code_is_known_however_it_is_written_and_by_its_own_login_only():
    code = codes.new_recovery_codes()[0]

    spelt = {codes.hash_of(form, salt="a", key="k") for form in (code, code.upper(), code.replace("-", " "))}

    assert len(spelt) == 1
    assert codes.hash_of(code, salt="b", key="k") not in spelt
    assert not set(code) & set("ilo01")


def test_the_picture_needs_no_style_and_names_account_and_institute():
    address = codes.uri(RFC_SECRET, account="alice@institute.example", institute="The Merrow Institute")

    assert address.startswith("otpauth://totp/The%20Merrow%20Institute:alice%40institute.example?secret=")
    assert "style" not in codes.picture(address)
