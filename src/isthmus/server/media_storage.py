"""Uploaded pictures and files on this machine's disk: whole and durable, or not there at all."""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.core.files.storage import FileSystemStorage

from isthmus.kit import files


class WholeFiles(FileSystemStorage):
    """Writes beside, syncs, and then gives the file its name.

    Django's own writes under the final name and syncs nothing: a full disk or a power cut leaves a part of a file
    there, and each further try another under another name.
    """

    def _save(self, name: str, content: Any) -> str:
        """The name the file got. Raises: OSError with nothing left behind where there is no room."""
        folder = Path(self.path(name)).parent
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f".{token_hex(8)}.part"
        try:
            self._write(beside, content)
            name = self._named(beside, name)
        finally:
            with suppress(OSError):
                beside.unlink()
        files.sync_directory(folder)
        return name.replace("\\", "/")

    def _write(self, beside: Path, content: Any) -> None:
        with beside.open("xb") as file:
            for chunk in content.chunks():
                file.write(chunk if isinstance(chunk, bytes) else chunk.encode())
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(self.file_permissions_mode or 0o644)

    def _named(self, beside: Path, name: str) -> str:
        """A link and not a rename: it fails where two uploads of the same moment want one name."""
        while True:
            try:
                os.link(beside, self.path(name))
            except FileExistsError:
                name = self.get_available_name(name)
            else:
                return name
