"""kill -9 of the keeper while it commits and merges: the index ends equal to the database, and without a rebuild."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import database, figures
from tests.dying import Dying
from tests.served import Institute, Serving, found_by_search, until, with_slack

pytestmark = [
    pytest.mark.crash,
    pytest.mark.slow,
    pytest.mark.skipif(bool(database.POSTGRES_URL), reason="reads SQLite's file; the index is the same on PostgreSQL"),
]

N_KILLS = int(os.environ.get("ISTHMUS_TEST_KILLS", "5"))

# Revises, withdraws, deletes and releases: a round of it, or one after the other until it is killed.
_CHANGES = """
import itertools, random
from isthmus.publications import actions
from isthmus.publications.models import Publication
chance = random.Random(sys.argv[1])
def change():
    live = list(Publication.objects.filter(live=True).values_list("pk", flat=True))
    for pk in chance.sample(live, 3) if len(live) >= 100 else []:
        newest = Publication.objects.get(pk=pk).get_latest_revision_as_object()
        newest.title = f"Quillon {chance.random()}"
        actions.save_draft(newest)
        actions.release(Publication.objects.get(pk=pk))
    for pk in chance.sample(live, 3) if len(live) >= 100 else []:
        actions.withdraw(Publication.objects.get(pk=pk))
    Publication.objects.filter(pk__in=chance.sample(live, 1) if len(live) >= 100 else []).delete()
    for _ in range(5):
        words = "<p>Quillon. " + "word " * 300 + "</p>"
        piece = Publication(title=f"Quillon {chance.random()}", body=[("text", words)])
        actions.save_draft(piece)
        actions.release(piece)
for _ in range(int(sys.argv[2])) if sys.argv[2] != "on" else itertools.count():
    change()
    print("changed", flush=True)
"""
_TICKS = """
from isthmus.search.keeper import Keeper
keeper = Keeper()
for _ in range(int(sys.argv[1])):
    keeper.tick()
    print("ticked", flush=True)
