"""`doctor` finds what an operator forgets, and says calmly what could not be asked from here."""

from __future__ import annotations

import dataclasses
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server

import pytest
from django.db import connection

from isthmus.mailing import dns_checks
from isthmus.publications import roles
from isthmus.publications.models import FollowerCursor, User
from isthmus.server import house_checks, worker
from isthmus.server.second_factor import actions, codes
from isthmus.server.second_factor.models import SecondFactor
from tests import makers

pytestmark = pytest.mark.django_db


def _options(settings, **changed):
    settings.ISTHMUS = dataclasses.replace(settings.ISTHMUS, **changed)


@pytest.mark.parametrize(("days", "state"), [(60, "ok"), (15, "note"), (3, "wrong"), (-1, "wrong")])
def test_a_certificate_that_ends_soon_is_said(settings, monkeypatch, clock, days, state):
    _options(settings, public_url="https://institute.example")
    monkeypatch.setattr(house_checks, "_end_of_certificate", lambda *_: clock() + timedelta(days=days))

    assert house_checks.certificate()[0] == state


@pytest.fixture
def own_tls(tmp_path: Path) -> int:
    """The port of a server whose certificate nobody has signed but itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=90))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "both.pem").write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    server = create_server(("127.0.0.1", 0))

    def answer() -> None:
        try:
            context.wrap_socket(server.accept()[0], server_side=True).close()
        except OSError:
            pass
        server.close()

    threading.Thread(target=answer, daemon=True).start()
    return int(server.getsockname()[1])


def test_a_certificate_that_browsers_refuse_is_wrong(settings, own_tls):
    _options(settings, public_url=f"https://127.0.0.1:{own_tls}")

    state, sentence = house_checks.certificate()

    assert state == "wrong"
    assert "not accepted" in sentence


def test_a_site_that_cannot_be_reached_from_here_is_no_fault(settings):
    with create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    _options(settings, public_url=f"https://127.0.0.1:{port}")

    assert house_checks.certificate()[0] == "note"


@pytest.mark.parametrize(("state", "found"), [(0, "ok"), (5, "note"), (None, "ok")])
def test_a_clock_that_nothing_keeps_is_noted(monkeypatch, state, found):
    monkeypatch.setattr(house_checks, "_kernel_clock", lambda: state)

    assert house_checks.clock_is_kept()[0] == found


def test_asking_the_kernel_changes_nothing_and_answers():
    assert house_checks._kernel_clock() in (None, *range(6))


def test_administrators_without_a_second_step_are_noted_until_they_have_one_or_must(settings, alice, bob, clock):
    state, sentence = house_checks.second_factor()
    assert state == "note"
    assert "1 of 1 login" in sentence
    assert alice.email in sentence

    _options(settings, second_factor="publishers")
    assert house_checks.second_factor()[0] == "ok"

    _options(settings, second_factor="optional")
    SecondFactor.objects.create(
        user=alice, salt=codes.new_salt(), key_mark=codes.key_mark(actions.key()), last_step=0, set_up_at=clock()
    )
    assert "Every publisher" in house_checks.second_factor()[1]


def test_second_steps_of_another_key_are_wrong(alice, clock):
    SecondFactor.objects.create(user=alice, salt="0", key_mark="other", last_step=0, set_up_at=clock())

    state, sentence = house_checks.second_factor()

    assert state == "wrong"
    assert "reset-second-factor" in sentence


def test_an_audit_log_that_could_be_changed_is_wrong():
    assert house_checks.audit_log()[0] == "ok"

    with connection.cursor() as cursor:
        on_table = "" if connection.vendor == "sqlite" else " ON isthmus_audit_entry"
        cursor.execute(f"DROP TRIGGER isthmus_audit_no_delete{on_table}")

    assert house_checks.audit_log()[0] == "wrong"


def test_a_second_site_on_one_directory_is_noted():
    worker.sign(worker.worker_name())
    assert house_checks.one_site()[0] == "ok"

    worker.sign(worker.worker_name())

    assert house_checks.one_site()[0] == "note"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="many machines are what PostgreSQL is for")
def test_a_worker_elsewhere_on_one_sqlite_file_is_wrong():
    worker.sign("elsewhere:1:abc")

    assert house_checks.one_site()[0] == "wrong"


def test_a_follower_far_behind_is_named(clock):
    makers.released()
    for name in ("alerts", "digest:daily"):
        FollowerCursor.objects.update_or_create(name=name, defaults={"seq": 0})
    assert house_checks.followers()[0] == "ok"

    clock.advance(timedelta(minutes=16))

    state, sentence = house_checks.followers()
    assert state == "note"
    assert "alerts (" in sentence
    assert "digest" not in sentence


@pytest.mark.parametrize(
    ("url", "state"), [("", "ok"), ("https://desk.example", "ok"), ("http://desk.example", "wrong")]
)
def test_an_address_for_editors_without_https_is_wrong(settings, url, state):
    _options(settings, admin_base_url=url)

    assert house_checks.admin_address()[0] == state


SPF, DMARC, DKIM = ["v=spf1 mx -all"], ["v=dmarc1; p=none"], ["v=dkim1; k=rsa; p=mii"]


@pytest.mark.parametrize(("known", "state", "said"), [
    ({"institute.example": SPF, "_dmarc.institute.example": DMARC, "s1._domainkey.institute.example": DKIM}, "ok", ""),
    ({"institute.example": SPF}, "wrong", "no DMARC and no DKIM"),
    ({}, "wrong", "no SPF and no DMARC and no DKIM"),
])  # fmt: skip
def test_records_that_receivers_look_for_are_named(settings, monkeypatch, known, state, said):
    _options(settings, mail_from="News <news@institute.example>", mail_server="smtp://relay", mail_dkim_selector="s1")
    monkeypatch.setattr(dns_checks, "_texts", lambda address: known.get(address, []))

    found, sentence = dns_checks.records()

    assert (found, said in sentence) == (state, True)


def test_a_name_server_that_is_silent_is_no_fault(settings, monkeypatch):
    _options(settings, mail_from="news@institute.example", mail_server="smtp://relay")
    monkeypatch.setattr("dns.resolver.Resolver.resolve", lambda *_: (_ for _ in ()).throw(OSError("no route")))

    assert dns_checks.records()[0] == "note"


def test_a_role_with_power_is_known_by_what_it_may(db):
    from isthmus.server.second_factor import gate

    made = {}
    for role in roles.ROLES:
        made[role] = User.objects.create_user(f"{role}@institute.example", "x")
        roles.assign(made[role], role)

    assert {role for role, user in made.items() if gate.has_power(user)} == {"publisher", "administrator"}
