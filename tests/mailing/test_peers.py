"""Every way a mail server can behave ends in the right state; certain is never called uncertain, nor the reverse."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
import time
from pathlib import Path

import pytest

from isthmus.mailing.transports import Envelope, Outcome
from isthmus.mailing.transports.smtp import Patience, SmtpTransport
from tests.mailing.scripted_peer import DOT, Drip, Drop, Peer, Raw, Slow

MESSAGE = b"From: news@example.org\r\nTo: carol@example.org\r\nSubject: One\r\n\r\nText.\r\n.dot\r\n"
LONG = b"Subject: long\r\n\r\n" + b"0123456789abcdef" * 60 * 40_000 + b"\r\n"
SOON = Patience(connect_s=2, reply_s=0.6, after_dot_s=0.6, goodbye_s=0.3)


def envelope(**fields) -> Envelope:
    return Envelope(**{"sender": "news@example.org", "recipient": "carol@example.org", "message": MESSAGE, **fields})


def connected(peer: Peer, *, server: str = "", patience: Patience = SOON, tls=None):
    return SmtpTransport(server or peer.server, hello="institute.example", patience=patience, tls=tls).connect()


def one(peer: Peer, **fields):
    connection = connected(peer)
    try:
        return connection.hand_over(envelope(**fields))
    finally:
        connection.close()


@pytest.mark.parametrize("extensions", [(), ("PIPELINING", "SIZE 1000000", "8BITMIME")])
def test_a_message_arrives_as_it_was_written(extensions):
    with Peer(extensions=extensions) as peer:
        handed = one(peer)

    assert (handed.outcome, handed.said) == (Outcome.SUBMITTED, "250 2.0.0 taken")
    assert peer.taken == [("news@example.org", ["carol@example.org"], MESSAGE)]


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
@pytest.mark.parametrize(
    ("verb", "code", "outcome"),
    [
        # About the relay, or about us: nobody's failure.
        *[("connect", code, "relay_down") for code in (421, 450, 451, 452, 550, 552, 554)],
        *[("EHLO", code, "relay_down") for code in (421,)],
        *[("MAIL", code, "relay_down") for code in (421, 450, 451, 452, 550, 554)],
        ("MAIL", 552, "failed"),
        # About one person.
        ("RCPT", 421, "relay_down"),
        *[("RCPT", code, "deferred") for code in (450, 451, 452)],
        *[("RCPT", code, "failed") for code in (550, 552, 554)],
        # About the message.
        ("DATA", 421, "relay_down"),
        *[("DATA", code, "deferred") for code in (450, 451, 452)],
        *[("DATA", code, "failed") for code in (550, 552, 554)],
        (DOT, 421, "relay_down"),
        *[(DOT, code, "deferred") for code in (450, 451, 452)],
        *[(DOT, code, "failed") for code in (550, 552, 554)],
    ],
)
def test_each_refusal_at_each_verb_ends_where_it_belongs(extensions, verb, code, outcome):
    with Peer({verb: f"{code} no"}, extensions) as peer:
        handed = one(peer)

    assert handed.outcome == outcome
    # After EHLO the older HELO is tried, and what is said to that is said last.
    assert handed.said.startswith(str(code)) or verb == "EHLO"
    assert handed.is_of_domain == (verb == "RCPT" and outcome == "deferred")
    assert handed.is_of_address == (verb == "RCPT" and outcome == "failed")
    assert peer.taken == []


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
@pytest.mark.parametrize(("verb", "reply"), [("RCPT", "550 no"), ("RCPT", "450 later"), ("DATA", "451 later"),
                                             (DOT, "554 no"), (DOT, "450 later"), ("MAIL", "450 no")])  # fmt: skip
def test_after_a_refusal_the_same_connection_carries_the_next_message(extensions, verb, reply):
    with Peer({verb: [reply]}, extensions) as peer:
        connection = connected(peer)
        first, second = connection.hand_over(envelope()), connection.hand_over(envelope(recipient="dan@example.org"))
        connection.close()

    assert first.said == reply
    assert second.outcome == Outcome.SUBMITTED
    assert [recipients for _, recipients, _ in peer.taken] == [["dan@example.org"]]
    assert peer.n_connections == 1


def test_a_server_that_wants_a_message_for_nobody_gets_none():
    with Peer({"RCPT": ["550 no"]}, ("PIPELINING",), is_confused=True) as peer:
        connection = connected(peer)
        outcomes = [connection.hand_over(envelope()).outcome for _ in range(2)]
        connection.close()

    assert outcomes == [Outcome.FAILED, Outcome.SUBMITTED]
    assert [message for _, _, message in peer.taken] == [MESSAGE]


def test_a_greylisted_person_is_deferred_and_taken_at_the_second_try():
    with Peer({"RCPT": ["450 4.2.0 greylisted"]}) as peer:
        connection = connected(peer)
        outcomes = [connection.hand_over(envelope()).outcome for _ in range(2)]
        connection.close()

    assert outcomes == [Outcome.DEFERRED, Outcome.SUBMITTED]


@pytest.mark.parametrize("verb", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_connection_dropped_before_the_message_is_the_relays_trouble(verb):
    with Peer({verb: Drop()}) as peer:
        assert one(peer).outcome == Outcome.RELAY_DOWN


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_dropped_within_a_message_has_certainly_not_taken_it(reset):
    with Peer({"body": Drop(after_bytes=100, reset=reset)}) as peer:
        handed = one(peer, message=LONG)

    assert handed.outcome == Outcome.DEFERRED


@pytest.mark.parametrize("step", [Drop(), Drop(reset=True)])
def test_a_connection_dropped_after_the_last_dot_is_uncertain(step):
    with Peer({DOT: step}) as peer:
        handed = one(peer)

    assert handed.outcome == Outcome.UNCERTAIN
    assert "after the last dot" in handed.said


@pytest.mark.parametrize("step", [Slow(30, "250 ok"), Drip()])
def test_silence_after_the_last_dot_is_uncertain_when_patience_ends(step):
    with Peer({DOT: step}) as peer:
        began = time.monotonic()
        handed = one(peer)

    assert handed.outcome == Outcome.UNCERTAIN
    assert time.monotonic() - began < 5


def test_an_answer_that_comes_late_but_in_time_counts():
    patience = Patience(connect_s=1, reply_s=0.2, after_dot_s=5, goodbye_s=1)
    with Peer({DOT: Slow(0.8, "250 took a while")}) as peer:
        connection = connected(peer, patience=patience)
        handed = connection.hand_over(envelope())
        connection.close()

    assert handed.outcome == Outcome.SUBMITTED


def test_ten_minutes_are_waited_for_the_last_answer():
    assert Patience().after_dot_s == 600


@pytest.mark.parametrize("verb", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("step", [Slow(30, "250 ok"), Drip()], ids=["silent", "tarpit"])
def test_a_tarpit_ends_with_our_patience_and_is_the_relays_trouble(verb, step):
    patience = Patience(connect_s=0.3, reply_s=0.3, after_dot_s=0.3, goodbye_s=0.1)
    with Peer({verb: step}) as peer:
        connection = connected(peer, patience=patience)
        began = time.monotonic()
        handed = connection.hand_over(envelope())

    assert handed.outcome == Outcome.RELAY_DOWN
    assert time.monotonic() - began < 5


def test_a_server_that_stops_reading_within_a_message_is_left():
    reading = threading.Event()
    with Peer({"DATA": Raw(b"354 go on\r\n")}) as peer:
        peer.on_body = lambda body: reading.wait(1)
        handed = one(peer)
        reading.set()

    assert handed.outcome == Outcome.UNCERTAIN


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (b"250-one\r\n250-two\r\n250 three\r\n", "submitted"),
        (b"250 \r\n", "submitted"),
        (b"250\r\n", "submitted"),
        (b"250-one\r\n554 two\r\n", "failed"),
        (b"250-one\r\nnonsense\r\n", "uncertain"),
        (b"nonsense\r\n", "uncertain"),
        (b"\r\n", "uncertain"),
        (b"350 odd\r\n", "uncertain"),
        (b"99999 odd\r\n", "uncertain"),
        (b"250-" + b"x" * 10_000 + b"\r\n250 ok\r\n", "uncertain"),
        (b"250-endless\r\n" * 20_000, "uncertain"),
        (b"\xff\xfe\r\n", "uncertain"),
        (b"250-first", "uncertain"),
    ],
)
def test_broken_replies_after_the_last_dot_are_never_taken_for_a_yes_or_a_no(reply, outcome):
    with Peer({DOT: Raw(reply)}) as peer:
        assert one(peer).outcome == outcome


@pytest.mark.parametrize("reply", [b"250-one\r\nnonsense\r\n", b"nonsense\r\n", b"\r\n", b"250-endless\r\n" * 20_000])
@pytest.mark.parametrize("verb", ["connect", "MAIL", "RCPT", "DATA"])
def test_broken_replies_before_the_message_are_the_relays_trouble(verb, reply):
    with Peer({verb: Raw(reply)}) as peer:
        assert one(peer).outcome == Outcome.RELAY_DOWN


def test_what_a_server_says_becomes_one_short_line():
    with Peer({"RCPT": Raw(b"550-5.1.1 \x1b[31mno\r\n550 5.1.1 such\tuser " + b"y" * 5000 + b"\r\n")}) as peer:
        said = one(peer).said

    assert said.startswith("550 5.1.1 [31mno 5.1.1 such user yyy")
    assert len(said) == 500


def test_a_connection_that_the_server_closed_between_two_messages_is_opened_anew():
    with Peer({"MAIL": ["250 ok", "421 idle too long", "250 ok"]}) as peer:
        connection = connected(peer)
        outcomes = [connection.hand_over(envelope()).outcome for _ in range(2)]
        connection.close()

    assert outcomes == [Outcome.SUBMITTED] * 2
    assert peer.n_connections == 2


def test_nobody_listening_is_the_relays_trouble_and_says_so():
    with Peer() as peer:
        port = peer.port
    handed = SmtpTransport(f"smtp://127.0.0.1:{port}", hello="x").connect().hand_over(envelope())

    assert handed.outcome == Outcome.RELAY_DOWN
    assert "refused" in handed.said


@pytest.mark.parametrize("address", ["a b@example.org", "carol@example.org>\r\nRCPT TO:<dan@example.org", "\x00@x"])
def test_an_address_never_becomes_a_command(address):
    with Peer() as peer:
        as_recipient, as_sender = one(peer, recipient=address), one(peer, sender=address)

    assert as_recipient.outcome == as_sender.outcome == Outcome.FAILED
    assert peer.verbs == []


def test_letters_outside_ascii_need_a_server_that_carries_them():
    person = {"recipient": "캐럴@example.org", "needs_utf8": True}
    with Peer() as plain, Peer(extensions=("SMTPUTF8", "8BITMIME")) as modern:
        refused, taken = one(plain, **person), one(modern, **person)

    assert refused.outcome == Outcome.FAILED
    assert "SMTPUTF8" in refused.said
    assert taken.outcome == Outcome.SUBMITTED
    assert modern.taken[0][1] == ["캐럴@example.org"]


def test_a_password_that_is_refused_is_the_relays_trouble():
    with Peer({"AUTH": "535 no"}, extensions=("AUTH PLAIN LOGIN",)) as peer:
        connection = connected(peer, server=f"smtp://alice:secret@127.0.0.1:{peer.port}")
        handed = connection.hand_over(envelope())

    assert handed.outcome == Outcome.RELAY_DOWN
    assert "secret" not in handed.said


def test_login_opens_the_way():
    with Peer(extensions=("AUTH PLAIN",)) as peer:
        connection = connected(peer, server=f"smtp://alice:s%40cret@127.0.0.1:{peer.port}")
        assert connection.hand_over(envelope()).outcome == Outcome.SUBMITTED
        connection.close()

    assert "AUTH" in peer.verbs


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate for 127.0.0.1 and peer.example, signed by itself, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "peer.example")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("peer.example")]
    )
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1)).add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def _server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("scheme", ["smtp", "smtp+tls", "smtps"])
def test_a_server_whose_certificate_is_known_is_spoken_to_in_secret(certificate, scheme):
    trusting = ssl.create_default_context(cafile=certificate)
    tls, is_wrapped = _server_side(certificate), scheme == "smtps"
    with Peer(extensions=("STARTTLS", "PIPELINING"), tls=tls, is_wrapped=is_wrapped) as peer:
        connection = connected(peer, server=f"{scheme}://127.0.0.1:{peer.port}", tls=trusting)
        handed = connection.hand_over(envelope())
        connection.close()

    assert handed.outcome == Outcome.SUBMITTED
    assert ("STARTTLS" in peer.verbs) is not is_wrapped


@pytest.mark.parametrize("scheme", ["smtp", "smtp+tls", "smtps"])
def test_a_server_whose_certificate_nobody_knows_gets_nothing(certificate, scheme):
    with Peer(extensions=("STARTTLS",), tls=_server_side(certificate), is_wrapped=scheme == "smtps") as peer:
        connection = connected(peer, server=f"{scheme}://127.0.0.1:{peer.port}")
        handed = connection.hand_over(envelope())

    assert handed.outcome == Outcome.RELAY_DOWN
    assert "certificate" in handed.said.lower()
    assert "MAIL" not in peer.verbs


def test_a_certificate_for_another_name_gets_nothing(certificate):
    trusting = ssl.create_default_context(cafile=certificate)
    with Peer(extensions=("STARTTLS",), tls=_server_side(certificate)) as peer:
        handed = connected(peer, server=f"smtp://localhost:{peer.port}", tls=trusting).hand_over(envelope())

    assert handed.outcome == Outcome.RELAY_DOWN
    assert "MAIL" not in peer.verbs


@pytest.mark.parametrize("step", ["454 not now", Drop(), Raw(b"220 go on\r\n" + b"\x00" * 100)])
def test_a_server_that_breaks_off_starttls_gets_nothing(step):
    with Peer({"STARTTLS": step}, extensions=("STARTTLS",)) as peer:
        assert one(peer).outcome == Outcome.RELAY_DOWN

    assert "MAIL" not in peer.verbs


def test_where_starttls_is_insisted_on_a_server_without_it_gets_nothing():
    with Peer() as peer:
        handed = connected(peer, server=f"smtp+tls://127.0.0.1:{peer.port}").hand_over(envelope())

    assert handed.outcome == Outcome.RELAY_DOWN
    assert "STARTTLS" in handed.said


def test_a_password_is_not_sent_in_clear_to_another_machine(monkeypatch):
    monkeypatch.setattr("isthmus.mailing.transports.smtp._LOOPBACK", ())
    with Peer(extensions=("AUTH PLAIN",)) as peer:
        handed = connected(peer, server=f"smtp://alice:secret@127.0.0.1:{peer.port}").hand_over(envelope())

    assert handed.outcome == Outcome.RELAY_DOWN
    assert "AUTH" not in peer.verbs