"""
_SEARCH = "from isthmus.cli import main\nsys.exit(main())"
# What is held before and after one tick, and what comparing still finds.
_LOOK = """
import json
from isthmus.search import actions, keeper
from isthmus.search.fields import revision_number
from isthmus.search.shelf import shelf
before = shelf().current().state().seq
actions.keep()
held = dict(shelf().current().revisions())
wanted = {pk: revision_number(revision) for pk, revision in keeper._visible_revisions()}
found = actions.check()
print(json.dumps({"is_equal": held == wanted, "n": len(wanted), "is_clean": found.is_clean, "before": before}))
"""


def pointer(institute: Institute) -> str:
    return str(json.loads((institute.data / "index" / "CURRENT").read_text())["directory"])


def ended(running: subprocess.Popen[str]) -> list[str]:
    """The lines of a process that has to succeed."""
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, err
    return out.splitlines()


def killed(running: subprocess.Popen[str]) -> bool:
    """Whether it was killed, when it has ended."""
    out, err = running.communicate(timeout=300)
    assert running.returncode in (0, -signal.SIGKILL), out + err
    return running.returncode != 0


def look(institute: Institute) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ended(institute.start(_LOOK))[-1])
    return found


@pytest.fixture(scope="module")
def grown(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Institute:
    """An institute with 100 released pieces, all of them indexed."""
    made = Institute.new(tmp_path_factory.mktemp("grown"))
    ended(made.start(_CHANGES, "grown", "20"))
    ended(made.start(_TICKS, "1"))
    return made


def test_a_keeper_killed_at_any_moment_of_a_stream_converges(grown: Institute, tmp_path: Path):
    institute, chance = grown.copied_to(tmp_path / "institute"), random.Random(20261123)
    built = pointer(institute)

    for kill in range(N_KILLS):
        stream, keeper = institute.start(_CHANGES, str(kill), "on"), institute.start(_TICKS, "100000")
        for running in (stream, keeper):
            assert running.stdout is not None
            running.stdout.readline()
        time.sleep(chance.uniform(0.0, 1.0))
        keeper.kill()
        assert killed(keeper)
        stream.kill()
        assert killed(stream)

        found = look(institute)
        assert found["is_equal"], f"kill {kill}"
        assert found["is_clean"], f"kill {kill}"
    assert pointer(institute) == built, "it was made anew, not repaired"
    assert found["n"] > 90
    figures.note(
        "kill -9 of the keeper at random moments, updates and deletes streaming",
        [("kills", f"{N_KILLS}", "40"), ("index and database differ after; rebuilds", "0; 0", "0; 0")],
    )


def test_a_keeper_killed_at_any_step_on_the_disk_converges(grown: Institute, tmp_path: Path):
    institute, chance = grown.copied_to(tmp_path / "institute"), random.Random(20261124)
    built, dying, n_killed = pointer(institute), Dying(tmp_path, tmp_path / "institute" / "data" / "index"), 0
    ended(institute.start(_CHANGES, "count", "2"))
    ended(institute.start(_TICKS, "1", **dying.counting()))
    n_steps = dying.n_steps()
    assert n_steps > 10

    for kill in range(N_KILLS):
        ended(institute.start(_CHANGES, f"step {kill}", "2"))
        n_killed += killed(institute.start(_TICKS, "1", **dying.at(chance.randint(1, n_steps))))

        found = look(institute)
        assert found["is_equal"], f"kill {kill}"
        assert found["is_clean"], f"kill {kill}"
    assert pointer(institute) == built, "it was made anew, not repaired"
    assert n_killed > N_KILLS / 2, "a tick has steps that come and go, but not so many"
    figures.note(
        "kill -9 of the keeper at the n-th write, sync, rename or removal",
        [
            ("kills", f"{n_killed} among the {n_steps} steps of a tick", "40"),
            ("index and database differ after; rebuilds", "0; 0", "0; 0"),
        ],
    )


def test_a_rebuild_killed_at_any_step_leaves_the_old_index_or_the_new_one(grown: Institute, tmp_path: Path):
    institute, chance = grown.copied_to(tmp_path / "institute"), random.Random(20261125)
    dying = Dying(tmp_path, tmp_path / "institute" / "data" / "index")
    rebuild = "from isthmus.search import actions\nactions.rebuild()"
    ended(institute.start(rebuild, **dying.counting()))
    n_steps, n_killed = dying.n_steps(), 0

    for _ in range(N_KILLS):
        n_killed += killed(institute.start(rebuild, **dying.at(chance.randint(1, n_steps))))
        # Searched before anything repairs: what the reader gets in that moment.
        assert ended(institute.start(_SEARCH, "--dir", str(institute.directory), "search", "quillon"))[0].startswith(
            "100 of 100 publications"
        )

    ended(institute.start(rebuild))
    left = [path.name for path in (institute.data / "index").iterdir() if path.is_dir()]
    assert left == [pointer(institute)], "half-built ones are swept away"
    assert n_killed > N_KILLS / 2


def _delete(index: Path) -> None:
    for path in sorted(index.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    index.rmdir()


def _unpoint(index: Path) -> None:
    (index / "CURRENT").unlink()


def _garble(index: Path) -> None:
    (index / "CURRENT").write_bytes(b"\x00\xff{not json")


def _point_nowhere(index: Path) -> None:
    (index / "CURRENT").write_text('{"directory": "gone", "format": 1}')


def _truncate(index: Path) -> None:
    for segment in sorted(index.glob("*/*.store")) + sorted(index.glob("*/*.idx")):
        os.truncate(segment, segment.stat().st_size // 2)


def _lose_meta(index: Path) -> None:
    for meta in index.glob("*/meta.json"):
        meta.write_text("{")


def searched(serving: Serving) -> int:
    """The status of a search, which has to come at once: in tenths of a second, and never after a wait for a lock."""
    began = time.monotonic()
    status = serving.status("/api/v1/search?q=quillon")
    assert time.monotonic() - began < with_slack(10)
    return status


@pytest.mark.parametrize("damage", [_delete, _unpoint, _garble, _point_nowhere, _lose_meta, _truncate])
@pytest.mark.parametrize("is_running", [True, False], ids=["while it runs", "while it stands"])
def test_whatever_becomes_of_the_index_the_site_serves_and_repairs_it(
    grown: Institute, tmp_path: Path, damage: Callable[[Path], None], is_running: bool
):
    if damage is _truncate and is_running:
        pytest.skip("a file that is cut under a process that maps it takes the process with it, as in any engine")
    institute = grown.copied_to(tmp_path / "institute")
    if not is_running:
        damage(institute.data / "index")
    with institute.served() as serving:
        if is_running:
            assert searched(serving) == 200
            damage(institute.data / "index")

        assert searched(serving) in (200, 503)
        for path in ("/", "/publications/", "/feed/", "/search/", "/sitemap.xml"):
            assert serving.status(path) == 200, path

        until(lambda: searched(serving) == 200, within_s=60, but=serving.said)
        assert len(found_by_search(serving, "quillon")) == 100
        # And it goes on from there.
        ended(institute.start(_CHANGES, "after", "1"))
        live = {title for (title,) in institute.rows("SELECT title FROM isthmus_publications_publication WHERE live")}
        until(lambda: found_by_search(serving, "quillon") == live, within_s=60, but=serving.said)
