"""The archive itself: a zip whose members are hashed as they go in, and read with the distrust a found file deserves.

A zip, so that one file can be taken out with any tool at hand. Media are stored as they are, since pictures and PDFs
are compressed already; the database is deflated.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import IO

from isthmus.kit import files
from isthmus.server.backup import manifest as contents
from isthmus.server.backup.manifest import BackupUnusable, Manifest, Member

CHUNK_BYTES = 1024 * 1024
# Of a database of 115 MB level 1 left 34 % in 1.7 s of CPU, level 6 left 28 % in 5.3 s.
_LEVEL = 1
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_HEADER_BYTES = 30
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
# Each part of a name a backup has in the making; what a killed one left goes when the next is made.
_PART = ".part"

Told = Callable[[int], None]


class Writer:
    """Takes members one after the other; `members` says what went in."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, Member] = {}

    def add(self, path: str, source: IO[bytes], *, mode: int = 0o600, is_packed: bool = False) -> None:
        """Put what the source holds under a path. is_packed: it is compressed already. Raises: OSError."""
        info = zipfile.ZipInfo(contents.safe_path(path), date_time=time.gmtime()[:6])
        info.external_attr = (stat.S_IFREG | mode) << 16
        info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        # What `open` of an archive takes from nowhere else; the type stubs do not know it.
        info._compresslevel = _LEVEL  # type: ignore[attr-defined]
        digest, n_bytes = hashlib.sha256(), 0
        with self._archive.open(info, "w", force_zip64=True) as target:
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                n_bytes += len(chunk)
                target.write(chunk)
        self.members[path] = Member(n_bytes, digest.hexdigest())

    def close_with(self, manifest: Manifest) -> None:
        """Write the table of contents, which makes it a backup."""
        info = zipfile.ZipInfo(contents.NAME, date_time=time.gmtime()[:6])
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        self._archive.writestr(info, manifest.to_json())


@contextmanager
def written(path: Path) -> Iterator[Writer]:
    """A writer whose archive appears at `path`, whole, synced and for this user alone, when the block ends well.

    Raises: DiskFull; OSError. Nothing is left behind then, and what stood there stays.
    """
    beside = beside_of(path)
    with files.disk_full_said(path):
        try:
            with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w+b") as file:
                with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
                    yield Writer(archive)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
        files.sync_directory(path.parent)


def beside_of(path: Path) -> Path:
    """A name of our own beside a file that is being made."""
    return path.with_name(f".{path.name[:200]}.{token_hex(6)}{_PART}")


def remove_left_overs(path: Path) -> None:
    """Remove what a killed run left beside a file that it was making; call it where no other run can be under way."""
    for part in path.parent.glob(f".{path.name[:200].replace('[', '[[]')}.*{_PART}*"):
        part.unlink()


class Reader:
    """An archive whose shape was checked: only regular members, each once, none over another, all of them listed."""

    def __init__(self, path: Path) -> None:
        """Raises: BackupUnusable; OSError where the file cannot be read at all."""
        self.path = path
        self._file = path.open("rb")
        try:
            self._open()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Reader:
        """Itself; the block's end closes the file."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._archive.close()
        self._file.close()

    def _open(self) -> None:
        try:
            self._archive = zipfile.ZipFile(self._file)
        except _BROKEN as error:
            raise BackupUnusable(
                f"{self.path} is no backup of Isthmus, or its end is missing ({error}): take another backup."
            ) from error
        with self._said():
            infos = self._archive.infolist()
            _require_shape(infos, self.path.stat().st_size)
            self.manifest = contents.read(self._manifest_bytes())
            self._infos = {info.filename: info for info in infos if info.filename != contents.NAME}
            _require_equal(self.manifest, self._infos)

    def _manifest_bytes(self) -> bytes:
        info = next((one for one in self._archive.infolist() if one.filename == contents.NAME), None)
        if info is None:
            raise BackupUnusable("It has no table of contents, so it is none of Isthmus's backups.")
        if info.file_size > contents.MAX_BYTES:
            raise BackupUnusable("Its table of contents is larger than any backup needs: do not use it.")
        with self._archive.open(info) as source:
            return source.read(contents.MAX_BYTES + 1)

    def copy(self, path: str, target: IO[bytes] | None) -> None:
        """Read a member to its end, into the target if there is one. Raises: BackupUnusable where it is not as listed.

        Never writes more than the table of contents says.
        """
        wanted, digest, n_bytes = self.manifest.members[path], hashlib.sha256(), 0
        with self._said(path), self._archive.open(self._infos[path]) as source:
            while chunk := source.read(CHUNK_BYTES):
                n_bytes += len(chunk)
                if n_bytes > wanted.n_bytes:
                    break
                digest.update(chunk)
                if target is not None:
                    target.write(chunk)
        if n_bytes != wanted.n_bytes or digest.hexdigest() != wanted.sha256:
            raise BackupUnusable(f"{self.path}: {path} is not what was backed up: take another backup.")

    def mode(self, path: str) -> int:
        """The permission bits a member was stored with, without any that would make it a program."""
        return (self._infos[path].external_attr >> 16) & 0o666

    @contextmanager
    def _said(self, path: str = "") -> Iterator[None]:
        """Turn what a broken archive raises into a sentence that names the file."""
        try:
            yield
        except BackupUnusable as error:
            raise BackupUnusable(f"{self.path} cannot be used. {error}") from error
        except _BROKEN as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            where = f"{path} in it" if path else "it"
            raise BackupUnusable(f"{self.path} is damaged ({where}: {error}): take another backup.") from error


def _require_shape(infos: list[zipfile.ZipInfo], n_bytes: int) -> None:
    """Refuse what no backup has: links, devices, encryption, one name twice, members over each other.

    The last is how a small zip unpacks to petabytes; without it no zip grows to more than 1,032 times its size.
    """
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or info.filename.endswith("/"):
            raise BackupUnusable(f"{info.filename[:200]!r} in it is no plain file: do not use it.")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
            raise BackupUnusable(f"{info.filename[:200]!r} in it is packed in a way that no backup uses.")
        if info.header_offset < end or info.header_offset + info.compress_size > n_bytes:
            raise BackupUnusable("Its members overlap, as only in a file made to do harm: do not use it.")
        end = info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size
    if len({info.filename for info in infos}) != len(infos):
        raise BackupUnusable("It has one name twice, as no backup has: do not use it.")


def _require_equal(manifest: Manifest, infos: dict[str, zipfile.ZipInfo]) -> None:
    if surplus := sorted(infos.keys() - manifest.members.keys()):
        raise BackupUnusable(f"It holds {surplus[0][:200]!r}, which its table of contents does not name.")
    if missing := sorted(manifest.members.keys() - infos.keys()):
        raise BackupUnusable(f"It lacks {missing[0]}: take another backup.")
    for path, info in infos.items():
        if info.file_size != manifest.members[path].n_bytes:
            raise BackupUnusable(f"{path} in it is not as large as it was: take another backup.")
