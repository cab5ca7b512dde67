"""The disk is full, of database, index or media: readers read on, writers are told, and all goes on when there is room.

Each lies on a file system of its own in memory, a few megabytes wide; mounting one needs root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import database
from tests.importers import samples
from tests.served import Editor, Institute, Serving, found_by_search, until

pytestmark = [
    pytest.mark.crash,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounts small file systems: run as root"),
    pytest.mark.skipif(bool(database.POSTGRES_URL), reason="fills SQLite's disk"),
]

_ADD = "/admin/publications/add/"
_PIECES = """
from isthmus.publications import actions
from isthmus.publications.models import Publication
for n in range(10):
    piece = Publication(title=f"Quillon {n}", body=[("text", "<p>Quillon.</p>")])
    actions.save_draft(piece)
    actions.release(piece)
"""
_PICTURE = """
from PIL import Image as Pixels
from io import BytesIO
from django.core.files.base import ContentFile
from isthmus.publications import actions
from isthmus.publications.models import Image, Publication
raw = BytesIO()
Pixels.effect_noise((900, 600), 50).save(raw, "PNG")
image = Image.objects.create(title="Noise", file=ContentFile(raw.getvalue(), "noise.png"))
image._set_file_hash()
image.save()
piece = Publication(title="Quillon picture", lead_image=image)
actions.save_draft(piece)
actions.release(piece)
print(f"/images/{image.pk}/{image.file_hash[:10]}/480.webp", flush=True)
"""


class Disk:
    """A file system of its own, which can be filled to the last byte and emptied again."""

    def __init__(self, place: Path, *, mb: int) -> None:
        self.place, self._filler = place, place / "filler"
        kept = place.with_name(f"{place.name}.kept")
        place.rename(kept)
        place.mkdir()
        options = f"size={mb}m,mode={kept.stat().st_mode & 0o777:o}"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, text=True, check=False
        )
        if mounted.returncode:
            pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
        shutil.copytree(kept, place, dirs_exist_ok=True)

    def fill(self) -> None:
        """Until nothing more goes on it."""
        for size in (1 << 20, 4096, 1):
            with suppress(OSError), self._filler.open("ab", buffering=0) as filler:
                while filler.write(b"x" * size):
                    pass

    def make_room(self) -> None:
        """As an operator does."""
        self._filler.unlink()

    def unmount(self) -> None:
        """Even while somebody still uses it."""
        subprocess.run(["umount", "--lazy", str(self.place)], check=False)


@pytest.fixture(scope="module")
def grown(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Institute:
    made = Institute.new(tmp_path_factory.mktemp("grown"))
    assert made.start(_PIECES).wait(120) == 0
    made.must("index", "rebuild")
    return made


@pytest.fixture
def institute(grown: Institute, tmp_path: Path) -> Institute:
    return grown.copied_to(tmp_path / "institute")


@pytest.fixture
def disks() -> Iterator[list[Disk]]:
    mounted: list[Disk] = []
    yield mounted
    for disk in reversed(mounted):
        disk.unmount()


def form(title: str) -> dict[str, object]:
    from tests.publications.editing.forms_sent import sent

    return {**sent(title, text="<p>Quillon.</p>"), "action-publish": "1"}


def assert_readable(serving: Serving) -> None:
    for path in ("/", "/publications/", "/publications/quillon-3/", "/feed/", "/sitemap.xml", "/search/?q=quillon"):
        assert serving.status(path) == 200, path
    assert len(found_by_search(serving, "quillon")) >= 10


def archive(directory: Path, n: int) -> Path:
    """A file of records of some 3 kB each."""
    words = [f"word{number * 7919 % 9973}" for number in range(400)]
    made = [samples.record(number, html=f"<p>{' '.join(words)} {number}.</p>") for number in range(n)]
    return samples.write_records(directory / "archive.jsonl", made)


def public_and_all(institute: Institute) -> list[tuple[int, ...]]:
    return institute.rows("SELECT COALESCE(SUM(live), 0), COUNT(*) FROM isthmus_publications_publication")


def test_a_full_disk_of_the_database(institute: Institute, disks: list[Disk], tmp_path: Path):
    disks.append(Disk(institute.data, mb=24))
    with institute.served() as serving:
        editor = Editor(serving)
        editor.log_in()
        disks[0].fill()

        assert_readable(serving)
        status, page = editor.post(_ADD, form("Not saved"))
        assert status == 507, page[:300]
        assert "The disk is full" in page
        assert "Nothing was saved" in page
        before = public_and_all(institute)
        brought_in = institute.run("import", str(archive(tmp_path, 200)))
        assert brought_in.returncode == 1, brought_in.stdout + brought_in.stderr
        last = brought_in.stderr.strip().splitlines()[-1]
        assert last.startswith("isthmus: The disk is full")
        assert "Traceback" not in brought_in.stderr
        assert public_and_all(institute) == before == [(10, 10)]
        assert institute.rows("PRAGMA integrity_check") == [("ok",)]
        assert_readable(serving)

        disks[0].make_room()
        assert editor.post(_ADD, form("Quillon saved"))[0] == 302
        until(lambda: "Quillon saved" in found_by_search(serving, "quillon"), within_s=90, but=serving.said)
        assert "200 items read: 200 created" in institute.must("import", str(archive(tmp_path, 200)))
        assert public_and_all(institute) == [(211, 211)]


@pytest.mark.parametrize("index_has_room", [True, False], ids=["the database's", "of database and index"])
def test_an_import_that_fills_the_disk_stops_in_a_sentence_and_goes_on_later(
    institute: Institute, disks: list[Disk], tmp_path: Path, index_has_room: bool
):
    disks.append(Disk(institute.data, mb=8))
    if index_has_room:
        disks.append(Disk(institute.data / "index", mb=100))

    brought_in = institute.run("import", str(archive(tmp_path, 3000)))

    assert brought_in.returncode == 1, brought_in.stderr
    assert brought_in.stderr.strip().splitlines()[-1].startswith("isthmus: The disk is full")
    n_public, _ = public_and_all(institute)[0]
    assert n_public == 10, "nothing of an import that was not released is public"
    assert institute.rows("PRAGMA integrity_check") == [("ok",)]
    subprocess.run(["mount", "-o", "remount,size=200m", str(disks[0].place)], check=True)
    institute.must("import", str(archive(tmp_path, 3000)))
    assert public_and_all(institute) == [(3010, 3010)]


def test_a_full_disk_of_the_index(institute: Institute, disks: list[Disk]):
    disks.append(Disk(institute.data / "index", mb=4))
    with institute.served() as serving:
        editor = Editor(serving)
        editor.log_in()
        disks[0].fill()

        assert editor.post(_ADD, form("Quillon unindexed"))[0] == 302
        assert_readable(serving)
        assert serving.status("/publications/quillon-unindexed/") == 200
        assert "Total Index: 11 publications." in serving.get("/")[1]

        disks[0].make_room()
        until(lambda: "Quillon unindexed" in found_by_search(serving, "quillon"), within_s=90, but=serving.said)
    assert "say the same" in institute.must("index", "check")


def test_a_full_disk_of_the_media(institute: Institute, disks: list[Disk]):
    disks.append(Disk(institute.data / "media", mb=4))
    with institute.served() as serving:
        added = institute.start(_PICTURE)
        picture = added.communicate(timeout=120)[0].strip()
        assert picture.endswith("/480.webp")
        editor = Editor(serving)
        editor.log_in()
        disks[0].fill()
        before = names_in(disks[0])

        assert serving.status(picture) == 200, "a picture is shown at a width for which there is no room"
        status, page = editor.upload("/admin/documents/add/", {"title": "Report"}, "report.pdf", os.urandom(300_000))
        assert status == 507, page[:300]
        assert "The disk is full" in page
        assert names_in(disks[0]) == before, "no part of a file is left"
        assert institute.rows("SELECT COUNT(*) FROM isthmus_publications_document") == [(0,)]
        assert_readable(serving)

        disks[0].make_room()
        assert editor.upload("/admin/documents/add/", {"title": "Report"}, "report.pdf", b"%PDF-1.4 text")[0] == 302
        assert serving.status(picture) == 200
        assert any(name.endswith(".webp") for name in names_in(disks[0]))


def names_in(disk: Disk) -> list[str]:
    return sorted(str(path) for path in disk.place.rglob("*") if path.is_file() and path.stat().st_size != 0)
