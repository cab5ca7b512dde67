"""kill -9 of a backup and a restore in front of any write, sync or rename: nothing half, and the next is whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from isthmus.server.backup import verifying
from tests import database, figures
from tests.dying import Dying
from tests.served import Institute
from tests.server.backups import ticking

pytestmark = [
    pytest.mark.crash,
    pytest.mark.slow,
    pytest.mark.skipif(bool(database.POSTGRES_URL), reason="makes institutes with SQLite files"),
]

N_KILLS = int(os.environ.get("ISTHMUS_TEST_KILLS", "3"))
_FILL = """
from django.core.files.base import ContentFile
from isthmus.publications.models import Document
for n in range(8):
    Document(title=f"Data {n}", file=ContentFile(bytes(3_000_000), f"data-{n}.zip")).save()
"""
_BACK_UP = """
import contextlib
from pathlib import Path
from isthmus.server.backup.making import back_up
back_up(Path(sys.argv[1]), ticking=lambda total: contextlib.nullcontext(lambda n: None))
"""
_RESTORE = """
import contextlib
from pathlib import Path
from isthmus.server.backup.restoring import restore
restore(Path(sys.argv[1]), Path(sys.argv[2]), ticking=lambda total: contextlib.nullcontext(lambda n: None))
"""


@pytest.fixture(scope="module")
def institute(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Institute:
    made = Institute.new(tmp_path_factory.mktemp("institute"))
    assert ended(made, _FILL) == (0, "")
    return made


def ended(institute: Institute, code: str, *words: str, **more: str) -> tuple[int, str]:
    """How a process ended, and what it complained of."""
    process = institute.start(code, *words, **more)
    said = process.communicate(timeout=300)[1]
    return process.returncode, said


def steps(n_steps: int) -> list[int]:
    """N_KILLS of them, from the first to the last."""
    return sorted({1 + round(number * (n_steps - 1) / max(1, N_KILLS - 1)) for number in range(N_KILLS)})


def test_a_killed_backup_leaves_the_older_one_and_the_next_is_whole(institute: Institute, tmp_path: Path):
    vault = tmp_path / "vault"
    vault.mkdir()
    path, dying = vault / "institute.zip", Dying(tmp_path, vault)
    assert ended(institute, _BACK_UP, str(path), **dying.counting()) == (0, "")
    older, n_killed = path.read_bytes(), 0

    for step in steps(dying.n_steps()):
        n_killed += ended(institute, _BACK_UP, str(path), **dying.at(step))[0] == -9
        verifying.verify(path, ticking=ticking)

    assert n_killed == len(steps(dying.n_steps()))
    assert path.read_bytes() != b""
    assert ended(institute, _BACK_UP, str(path)) == (0, "")
    assert path.read_bytes() != older
    assert [one.name for one in vault.iterdir()] == ["institute.zip"], "parts and journals do not pile up"
    assert not (institute.data / "media" / ".backup").exists()
    figures.note("kill -9 of a backup", [("kills; backups that were not whole", f"{n_killed}; 0", "40; 0")])


def test_a_killed_restore_is_no_institute_and_is_begun_again(institute: Institute, tmp_path: Path):
    path, place = tmp_path / "institute.zip", tmp_path / "restored"
    assert ended(institute, _BACK_UP, str(path)) == (0, "")
    dying = Dying(tmp_path, place)
    assert ended(institute, _RESTORE, str(path), str(place / "counted"), **dying.counting()) == (0, "")
    whole, n_killed, n_done = tree(place / "counted"), 0, 0

    for step in steps(dying.n_steps()):
        into = place / f"killed-{step}"
        n_killed += ended(institute, _RESTORE, str(path), str(into), **dying.at(step))[0] == -9
        if (into / "isthmus.toml").exists():
            n_done += 1
        else:
            assert ended(institute, _RESTORE, str(path), str(into)) == (0, "")
        assert tree(into) == whole

    assert n_killed == len(steps(dying.n_steps()))
    figures.note(
        "kill -9 of a restore",
        [
            (
                "kills; directories that were neither empty nor whole",
                f"{n_killed}, {n_done} of them at the end; 0",
                "40; 0",
            )
        ],
    )


def tree(directory: Path) -> dict[str, int]:
    """Every file with its size; but for the database, whose two last rows name the minute."""
    found = (one for one in directory.rglob("*") if one.is_file() and ".restoring" not in one.parts)
    return {one.relative_to(directory).as_posix(): one.stat().st_size for one in found}
