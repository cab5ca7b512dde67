"""A damaged, truncated or forged backup is refused with a sentence, before anything of it is believed."""

from __future__ import annotations

import json
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from isthmus.kit.errors import UsageError
from isthmus.server.backup import archive, restoring, verifying
from isthmus.server.backup import manifest as contents
from isthmus.server.backup.manifest import BackupUnusable
from tests.server.backups import MADE_AT, PICTURE, good, info, manifest, parts, ticking, zipped


def refused(path: Path, held: bytes) -> str:
    """What is said of it, by verifying and by restoring, which leaves nothing behind."""
    path.write_bytes(held)
    with pytest.raises(BackupUnusable) as said:
        verifying.verify(path, ticking=ticking)
    with pytest.raises(BackupUnusable):
        restoring.restore(path, path.parent / "restored", ticking=ticking)
    assert not (path.parent / "restored").exists()
    return str(said.value)


def test_a_good_backup_is_good_and_says_what_was_lost_before_it(tmp_path: Path):
    found = verifying.verify(good(tmp_path), ticking=ticking)

    assert found.as_json()["rows"] == 3
    assert "lost.png" in found.notes[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.zip", "made.db"], "nothing is left beside it"


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.6, 0.95, 0.999])
def test_a_truncated_backup_is_refused(tmp_path: Path, part: float):
    whole = good(tmp_path).read_bytes()

    said = refused(tmp_path / "cut.zip", whole[: int(len(whole) * part)])

    assert "cut.zip" in said


def test_a_changed_byte_in_any_member_is_found(tmp_path: Path):
    path = good(tmp_path)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as opened:
        infos = opened.infolist()

    for one in infos:
        changed = bytearray(whole)
        changed[one.header_offset + 30 + len(one.filename) + one.compress_size // 2] ^= 0x10
        refused(tmp_path / "changed.zip", bytes(changed))


@pytest.mark.parametrize(
    "name",
    [
        "../outside", "/etc/passwd", "media/../../outside", "media/./x", "media//x", "media\\x", "media", "index/x",
        "C:/x", "media/a\nb", "data/isthmus.db", "media/" + "x" * 2000, "secrets/..", "",
    ],
)  # fmt: skip
def test_a_member_that_would_lie_elsewhere_is_refused(tmp_path: Path, name: str):
    members = {**parts(tmp_path), name: b"x"}

    refused(tmp_path / "forged.zip", zipped(members, manifest(members)))

    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFCHR, stat.S_IFIFO])
def test_links_folders_and_devices_are_refused(tmp_path: Path, kind: int):
    members = parts(tmp_path)

    said = refused(tmp_path / "forged.zip", zipped(members, manifest(members), more=[info("media/link", kind | 0o777)]))

    assert "no plain file" in said


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_the_table_of_contents_does_not_name_or_names_twice_is_refused(tmp_path: Path):
    members = parts(tmp_path)

    assert "does not name" in refused(
        tmp_path / "more.zip", zipped(members, manifest(members), more=[info("media/more.png")])
    )
    assert "twice" in refused(
        tmp_path / "twice.zip", zipped(members, manifest(members), more=[info("media/original_images/pier.png")])
    )
    less = {name: held for name, held in members.items() if not name.startswith("media")}
    assert "lacks media/" in refused(tmp_path / "less.zip", zipped(less, manifest(members)))


def test_members_laid_over_each_other_are_refused(tmp_path: Path):
    whole = bytearray(good(tmp_path).read_bytes())
    # The directory at the end says where each member begins: all but the first are led to the first.
    at = whole.find(b"PK\x01\x02")
    at = whole.find(b"PK\x01\x02", at + 4)
    while at >= 0:
        whole[at + 42 : at + 46] = struct.pack("<I", 0)
        at = whole.find(b"PK\x01\x02", at + 4)

    assert "overlap" in refused(tmp_path / "bomb.zip", bytes(whole))


def test_a_member_that_unpacks_to_more_than_it_says_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    members = {**parts(tmp_path), "media/bomb.bin": b"\0" * 50_000_000}
    listed = manifest(members)
    listed.members["media/bomb.bin"] = contents.Member(1000, "0" * 64)
    whole = bytearray(zipped(members, listed))
    head = whole.find(b"media/bomb.bin", whole.find(b"PK\x01\x02"))
    whole[head - 46 + 24 : head - 46 + 28] = struct.pack("<I", 1000)
    written: list[int] = []
    real = os.fdopen
    monkeypatch.setattr(os, "fdopen", lambda *given: _Counting(real(*given), written))

    refused(tmp_path / "bomb.zip", bytes(whole))

    assert sum(written) < 5_000_000


class _Counting:
    """A file that remembers how much was written."""

    def __init__(self, file: object, written: list[int]) -> None:
        self._file, self._written = file, written

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def __enter__(self) -> _Counting:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()  # type: ignore[attr-defined]

    def write(self, chunk: bytes) -> int:
        self._written.append(len(chunk))
        return int(self._file.write(chunk))  # type: ignore[attr-defined]


def _listing(change: Callable[[dict], object]) -> Callable[[bytes], bytes]:
    def changed(listed: bytes) -> bytes:
        found = json.loads(listed)
        change(found)
        return json.dumps(found).encode()

    return changed


