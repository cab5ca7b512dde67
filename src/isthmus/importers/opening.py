"""Packed files opened with bounds: what a file unpacks to is limited in size, number and depth, and leaves no folder.

A .gz is read as a stream; a .zip, .tar or .tar.gz is unpacked into a folder, in a throw-away process.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from django.conf import settings

from isthmus.importers.source_item import Skipped
from isthmus.kit import child
from isthmus.kit.errors import IsthmusError, UsageError

GIB = 1024 * child.MIB
# An export of a large site has some gigabytes with its pictures; text packs twentyfold, a bomb a thousandfold.
_UNPACKED_MAX_BYTES = 8 * GIB
_FILE_MAX_BYTES = 2 * GIB
_MAX_RATIO = 200
# Below this a high ratio harms nobody: a file of blank lines packs that well.
_RATIO_FREE_BYTES = 64 * child.MIB
_MAX_ENTRIES = 100_000
_NAME_MAX_CHARS = 240
_MAX_DEPTH = 30
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# Where every tar of the last forty years says that it is one.
_TAR, _TAR_AT = b"ustar", 257
_CHUNK = 1 << 20
# What programs put into archives for themselves.
_OWN_FILES = ("__MACOSX/", ".DS_Store", "Thumbs.db", ".git/")


def opened(path: Path) -> IO[bytes]:
    """A file for reading bytes, unpacked on the way where it is a .gz. Raises: OSError; for a bomb while it is read."""
    file = path.open("rb")
    if file.read(2) != _GZIP:
        file.seek(0)
        return file
    file.seek(0)
    return cast(IO[bytes], io.BufferedReader(_BoundedGzip(file, path)))


class _BoundedGzip(io.RawIOBase):
    """A gzip stream that ends with an OSError where it grows beyond what any honest file does."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._packed, self._path = file, path
        self._file = gzip.GzipFile(fileobj=file)
        self._most = max(_RATIO_FREE_BYTES, path.stat().st_size * _MAX_RATIO)
        self._n_bytes = 0

    def readable(self) -> bool:
        """Whether bytes come out: always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer. Raises: OSError."""
        try:
            found = self._file.read(len(buffer))
        except (EOFError, zlib.error) as error:
            raise OSError(f"{self._path.name} is packed, and broken: {error}") from error
        self._n_bytes += len(found)
        if self._n_bytes > self._most:
            raise OSError(f"{self._path.name} unpacks to more than {self._most:,} bytes, which no honest file does")
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        """Close both files."""
        self._file.close()
        self._packed.close()
        super().close()


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An archive as files: the file or folder itself, or the folder it was unpacked into."""

    root: Path
    left_out: list[Skipped]


@contextmanager
def unpacked(path: Path) -> Iterator[Unpacked]:
    """The archive as files, for as long as it is being read. Raises: UsageError, IsthmusError in a sentence."""
    try:
        is_packed = path.is_file() and (is_zip(path) or _is_tar(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): check the path and its permissions.") from error
    if not is_packed:
        yield Unpacked(path, [])
        return
    # Beside the database, where there is room for an archive; a system's own folder for such things may be in memory.
    with tempfile.TemporaryDirectory(prefix="import-", dir=settings.DATA, ignore_cleanup_errors=True) as folder:
        left_out = unpack(path, Path(folder))
        yield Unpacked(Path(folder), left_out)


def is_zip(path: Path) -> bool:
    """Whether a file is a .zip by its first bytes. Raises: OSError."""
    with path.open("rb") as file:
        return file.read(4) in _ZIP


def _is_tar(path: Path) -> bool:
    # One that is packed and broken is said to be so by whoever reads it.
    with suppress(OSError), opened(path) as file:
        return file.read(_TAR_AT + len(_TAR)).endswith(_TAR)
    return False


def unpack(path: Path, folder: Path) -> list[Skipped]:
    """Unpack a .zip, .tar or .tar.gz into an empty folder, in a process of its own; returns what was left out and why.

    Raises: IsthmusError for an archive that is refused as a whole.
    """
    try:
        left_out = child.run_limited(
            _unpack, str(path), str(folder), cpu_s=600, wall_s=1800, file_max_bytes=_FILE_MAX_BYTES
        )
    except child.ChildFailed as failure:
        said = failure.detail.partition(": ")[2] or failure.detail or failure.reason
        raise IsthmusError(f"{path} was not unpacked: {said}; unpack it yourself and import the folder.") from failure
    return [Skipped("", name, reason) for name, reason in left_out]


def _unpack(path: str, folder: str) -> list[tuple[str, str]]:
    """Runs in the child. Raises: ValueError in a sentence for an archive that is refused as a whole."""
    if not is_zip(Path(path)):
        return _unpack_tar(Path(path), Path(folder))
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if not any(not entry.is_dir() for entry in entries):
                raise ValueError("it holds no file")
            _check_whole(entries, os.path.getsize(path))
            left_out = []
            for entry in entries:
                if entry.is_dir() or any(name in entry.filename for name in _OWN_FILES):
                    continue
                reason = _reason_against(entry) or _written(archive, entry, Path(folder))
                if reason:
                    left_out.append((entry.filename[:_NAME_MAX_CHARS], reason))
            return left_out
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError) as error:
        raise ValueError(f"it is no .zip that can be read ({error})") from error


def _check_whole(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > _MAX_ENTRIES:
        raise ValueError(f"it holds {len(entries):,} files, and {_MAX_ENTRIES:,} are allowed")
    total = sum(entry.file_size for entry in entries)
    if total > _UNPACKED_MAX_BYTES or (total > _RATIO_FREE_BYTES and total > size * _MAX_RATIO):
        raise ValueError(f"it would unpack to {total:,} bytes, which is more than an honest archive of its size holds")
    # Entries that share bytes are how a small file holds a thousand large ones (Fifield 2019).
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < end:
            raise ValueError("its entries overlap, which no honest archive's do")
        end = entry.header_offset + 30 + entry.compress_size


def _reason_against(entry: zipfile.ZipInfo) -> str:
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link, which may lead anywhere"
    return _reason_against_name(entry.filename) or ("it is locked with a password" if entry.flag_bits & 1 else "")


def _reason_against_name(name: str) -> str:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\x00" in name:
        return "its name leads out of the archive"
    if len(parts) > _MAX_DEPTH or any(len(part) > _NAME_MAX_CHARS for part in parts):
        return "its name is too long"
    if name.lower().endswith((".zip", ".gz", ".tgz", ".7z", ".rar", ".tar", ".bz2", ".xz")):
        return "an archive inside the archive: unpack it and import it by itself"
    return ""


def _unpack_tar(path: Path, folder: Path) -> list[tuple[str, str]]:
    """As `_unpack`, for a tar, which has no directory: what it holds is found out, and bounded, entry by entry."""
    left_out, n_entries, n_bytes = list[tuple[str, str]](), 0, 0
    try:
        with opened(path) as file, tarfile.open(fileobj=file, mode="r|") as archive:
            for entry in archive:
                n_entries, n_bytes = n_entries + 1, n_bytes + entry.size
                if n_entries > _MAX_ENTRIES or n_bytes > _UNPACKED_MAX_BYTES:
                    raise ValueError(f"it holds more than {_MAX_ENTRIES:,} files or {_UNPACKED_MAX_BYTES:,} bytes")
                name = entry.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace").removeprefix("./")
                if entry.isdir() or any(own in f"{name}/" for own in _OWN_FILES):
                    continue
                if reason := _reason_against_entry(entry, name) or _written_from_tar(archive, entry, folder / name):
                    left_out.append((name[:_NAME_MAX_CHARS], reason))
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise ValueError(f"it is no .tar that can be read to its end ({error})") from error
    if not n_entries:
        raise ValueError("it holds no file")
    return left_out


def _reason_against_entry(entry: tarfile.TarInfo, name: str) -> str:
    if entry.issym() or entry.islnk():
        return "a link, which may lead anywhere"
    # A file with holes says any size, and is written in no time.
    if not entry.isreg() or entry.issparse():
        return "no plain file"
    return "larger than a file may be" if entry.size > _FILE_MAX_BYTES else _reason_against_name(name)


def _written_from_tar(archive: tarfile.TarFile, entry: tarfile.TarInfo, target: Path) -> str:
    packed = archive.extractfile(entry)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.open("xb")
    except FileExistsError:
        return "another entry before it has its name"
    except OSError as error:
        return f"cannot be unpacked ({error.strerror})"
    with file:
        for part in _parts(packed, entry.size) if packed else ():
            file.write(part)
    return ""


def _written(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> str:
    target = folder.joinpath(*entry.filename.replace("\\", "/").split("/"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as packed, target.open("xb") as file:
            for part in _parts(packed, entry.file_size):
                file.write(part)
    except FileExistsError:
        return "another entry before it has its name"
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, OSError, RuntimeError) as error:
        return f"cannot be unpacked ({error})"
    return ""


def _parts(packed: IO[bytes], n_bytes: int) -> Iterator[bytes]:
    """At most what the directory promised; what goes on beyond it lied."""
    while n_bytes > 0 and (part := packed.read(min(_CHUNK, n_bytes))):
        n_bytes -= len(part)
        yield part
