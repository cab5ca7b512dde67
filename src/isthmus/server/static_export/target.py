"""The directory of an export: made beside, with a second name for each file that has not changed, then switched.

Whoever serves the directory meanwhile serves the older export whole; what is gone from the site is gone with it.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isthmus.kit import files
from isthmus.kit.errors import IsthmusError, UsageError

# Says that the directory is ours to replace.
MARK = ".isthmus-export.json"
_CHUNK_BYTES = 1024 * 1024
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


class ExportFailed(IsthmusError):
    """The export could not be written; what was served before is untouched."""


@dataclass(slots=True)
class Export:
    """Takes files. n_written: new or changed; n_kept: as they were before; n_removed: gone, known at the end.

    A name that is taken already, by a file or a directory, is told by False.
    """

    new: Path
    old: Path
    n_written: int = 0
    n_kept: int = 0
    n_removed: int = 0
    n_bytes: int = 0

    def put(self, name: str, content: bytes) -> bool:
        """Write one file; False where another has its place already, or a directory has."""
        old, path = self.old / name, self.new / name
        if not self._has_room(path):
            return False
        if _is_file(old) and old.stat().st_size == len(content) and old.read_bytes() == content:
            self._keep(old, path)
        else:
            path.write_bytes(content)
            self.n_written += 1
        self.n_bytes += len(content)
        return True

    def put_file(self, name: str, source: Path) -> bool:
        """Copy one file from disk. Raises: FileNotFoundError where it is gone."""
        old, path = self.old / name, self.new / name
        if not self._has_room(path):
            return False
        if _is_file(old) and _are_equal(old, source):
            self._keep(old, path)
        else:
            shutil.copyfile(source, path)
            self.n_written += 1
        self.n_bytes += path.stat().st_size
        return True

    def _has_room(self, path: Path) -> bool:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            return False
        return not path.exists()

    def _keep(self, old: Path, path: Path) -> None:
        """The same file under a second name: its time stays, for whoever copies only what is newer."""
        try:
            os.link(old, path)
        except OSError:
            shutil.copy2(old, path)
        self.n_kept += 1


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _are_equal(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while chunk := first.read(_CHUNK_BYTES):
            if chunk != second.read(_CHUNK_BYTES):
                return False
    return True


@contextmanager
def exporting(directory: Path) -> Iterator[Export]:
    """An export that stands in `directory` when the block ends well; the one from before until then, and if it fails.

    Only one at a time. Raises: UsageError for a directory that holds something else; DiskFull; ExportFailed.
    """
    directory = directory.resolve()
    new = directory.with_name(f".{directory.name}.new")
    if not directory.parent.is_dir():
        raise UsageError(f"{directory.parent} is no directory: make it, or name another place.")
    _require_ours(directory)
    shutil.rmtree(new, ignore_errors=True)
    with files.disk_full_said(directory):
        new.mkdir()
        try:
            yield (export := Export(new, directory))
            export.n_removed = len(_names(directory) - _names(new))
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        os.sync()
        _switch(new, directory)


def marked(export: Export, **facts: Any) -> None:
    """Say in the export itself when it was made and what it has."""
    (export.new / MARK).write_text(json.dumps(facts, sort_keys=True))


def _names(directory: Path) -> set[str]:
    """Every file below it."""
    found = os.walk(directory)
    return {os.path.relpath(os.path.join(folder, name), directory) for folder, _, names in found for name in names}


def _require_ours(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is a file: name a directory.")
    if directory.exists() and any(directory.iterdir()) and not (directory / MARK).is_file():
        raise UsageError(
            f"{directory} holds something that is no export of Isthmus, and would be replaced: name another directory."
        )


def _switch(new: Path, directory: Path) -> None:
    try:
        if not directory.exists():
            os.rename(new, directory)
        elif not _exchanged(new, directory):
            before = directory.with_name(f".{directory.name}.before")
            shutil.rmtree(before, ignore_errors=True)
            os.rename(directory, before)
            os.rename(new, directory)
            shutil.rmtree(before)
    except OSError as error:
        raise ExportFailed(
            f"{directory} cannot be replaced ({error.strerror}): it must be a plain directory that its parent's owner "
            "may rename, not the root of a file system."
        ) from error
    files.sync_directory(directory.parent)
    shutil.rmtree(new, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two directories in one step, where the system can: nobody ever finds neither."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    return rename is not None and not rename(
        _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE
    )