@pytest.mark.parametrize(
    "change",
    [
        lambda listed: b"",
        lambda listed: b"[]",
        lambda listed: b"[" * 100_000,
        _listing(lambda found: found.update(format=2)),
        _listing(lambda found: found.pop("database")),
        _listing(lambda found: found.update(made_at="2026-11-23T09:00:00")),
        _listing(lambda found: found["members"].pop("isthmus.toml")),
        _listing(lambda found: found["database"].update(kind="mysql")),
        _listing(lambda found: found["database"]["counts"].update(django_migrations=-1)),
        _listing(lambda found: found["database"]["counts"].update(django_migrations=2)),
        _listing(lambda found: found["database"].update(migrations=["isthmus_publications.0000_none"])),
        _listing(lambda found: found.update(missing=[])),
        _listing(lambda found: found["members"]["isthmus.toml"].update(sha256="../x")),
    ],
)
def test_a_table_of_contents_that_does_not_fit_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]):
    members = parts(tmp_path)

    refused(tmp_path / "forged.zip", zipped(members, change(manifest(members).to_json())))


def test_a_damaged_database_is_found_though_its_hash_is_right(tmp_path: Path):
    members = parts(tmp_path)
    damaged = bytearray(members[contents.SQLITE])
    damaged[4096:8192] = os.urandom(4096)
    members[contents.SQLITE] = bytes(damaged)

    assert "damaged" in refused(tmp_path / "damaged.zip", zipped(members, manifest(members)))


@pytest.mark.parametrize(
    "newer", [{"version": "7.0"}, {"migrations": ["isthmus_publications.0001_users", "isthmus_publications.9999_x"]}]
)
def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path, newer: dict):
    members = parts(tmp_path)
    path = tmp_path / "newer.zip"
    path.write_bytes(zipped(members, manifest(members, **newer)))

    with pytest.raises(BackupUnusable, match="newer Isthmus"):
        restoring.restore(path, tmp_path / "restored", ticking=ticking)

    assert not (tmp_path / "restored").exists()


def test_a_restore_makes_the_directory_whole_and_marks_the_database(tmp_path: Path):
    into = tmp_path / "in" / "restored"

    done = restoring.restore(good(tmp_path), into, ticking=ticking)

    assert done.directory == into
    assert sorted(path.name for path in into.iterdir()) == ["data", "isthmus.toml", "theme"]
    assert (into / "data" / "media" / "original_images" / "pier.png").read_bytes() == PICTURE
    for secret in (into / "data", into / "data" / "secrets", into / "data" / "secrets" / "mail-1.key"):
        assert not stat.S_IMODE(secret.stat().st_mode) & 0o077
    with verifying.sqlite.opened(into / "data" / "isthmus.db") as rows:
        found = rows.execute("SELECT mark, accepted_at FROM isthmus_mailing_machine ORDER BY id").fetchall()
    assert found[0] == ("backed up", MADE_AT.replace(tzinfo=None).isoformat(" "))
    assert found[1][0] == "restored"


def test_a_directory_that_holds_anything_is_left_alone(tmp_path: Path):
    path = good(tmp_path)
    into = tmp_path / "full"
    into.mkdir()
    (into / "letter.txt").write_text("mine")

    with pytest.raises(UsageError, match=r"letter\.txt"):
        restoring.restore(path, into, ticking=ticking)

    assert [one.name for one in into.iterdir()] == ["letter.txt"]


def test_a_restore_that_was_cut_short_is_begun_again(tmp_path: Path):
    path, into = good(tmp_path), tmp_path / "restored"
    # As a kill between two of the last renames leaves it.
    (into / ".restoring" / "new").mkdir(parents=True)
    (into / ".restoring" / "new" / "isthmus.toml").write_text("half")
    (into / "data" / "media").mkdir(parents=True)
    (into / "data" / "media" / "old.png").write_text("of another backup")

    restoring.restore(path, into, ticking=ticking)

    assert sorted(one.name for one in into.iterdir()) == ["data", "isthmus.toml", "theme"]
    assert not (into / "data" / "media" / "old.png").exists()
    with pytest.raises(UsageError, match="not empty"):
        restoring.restore(path, into, ticking=ticking)


def test_options_that_name_another_database_are_changed_so_that_the_original_is_not_written_to(tmp_path: Path):
    members = parts(tmp_path)
    members[contents.OPTIONS] = (
        b'name = "A"\ndatabase = "postgresql://isthmus@localhost/original"\n'
        b'\n[kinds.memo]\nlabel = "Memo"\nplural = "Memos"\n'
    )
    path, into = tmp_path / "b.zip", tmp_path / "restored"
    path.write_bytes(zipped(members, manifest(members)))

    restoring.restore(path, into, ticking=ticking)

    assert 'database = "sqlite"\n\n[kinds.memo]' in (into / "isthmus.toml").read_text()


def test_a_backup_of_postgresql_asks_for_a_database(tmp_path: Path):
    members = parts(tmp_path)
    members[contents.POSTGRESQL] = members.pop(contents.SQLITE)
    path = tmp_path / "b.zip"
    path.write_bytes(zipped(members, manifest(members, kind="postgresql")))

    with pytest.raises(UsageError, match="--database"):
        restoring.restore(path, tmp_path / "restored", ticking=ticking)


def test_a_full_disk_leaves_no_part_of_an_archive_and_the_older_one(tmp_path: Path):
    path = good(tmp_path)
    older = path.read_bytes()

    with pytest.raises(OSError, match="No space"), archive.written(path) as writer:
        writer.add("media/x", _Full())  # type: ignore[arg-type]

    assert path.read_bytes() == older
    assert sorted(one.name for one in tmp_path.iterdir()) == ["good.zip", "made.db"]


class _Full:
    def read(self, n: int) -> bytes:
        raise OSError(5, "No space that can be named")
