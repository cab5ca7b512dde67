"""Signatures of ours as the common verifier sees them."""

import base64
from datetime import UTC, datetime

import dkim as oracle
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from isthmus.mailing import dkim

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MESSAGE = (
    b"From: The Institute <news@institute.example>\r\nTo: carol@example.org\r\nSubject: =?utf-8?b?7ZWc6rWt?=\r\n"
    b" and  more\r\nMessage-ID: <d1.2@institute.example>\r\nList-Id: News\r\n <news.institute.example>\r\n"
    b"\r\nGood  morning. \r\n\r\n.\r\nBye\r\n"
)


def _pem(key) -> str:
    encoding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*encoding).decode()


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _rsa_record(key) -> bytes:
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(key.public_key().public_bytes(*form))


def _is_good(message: bytes, record: bytes) -> bool:
    return oracle.verify(message, dnsfunc=lambda name, timeout=5: record)


def test_a_message_signed_with_rsa_is_good(rsa_key):
    signed = dkim.signer("institute.example", "mail2026", _pem(rsa_key)).signed(MESSAGE, at=AT)

    assert _is_good(signed, _rsa_record(rsa_key))
    assert signed.endswith(MESSAGE)


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n\r\n", b"no line end"])
def test_the_end_of_the_body_does_not_matter(rsa_key, end):
    message = MESSAGE + end + (b"\r\n" if end == b"no line end" else b"")

    signed = dkim.signer("institute.example", "mail2026", _pem(rsa_key)).signed(message, at=AT)

    assert _is_good(signed, _rsa_record(rsa_key))


def test_a_message_signed_with_ed25519_is_good():
    pytest.importorskip("nacl", reason="the common verifier reads Ed25519 signatures with PyNaCl")
    key = ed25519.Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    signed = dkim.signer("institute.example", "ed", _pem(key)).signed(MESSAGE, at=AT)

    assert _is_good(signed, b"v=DKIM1; k=ed25519; p=" + base64.b64encode(raw))


@pytest.mark.parametrize("change", [(b"carol@", b"dan@"), (b"Good", b"Bad"), (b"Subject: ", b"Subject: Re: ")])
def test_what_is_changed_on_the_way_breaks_the_signature(rsa_key, change):
    signed = dkim.signer("institute.example", "mail2026", _pem(rsa_key)).signed(MESSAGE, at=AT)

    assert not _is_good(signed.replace(*change), _rsa_record(rsa_key))


def test_a_second_sender_breaks_the_signature(rsa_key):
    signed = dkim.signer("institute.example", "mail2026", _pem(rsa_key)).signed(MESSAGE, at=AT)

    assert not _is_good(b"From: dan@example.org\r\n" + signed, _rsa_record(rsa_key))


@pytest.mark.parametrize("pem", ["", "not a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_named(pem):
    with pytest.raises(dkim.KeyUnusable, match="mail_dkim_key"):
        dkim.signer("institute.example", "mail2026", pem)
