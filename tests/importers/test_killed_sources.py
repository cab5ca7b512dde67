"""kill -9 between random statements of an import from each source: the end is that of an import nobody killed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import signal
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Picture

from tests import database
from tests.importers import samples
from tests.served import Institute

pytestmark = [pytest.mark.crash, pytest.mark.slow]

N_KILLS = int(os.environ.get("ISTHMUS_TEST_KILLS", "3"))
# More kills of one import than this, and hardly one of them comes later than its first steps.
_KILLS_IN_A_ROW = 3
EXPORTS = Path(__file__).parent / "exports"
# A batch an item, so that a kill finds some of the few items committed and some not.
_IMPORT = """
import json, os, signal
from pathlib import Path
from django.db import connection
from isthmus.importers import actions, staging
staging._BATCH, dies_at, n_steps = 1, int(sys.argv[2]), 0

def step(execute, *statement):
    global n_steps
    n_steps += 1
    if n_steps == dies_at:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(*statement)

with connection.execute_wrapper(step):
    report = actions.run_import(Path(sys.argv[1]))
print(json.dumps({**report.as_json(), "n_steps": n_steps}))
"""
_EXPORT = """
from pathlib import Path
from isthmus.importers.own_export import writing
writing.write_export(Path(sys.argv[1]))
"""
# What readers, editors and followers may find, by names that do not depend on how often something was begun.
_STATE = {
    "pieces": """SELECT identity, slug, title, live, staged_in, published_on, published_at, go_live_at, body
        FROM isthmus_publications_publication""",
    "pages": """SELECT p.title, p.url_path, p.live, s.body FROM wagtailcore_page p
        JOIN isthmus_publications_standardpage s ON s.page_ptr_id = p.id""",
    "people": """SELECT n.name, b.role, b.printed_name, p.identity FROM isthmus_publications_byline b
        JOIN isthmus_publications_person n ON n.id = b.person_id
        JOIN isthmus_publications_publication p ON p.id = b.publication_id""",
    "categories": "SELECT label, slug FROM isthmus_publications_category",
    "redirects": """SELECT f.path, p.identity, n.name, w.slug FROM isthmus_publications_formeraddress f
        LEFT JOIN isthmus_publications_publication p ON p.id = f.publication_id
        LEFT JOIN isthmus_publications_person n ON n.id = f.person_id
        LEFT JOIN wagtailcore_page w ON w.id = f.page_id""",
    "files": "SELECT title, file_hash FROM isthmus_publications_document",
    "pictures": "SELECT title, file_hash, alt_text FROM isthmus_publications_image",
    "offered": """SELECT p.identity, a.title, d.file_hash FROM isthmus_publications_attachment a
        JOIN isthmus_publications_publication p ON p.id = a.publication_id
        JOIN isthmus_publications_document d ON d.id = a.document_id""",
    "told": """SELECT p.identity, c.what, c.is_news FROM isthmus_publications_journalentry c
        JOIN isthmus_publications_publication p ON c.subject = 'pub:' || p.id""",
    "revisions": """SELECT p.identity, COUNT(*) FROM wagtailcore_revision r
        JOIN isthmus_publications_publication p ON r.object_id = p.id
        JOIN django_content_type t ON t.id = r.content_type_id AND t.model = 'publication' GROUP BY 1""",
}  # fmt: skip


class Moved:
    """An institute that archives move into again and again, from nothing each time."""

    def __init__(self, institute: Institute, empty: Path) -> None:
        self._institute, self._empty = institute, empty

    def forget(self) -> None:
        """Back to an empty database and no file."""
        shutil.rmtree(self._institute.data, ignore_errors=True)
        self._institute.data.mkdir()
        shutil.copyfile(self._empty, self._institute.data / "isthmus.db")

    def killed(self, archive: Path, step: int) -> bool:
        """An import killed in front of a statement, counted from 1; whether it got as far as that."""
        running = self._institute.start(_IMPORT, str(archive), str(step))
        complaint = running.communicate(timeout=300)[1]
        assert running.returncode in (0, -signal.SIGKILL), complaint
        return running.returncode != 0

    def done(self, archive: Path) -> tuple[dict[str, Any], int]:
        """An import to its end: its report, in an order of its own, and the number of statements it took."""
        running = self._institute.start(_IMPORT, str(archive), "0")
        said, complaint = running.communicate(timeout=300)
        assert running.returncode == 0, complaint
        report = json.loads(said)
        ordered = {
            "counts": report["counts"],
            "skipped": sorted((row["where"], row["reason"]) for row in report["skipped"]),
            "warnings": sorted((row["id"], row["kind"], row["text"]) for row in report["warnings"]),
        }
        return ordered, report["n_steps"]

    def state(self) -> dict[str, list[str]]:
        """All there is, as other processes see it, and the files in the media folder by what they hold."""
        found = {name: sorted(map(repr, self._institute.rows(question))) for name, question in _STATE.items()}
        media = self._institute.data / "media"
        found["stored"] = sorted(
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in media.rglob("*")
            if path.is_file() and path.parent.name in ("documents", "original_images")
        )
        return found

    def n_public(self) -> int:
        """Pieces that anybody may see."""
        return int(self._institute.rows("SELECT COUNT(*) FROM isthmus_publications_publication WHERE live")[0][0])

    def is_released(self) -> bool:
        """Whether the import's one great step is done."""
        return bool(self._institute.rows("SELECT 1 FROM isthmus_importers_importrun WHERE state = 'released'"))

    def export(self, out: Path) -> None:
        """Isthmus's own export of what is there."""
        running = self._institute.start(_EXPORT, str(out))
        complaint = running.communicate(timeout=120)[1]
        assert running.returncode == 0, complaint


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Moved:
    """One institute for all sources, since loading the program takes longer than these imports."""
    if database.POSTGRES_URL:
        pytest.skip("copies a database file; on PostgreSQL the same transactions are the server's business")
    directory = tmp_path_factory.mktemp("killed")
    institute = Institute.new(directory / "institute")
    empty = Path(shutil.copyfile(institute.data / "isthmus.db", directory / "empty.db"))
    return Moved(institute, empty)


