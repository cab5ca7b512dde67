"""Whole .eml files in a directory: the way out of an institute that has no mail server yet."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex

from isthmus.kit import clock, files
from isthmus.mailing.transports import Envelope, Handed, Outcome


class FilesTransport:
    """A file a message, durable when it is called submitted; the names sort by time."""

    max_connections = 1

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def name(self) -> str:
        """The same for every directory: there is one."""
        return "files"

    def connect(self) -> FilesConnection:
        """Nothing is opened before the first message."""
        return FilesConnection(self._directory)


class FilesConnection:
    """Writes into the directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def hand_over(self, envelope: Envelope) -> Handed:
        """Write one file; a full or missing disk is the relay's trouble and nobody else's."""
        name = f"{clock.now():%Y%m%dT%H%M%S.%fZ}-{token_hex(4)}.eml"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.write_durably(self._directory / name, envelope.message, mode=0o600)
        except (OSError, files.DiskFull) as error:
            return Handed(Outcome.RELAY_DOWN, " ".join(str(error).split())[:500])
        return Handed(Outcome.SUBMITTED, name)

    def close(self) -> None:
        """Nothing is open."""
