"""An SMTP server that says at each verb what a test tells it to, kept to nothing a real one would keep to."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Drop:
    """Close the connection, at once or after so many bytes of the message; reset: as a crash does."""

    after_bytes: int = 0
    reset: bool = False


@dataclass(frozen=True)
class Slow:
    """Answer, but only after so many seconds."""

    seconds: float
    reply: str


@dataclass(frozen=True)
class Drip:
    """Send a reply without end, some bytes at a time."""

    every_s: float = 0.02


@dataclass(frozen=True)
class Raw:
    """Exactly these bytes."""

    content: bytes


Step = str | Drop | Slow | Drip | Raw
DOT = "."
NORMAL: dict[str, str] = {
    "connect": "220 peer.example ready", "EHLO": "250 peer.example", "MAIL": "250 ok", "RCPT": "250 ok",
    "DATA": "354 go on", DOT: "250 2.0.0 taken", "RSET": "250 ok", "QUIT": "221 bye", "STARTTLS": "220 go on",
    "AUTH": "235 welcome", "NOOP": "250 ok",
}  # fmt: skip


@dataclass
class Peer:
    """script: what it says at a verb instead of the normal; a list is said in turn, and then the normal.

    taken: (envelope sender, recipients, message) of what it said 2xx to after the dot. tls: how it does STARTTLS.
    is_confused: it wants a message for nobody.
    """

    script: Mapping[str, Step | Sequence[Step]] = field(default_factory=dict)
    extensions: Sequence[str] = ()
    tls: ssl.SSLContext | None = None
    is_wrapped: bool = False
    is_confused: bool = False
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    n_connections: int = 0
    on_body: Callable[[bytes], None] = lambda body: None

    def __enter__(self) -> Peer:
        self._turns = {verb: list(step) for verb, step in self.script.items() if isinstance(step, (list, tuple))}
        self._lock, self._is_open = threading.Lock(), True
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self._listening.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_open = False
        # Closing alone does not wake an accept.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        for one in [self._listening, *self._sockets]:
            with suppress(OSError):
                one.close()

    @property
    def server(self) -> str:
        """For the option mail_server."""
        return f"smtp://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        with suppress(OSError):
            while self._is_open:
                connection, _ = self._listening.accept()
                self.n_connections += 1
                self._sockets.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError, _Over, ValueError):
            if self.is_wrapped and self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self._say(connection, "connect")
            _Session(self, connection).run()
        with suppress(OSError):
            connection.close()

    def step(self, verb: str) -> Step:
        """What to say now."""
        with self._lock:
            given = self.script.get(verb, NORMAL.get(verb, "500 what?"))
            if isinstance(given, (list, tuple)):
                return self._turns[verb].pop(0) if self._turns[verb] else NORMAL[verb]
            return given

    def _say(self, connection: socket.socket, verb: str) -> str:
        """Do what the script says; the reply's first line, for who must know whether it was a yes."""
        step = self.step(verb)
        if isinstance(step, Drop):
            drop(connection, step)
        if isinstance(step, Drip):
            with suppress(OSError):
                while self._is_open:
                    connection.sendall(b"2")
                    time.sleep(step.every_s)
            raise _Over
        if isinstance(step, Slow):
            time.sleep(step.seconds)
            step = step.reply
        if isinstance(step, Raw):
            connection.sendall(step.content)
            return step.content.decode(errors="replace")
        if verb == "EHLO" and step.startswith("250"):
            lines = [step[4:], *self.extensions]
            step = "\r\n".join(f"250{'-' if line is not lines[-1] else ' '}{line}" for line in lines)
        connection.sendall(step.encode() + b"\r\n")
        return step


class _Over(Exception):
    pass


def drop(connection: socket.socket, how: Drop) -> None:
    """Close it, politely or not."""
    if how.reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    with suppress(OSError):
        if not how.reset:
            connection.shutdown(socket.SHUT_RDWR)
    connection.close()
    raise _Over


class _Session:
    def __init__(self, peer: Peer, connection: socket.socket) -> None:
        self._peer, self._connection = peer, connection
        self._file = connection.makefile("rb")
        self._sender, self._recipients, self._has_sender = "", [], False

    def run(self) -> None:
        while line := self._file.readline():
            verb = line.split()[0].decode(errors="replace").upper() if line.split() else ""
            self._peer.verbs.append(verb)
            self._take(verb, line.decode(errors="replace").strip())

    def _take(self, verb: str, line: str) -> None:
        wanted = {"RCPT": self._has_sender, "DATA": bool(self._recipients) or self._peer.is_confused}
        if not wanted.get(verb, True):
            self._connection.sendall(b"503 not now\r\n")
            return
        said = self._peer._say(self._connection, verb)
        if verb == "MAIL":
            self._sender, self._recipients = line[10:].split(">")[0].strip("<>"), []
            self._has_sender = said.startswith("250")
        elif verb == "RCPT" and said.startswith("25"):
            self._recipients.append(line[8:].split(">")[0].strip("<>"))
        elif verb == "RSET":
            self._recipients = []
        elif verb == "DATA" and said.startswith("354"):
            self._read_body()
        elif verb == "STARTTLS" and said.startswith("220") and self._peer.tls:
            self._connection = self._peer.tls.wrap_socket(self._connection, server_side=True)
            self._peer._sockets.append(self._connection)
            self._file = self._connection.makefile("rb")
        elif verb == "QUIT":
            raise _Over

    def _read_body(self) -> None:
        step = self._peer.script.get("body")
        if isinstance(step, Drop):
            self._file.read(step.after_bytes)
            drop(self._connection, step)
        lines = []
        while (line := self._file.readline()) != b".\r\n":
            if not line:
                raise _Over
            lines.append(line[1:] if line.startswith(b".") else line)
        message = b"".join(lines)
        self._peer.on_body(message)
        said = self._peer._say(self._connection, DOT)
        if said.startswith("2"):
            self._peer.taken.append((self._sender, self._recipients, message))
        self._recipients = []
