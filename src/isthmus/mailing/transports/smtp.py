"""Any SMTP server: smtplib's low-level calls, so that the moment of the last dot is known.

What a reply means depends on where it comes. Up to MAIL it is about the relay and us; at RCPT about one person; after
the last dot about the message, and silence there is the one thing that leaves a doubt.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from isthmus.mailing.transports import Envelope, Handed, Outcome

_PORTS = {"smtp": 587, "smtp+tls": 587, "smtps": 465}
_NOT_IN_ADDRESS = re.compile(r"[\x00-\x20<>\x7f]")
_MAX_SAID_CHARS = 500
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f]+")
# RFC 5321 4.5.3.1.5 allows 512 octets a line; some relays tell stories.
_MAX_REPLY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How long we wait, in seconds; after the dot as RFC 5321 4.5.3.2.6 asks, for less it would be our doubt."""

    connect_s: float = 30.0
    reply_s: float = 300.0
    after_dot_s: float = 600.0
    goodbye_s: float = 5.0


class SmtpTransport:
    """The server that the option `mail_server` names."""

    def __init__(
        self,
        server: str,
        *,
        hello: str,
        connections: int = 4,
        patience: Patience | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """server: as in the option. hello: our name in EHLO. tls: for tests; certificates are always checked."""
        self._server, self._hello = urlsplit(server), hello
        self._patience = patience or Patience()
        self._tls = tls or ssl.create_default_context()
        self.max_connections = connections

    @property
    def name(self) -> str:
        """Host and port."""
        return f"{self._server.hostname}:{self._server.port or _PORTS[self._server.scheme]}"[:200]

    def connect(self) -> SmtpConnection:
        """A connection that opens at the first message."""
        return SmtpConnection(self._server, self._hello, self._patience, self._tls)


class SmtpConnection:
    """One kept connection; opened when needed, and anew when the other side has closed it meanwhile."""

    def __init__(self, server: SplitResult, hello: str, patience: Patience, tls: ssl.SSLContext) -> None:
        self._server, self._hello, self._patience, self._tls = server, hello, patience, tls
        self._smtp: _Smtp | None = None

    def hand_over(self, envelope: Envelope) -> Handed:
        """Try once; see the contract."""
        if any(_NOT_IN_ADDRESS.search(address) for address in (envelope.sender, envelope.recipient)):
            return Handed(Outcome.FAILED, "This address cannot be written in an envelope.")
        if self._smtp is not None:
            try:
                return self._try(envelope)
            except _Closed:
                # A relay may close a connection that it finds old, at any time between two messages: that says nothing.
                pass
        try:
            return self._try(envelope)
        except _Closed as closed:
            return Handed(Outcome.RELAY_DOWN, closed.said)

    def close(self) -> None:
        """Say goodbye if the connection is open."""
        if self._smtp is None:
            return
        try:
            self._smtp.patience_s = self._patience.goodbye_s
            self._smtp.docmd("QUIT")
        except (OSError, smtplib.SMTPException):
            pass
        self._drop()

    def _try(self, envelope: Envelope) -> Handed:
        """Raises: _Closed if the connection ended before anything was said about this message."""
        try:
            smtp = self._smtp = self._smtp or self._opened()
        except _Refused as refused:
            return Handed(Outcome.RELAY_DOWN, refused.said)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return Handed(Outcome.RELAY_DOWN, _line(f"{self._server.hostname} cannot be used: {_told(error)}"))
        try:
            return _Dialogue(smtp, envelope, self._patience).run()
        finally:
            if not smtp.is_fit:
                self._drop()

    def _opened(self) -> _Smtp:
        """Connected, greeted, under TLS where it can be, logged in. Raises: _Refused, OSError, SMTPException."""
        scheme, host = self._server.scheme, self._server.hostname or ""
        smtp = _Smtp(self._hello, self._patience.connect_s)
        try:
            if scheme == "smtps":
                smtp.wrap_with = self._tls
            _must(smtp.connect(host, self._server.port or _PORTS[scheme]), 220)
            smtp.patience_s = self._patience.reply_s
            smtp.ehlo_or_helo_if_needed()
            if scheme != "smtps" and (scheme == "smtp+tls" or smtp.has_extn("starttls")):
                _must(smtp.starttls(context=self._tls), 220)
                smtp.ehlo_or_helo_if_needed()
            self._log_in(smtp)
            assert smtp.sock is not None
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _log_in(self, smtp: _Smtp) -> None:
        if not self._server.username:
            return
        if not isinstance(smtp.sock, ssl.SSLSocket) and self._server.hostname not in _LOOPBACK:
            raise _Refused(f"{self._server.hostname} offers no STARTTLS, and a password is not sent in clear.")
        smtp.login(unquote(self._server.username), unquote(self._server.password or ""))

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


class _Refused(Exception):
    """The server does not want us, or we do not want it; `said` is why."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class _Closed(_Refused):
    """The connection was closed, or about to be, before the reply to MAIL."""


class _Smtp(smtplib.SMTP):
    """smtplib's client with a deadline for each whole reply: its own timeout starts anew at every byte of a tarpit."""

    def __init__(self, hello: str, connect_s: float) -> None:
        super().__init__(local_hostname=hello, timeout=connect_s)
        self.patience_s = connect_s
        self.wrap_with: ssl.SSLContext | None = None
        self.is_fit = True

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        self._host = host  # what STARTTLS checks the certificate against
        return self.wrap_with.wrap_socket(plain, server_hostname=host) if self.wrap_with else plain

    def getreply(self) -> tuple[int, bytes]:
        """Code and text of one reply, all of its lines within `patience_s`. Raises: SMTPServerDisconnected."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        if not isinstance(self.file, _Lines) or self.file.sock is not self.sock:
            # What was sent in clear after the reply to STARTTLS is forgotten with the old one (CVE-2011-0411's kind).
            self.file = _Lines(self.sock)
        self.file.until = time.monotonic() + self.patience_s
        return super().getreply()

    def send(self, s: Any) -> None:
        """All of it, within `patience_s`. Raises: SMTPServerDisconnected."""
        if self.sock is not None:
            self.sock.settimeout(self.patience_s)
        super().send(s)


class _Lines:
    """The lines a server sends, each read before a deadline; takes the place of smtplib's own file."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.until = sock, 0.0
        self._buffer, self._n_read = b"", 0

    def readline(self, most_bytes: int) -> bytes:
        """One line with its end, what there is before the other side closed, or `most_bytes` of it.

        Raises: TimeoutError at the deadline; OSError.
        """
        while b"\n" not in self._buffer and len(self._buffer) < most_bytes:
            left_s = self.until - time.monotonic()
            if left_s <= 0 or self._n_read > _MAX_REPLY_BYTES:
                raise TimeoutError("timed out" if left_s <= 0 else "the reply has no end")
            self.sock.settimeout(left_s)
            more = self.sock.recv(8192)
            if not more:
                break
            self._n_read += len(more)
            self._buffer += more
        end = min((self._buffer.find(b"\n") + 1) or len(self._buffer), most_bytes)
        line, self._buffer = self._buffer[:end], self._buffer[end:]
        if line[3:4] != b"-":
            self._n_read = 0
        return line

    def close(self) -> None:
        """Nothing to close: the socket is smtplib's."""


class _Dialogue:
    """One message on an open connection."""

    def __init__(self, smtp: _Smtp, envelope: Envelope, patience: Patience) -> None:
        self._smtp, self._envelope, self._patience = smtp, envelope, patience
        self._is_pipelined = smtp.has_extn("pipelining")

    def run(self) -> Handed:
        """How it ended. Raises: _Closed."""
        if self._envelope.needs_utf8 and not self._smtp.has_extn("smtputf8"):
            return Handed(Outcome.FAILED, "The mail server cannot carry an address with such letters (no SMTPUTF8).")
        self._smtp.patience_s = self._patience.reply_s
        self._smtp.command_encoding = "utf-8" if self._envelope.needs_utf8 else "ascii"
        is_known = False
        try:
            if refused := self._mail():
                return refused
            is_known = True
            if refused := self._recipient() or self._data():
                return refused
            self._body()
        except (OSError, smtplib.SMTPException) as error:
            self._smtp.is_fit = False
            if not is_known:
                raise _Closed(_line(_told(error))) from error
            return Handed(Outcome.RELAY_DOWN, _line(_told(error)))
        except UnicodeError:
            self._smtp.is_fit = False
            return Handed(Outcome.FAILED, "This address cannot be written in ASCII.")
        except _BrokenOff as broken:
            self._smtp.is_fit = False
            return Handed(Outcome.DEFERRED, _line(f"Broken off within the message: {broken.__cause__}"))
        return self._answer()

    def _mail(self) -> Handed | None:
        smtp = self._smtp
        commands = [f"MAIL FROM:<{self._envelope.sender}>{self._mail_options()}"]
        if self._is_pipelined:
            # RFC 2920: one journey instead of three; DATA is last, as it must be.
            commands += [f"RCPT TO:<{self._envelope.recipient}>", "DATA"]
        smtp.send("".join(f"{command}\r\n" for command in commands))
        code, text = smtp.getreply()
        if code == 250:
            return None
        if code == 421 or not 400 <= code <= 599:
            self._smtp.is_fit = False
            raise _Closed(_reply(code, text))
        self._skip(2 if self._is_pipelined else 0)
        # About us or the relay, so it is no person's failure; but for a message that is too large for it.
        return Handed(Outcome.FAILED if code == 552 else Outcome.RELAY_DOWN, _reply(code, text))

    def _mail_options(self) -> str:
        options = f" SIZE={len(self._envelope.message)}" if self._smtp.has_extn("size") else ""
        if self._smtp.has_extn("8bitmime") and not self._envelope.message.isascii():
            options += " BODY=8BITMIME"
        return options + (" SMTPUTF8" if self._envelope.needs_utf8 else "")

    def _recipient(self) -> Handed | None:
        if not self._is_pipelined:
            self._smtp.send(f"RCPT TO:<{self._envelope.recipient}>\r\n")
        code, text = self._smtp.getreply()
        if 250 <= code <= 259:
            return None
        refused = self._refused(code, text, is_of_person=True)
        if self._smtp.is_fit:
            self._skip(1 if self._is_pipelined else 0)
        return refused

    def _data(self) -> Handed | None:
        if not self._is_pipelined:
            self._smtp.send("DATA\r\n")
        code, text = self._smtp.getreply()
        if code == 354:
            return None
        refused = self._refused(code, text)
        if self._smtp.is_fit:
            self._skip(0)
        return refused

    def _body(self) -> None:
        """Everything up to and with the last dot. Raises: _BrokenOff, and then the dot was not sent."""
        try:
            self._smtp.send(_stuffed(self._envelope.message))
            self._smtp.send(b".\r\n")
        except (OSError, smtplib.SMTPException) as error:
            raise _BrokenOff from error

    def _answer(self) -> Handed:
        self._smtp.patience_s = self._patience.after_dot_s
        try:
            code, text = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._smtp.is_fit = False
            return Handed(Outcome.UNCERTAIN, _line(f"No answer after the last dot: {error}"))
        if 200 <= code <= 299:
            return Handed(Outcome.SUBMITTED, _reply(code, text))
        if 400 <= code <= 599:
            return self._refused(code, text)
        self._smtp.is_fit = False
        return Handed(Outcome.UNCERTAIN, _line(f"Not understood after the last dot: {_reply(code, text)}"))

    def _refused(self, code: int, text: bytes, *, is_of_person: bool = False) -> Handed:
        said = _reply(code, text)
        if code == 421 or not 400 <= code <= 599:
            self._smtp.is_fit = False
            return Handed(Outcome.RELAY_DOWN, said)
        if code < 500:
            return Handed(Outcome.DEFERRED, said, is_of_domain=is_of_person)
        return Handed(Outcome.FAILED, said, is_of_address=is_of_person)

    def _skip(self, n_replies: int) -> None:
        """Read what is still due of the pipelined commands, and start anew on the same connection if we can."""
        try:
            if 354 in [self._smtp.getreply()[0] for _ in range(n_replies)]:
                # It wants the message though it refused the recipient. RFC 2920 3.1 would send it a lone dot, which
                # one that is so confused might take for an empty message to somebody.
                self._smtp.is_fit = False
            else:
                self._smtp.docmd("RSET")
        except (OSError, smtplib.SMTPException):
            self._smtp.is_fit = False


class _BrokenOff(Exception):
    """The connection ended before the last dot was sent."""


def _must(reply: tuple[int, bytes], code: int) -> None:
    if reply[0] != code:
        raise _Refused(_reply(*reply))


def _stuffed(message: bytes) -> bytes:
    """As it goes on the wire: a line that begins with a dot gets another, and the last line its end."""
    ended = message if message.endswith(b"\r\n") else message + b"\r\n"
    return (b"." + ended if ended.startswith(b".") else ended).replace(b"\r\n.", b"\r\n..")


def _reply(code: int, text: bytes) -> str:
    return _line(f"{code} {text.decode(errors='replace')}")


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        told = error.smtp_error
        return f"{error.smtp_code} {told.decode(errors='replace') if isinstance(told, bytes) else told}"
    return str(error) or type(error).__name__


def _line(text: str) -> str:
    """One line that can be shown and stored, whatever the other side sent."""
    return _BLANKS.sub(" ", text).strip()[:_MAX_SAID_CHARS]