def picture(folder: Path) -> None:
    """A quay.jpg where the WordPress export's picture stood."""
    (folder / "up").mkdir()
    buffer = io.BytesIO()
    Picture.new("RGB", (60, 40), "blue").save(buffer, "JPEG")
    (folder / "up" / "quay.jpg").write_bytes(buffer.getvalue())


def wordpress(folder: Path, moved: Moved) -> Path:
    picture(folder)
    shutil.copy(EXPORTS / "wordpress.xml", folder)
    return folder


def ghost(folder: Path, moved: Moved) -> Path:
    return Path(shutil.copy(EXPORTS / "ghost-6.json", folder))


def markdown(folder: Path, moved: Moved) -> Path:
    return Path(shutil.copytree(EXPORTS / "jekyll", folder / "jekyll"))


def html(folder: Path, moved: Moved) -> Path:
    for name in ("page.html", "korean.html"):
        shutil.copy(EXPORTS / name, folder)
    return folder


def feed(folder: Path, moved: Moved) -> Path:
    for name in ("feed.xml", "feed.atom", "feed.json"):
        shutil.copy(EXPORTS / name, folder)
    return folder


def pdf(folder: Path, moved: Moved) -> Path:
    return Path(shutil.copytree(EXPORTS / "pdfs", folder / "pdfs"))


def records(folder: Path, moved: Moved) -> Path:
    return samples.write_records(folder / "records.jsonl", [samples.record(n, aliases=[f"/a/{n}/"]) for n in range(8)])


def own_export(folder: Path, moved: Moved) -> Path:
    moved.forget()
    (folder / "wordpress").mkdir()
    moved.done(wordpress(folder / "wordpress", moved))
    moved.export(folder / "export")
    return folder / "export"


@pytest.mark.parametrize("archive_of", [wordpress, ghost, markdown, html, feed, pdf, records, own_export])
def test_an_import_killed_at_random_moments_ends_as_one_that_was_not(
    moved: Moved, tmp_path: Path, archive_of: Callable[[Path, Moved], Path]
) -> None:
    archive = archive_of(tmp_path, moved)
    moved.forget()
    report, n_steps = moved.done(archive)
    end, n_public = moved.state(), moved.n_public()
    assert end["pieces"]

    chance, n_left = random.Random(zlib.crc32(archive_of.__name__.encode())), N_KILLS
    while n_left > 0:
        moved.forget()
        for _ in range(min(n_left, _KILLS_IN_A_ROW)):
            was_killed = moved.killed(archive, chance.randint(1, n_steps))
            n_left -= was_killed
            is_released = moved.is_released()
            assert moved.n_public() == (n_public if is_released else 0)
            if is_released:
                break
        again, _ = moved.done(archive)

        assert moved.state() == end
        assert again["skipped"] == report["skipped"]
        if is_released:
            assert again["counts"]["unchanged"] == again["counts"]["read"] - again["counts"]["skipped"]
        else:
            assert again == report
