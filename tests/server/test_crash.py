"""kill -9 of web, worker or everything while pieces are released: what was acknowledged is everywhere, nothing by half.

Two streams release pieces all the time: a process of its own through the actions, and Alice's form over HTTP. A piece
counts as acknowledged when its stream was told so. After each kill every channel must show the same set of pieces, and
the acknowledged ones among them, within a minute.
"""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from tests import database, figures
from tests.dying import Dying
from tests.served import Editor, Institute, Serving, found_by_search, until, with_slack

pytestmark = [
    pytest.mark.crash,
    pytest.mark.slow,
    pytest.mark.skipif(bool(database.POSTGRES_URL), reason="reads SQLite's file; PostgreSQL has its own crash tests"),
]

N_KILLS = int(os.environ.get("ISTHMUS_TEST_KILLS", "5"))
# What is promised of a rested machine.
EVERYWHERE_WITHIN_S, BACK_WITHIN_S = 60, 10
_ADD = "/admin/publications/add/"

_RELEASER = """
from isthmus.publications import actions
from isthmus.publications.models import Publication
n = int(sys.argv[1])
while True:
    n += 1
    piece = Publication(title=f"Quillon actions {n}", body=[("text", f"<p>Quillon number {n}.</p>")])
    actions.save_draft(piece)
    if n % 3 == 0:
        actions.release(piece)
        actions.withdraw(Publication.objects.get(pk=piece.pk))
        print("-", piece.title, flush=True)
    else:
        actions.release(piece)
        print("+", piece.title, flush=True)
"""
# One draft becomes public, with everything the database writes for it.
_RELEASE_ONE = """
from isthmus.publications import actions
from isthmus.publications.models import Publication
piece = Publication(title=f"Quillon actions {sys.argv[1]}", body=[("text", "<p>Quillon.</p>")])
actions.release(Publication.objects.get(pk=actions.save_draft(piece).object_id))
print(piece.title, flush=True)
"""


class Actions:
    """Pieces released by a process of its own, every third withdrawn again; it may be killed too."""

    def __init__(self, institute: Institute, first: int) -> None:
        self._process = institute.start(_RELEASER, str(first))
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def has_begun(self) -> bool:
        """Whether something is released."""
        return bool(self._lines)

    def _read(self) -> None:
        assert self._process.stdout is not None
        self._lines.extend(self._process.stdout)

    def stop(self) -> tuple[set[str], set[str]]:
        """Kill it; what it was told is released, and what is withdrawn."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        said = [line.rstrip("\n") for line in self._lines if line.endswith("\n")]
        return {line[2:] for line in said if line[0] == "+"}, {line[2:] for line in said if line[0] == "-"}


class Forms:
    """Pieces released through the form in the admin, one after the other, in a thread of the test."""

    def __init__(self, serving: Serving, first: int) -> None:
        self._serving, self._number = serving, first
        self.acknowledged: set[str] = set()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def has_begun(self) -> bool:
        """Whether something is released."""
        return bool(self.acknowledged)

    def _run(self) -> None:
        from tests.publications.editing.forms_sent import sent

        editor: Editor | None = None
        while not self._is_stopping:
            self._number += 1
            title = f"Quillon form {self._number}"
            try:
                if editor is None:
                    editor = Editor(self._serving)
                    editor.log_in()
                status, _ = editor.post(_ADD, {**sent(title, text="<p>Quillon.</p>"), "action-publish": "1"})
                if status == 302:
                    self.acknowledged.add(title)
            except (OSError, AssertionError, ValueError):
                # Nobody answered: neither acknowledged nor refused. A new login, since the process is a new one.
                editor = None
                time.sleep(0.05)

    def stop(self) -> set[str]:
        """Let the form that is under way end; every title whose release was answered."""
        self._is_stopping = True
        self._thread.join()
        return self.acknowledged


def live_titles(institute: Institute) -> set[str]:
    return {title for (title,) in institute.rows("SELECT title FROM isthmus_publications_publication WHERE live")}


def half_states(institute: Institute) -> list[object]:
    """Pieces whose row and whose last journal row disagree."""
    return institute.rows(
        "SELECT p.id, p.live, j.what FROM isthmus_publications_publication p LEFT JOIN ("
        "  SELECT subject, what, MAX(seq) FROM isthmus_publications_journalentry GROUP BY subject"
        ") j ON j.subject = 'pub:' || p.id WHERE p.live != (COALESCE(j.what, 'withdrawn') != 'withdrawn')"
    )  # type: ignore[return-value]


def listed(serving: Serving) -> set[str]:
    """Every title on every page of the listing, as rel=next leads."""
    path, titles = "/publications/", set()
    while path:
        status, page = serving.get(path)
        assert status == 200, page
        titles |= set(re.findall(r"Quillon (?:actions|form) \d+", page))
        following = re.search(r'rel="next" href="([^"]+)"|href="([^"]+)"[^>]*rel="next"', page)
        path = (following[1] or following[2]).replace("&amp;", "&") if following else ""
    return titles


def fed(serving: Serving) -> set[str]:
    return set(re.findall(r"<title>(Quillon (?:actions|form) \d+)</title>", serving.get("/feed/")[1]))


def newest(institute: Institute, n: int) -> set[str]:
    rows = institute.rows(
        "SELECT title FROM isthmus_publications_publication WHERE live ORDER BY listed_at DESC, id DESC LIMIT ?", n
    )
    return {title for (title,) in rows}


def assert_everywhere(institute: Institute, serving: Serving, released: set[str], withdrawn: set[str]) -> float:
    """Wait until every channel says the same and has what was acknowledged; the seconds that took."""
    began, live = time.monotonic(), live_titles(institute)
    assert released <= live, f"lost: {sorted(released - live)}"
    assert not withdrawn & live, f"back from the dead: {sorted(withdrawn & live)}"
    assert not half_states(institute)
    until(
        lambda: found_by_search(serving, "quillon") == live,
        within_s=EVERYWHERE_WITHIN_S,
        but=lambda: sorted(found_by_search(serving, "quillon") ^ live)[:5],
    )
    assert listed(serving) == live
    assert fed(serving) == newest(institute, 200)
    assert f"Total Index: {len(live)} publication" in serving.get("/")[1]
    return time.monotonic() - began


@pytest.fixture(scope="module")
def fresh(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Institute:
    return Institute.new(tmp_path_factory.mktemp("fresh"))


@pytest.mark.parametrize("whom", ["web", "worker", "serve"])
def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(fresh: Institute, tmp_path: Path, whom: str):
    institute, chance = fresh.copied_to(tmp_path / "institute", feed_items="200"), random.Random(f"20261123 {whom}")
    released: set[str] = set()
    withdrawn: set[str] = set()
    back_s, settled_s = [], []

    with institute.served() as serving:
        for kill in range(N_KILLS):
            actions, forms = Actions(institute, kill * 10_000), Forms(serving, kill * 10_000)
            for stream in (actions, forms):
                until(lambda begun=stream: begun.has_begun, within_s=60, but=serving.said)
            time.sleep(chance.uniform(0.0, 1.5))
            serving.kill(whom, chance)
            began = time.monotonic()
            if whom == "serve":
                serving.start()
            until(serving.answers, within_s=with_slack(BACK_WITHIN_S), but=serving.said)
            back_s.append(time.monotonic() - began)
            time.sleep(chance.uniform(0.0, 0.5))
            by_actions, taken_back = actions.stop()
            released |= by_actions | forms.stop()
            withdrawn |= taken_back
            until(lambda: serving.pids()["worker"] and serving.answers(), within_s=40, but=serving.said)
            settled_s.append(assert_everywhere(institute, serving, released, withdrawn))

    assert any("form" in title for title in released)
    assert any("actions" in title for title in released)
    assert withdrawn
    assert max(back_s) <= with_slack(BACK_WITHIN_S)
    figures.note(
        f"kill -9 of {whom} while publishing",
        [
            ("kills", f"{N_KILLS}", "40"),
            ("acknowledged releases and withdrawals", f"{len(released) + len(withdrawn)}", ""),
            ("lost; half-states", "0; 0", "0; 0"),
            ("answers again after", f"{max(back_s):.1f} s at most", "10 s"),
            ("database, search, listing, feed the same after", f"{max(settled_s):.1f} s at most", "60 s"),
        ],
    )
    after = institute.run("index", "check")
    assert "say the same" in after.stdout, after.stdout + after.stderr


def test_the_command_line_finds_what_was_released_before_the_kill(fresh: Institute, tmp_path: Path):
    institute = fresh.copied_to(tmp_path / "institute")
    with institute.served() as serving:
        releaser = Actions(institute, 0)
        until(lambda: releaser.has_begun, within_s=60)
        serving.kill_all()
        released, _ = releaser.stop()
        serving.start()

        until(
            lambda: f"{len(live_titles(institute))} of " in institute.must("search", "quillon", "--per-page", "100"),
            within_s=EVERYWHERE_WITHIN_S,
        )
    assert released
    assert released <= live_titles(institute)


@pytest.mark.parametrize("journal", ["rollback", "wal"])
def test_a_release_killed_at_any_step_on_the_disk_is_in_or_out(fresh: Institute, tmp_path: Path, journal: str):
    institute, chance = fresh.copied_to(tmp_path / "institute", sqlite_journal=journal), random.Random(20261126)
    dying = Dying(tmp_path, tmp_path / "institute" / "data" / "isthmus.db")
    counted = institute.start(_RELEASE_ONE, "0", **dying.counting())
    acknowledged = {counted.communicate()[0].rstrip("\n")}
    n_steps, n_killed = dying.n_steps(), 0
    assert n_steps > 10

    for kill in range(1, N_KILLS + 1):
        running = institute.start(_RELEASE_ONE, str(kill), **dying.at(chance.randint(1, n_steps)))
        acknowledged |= set(running.communicate()[0].splitlines())
        n_killed += running.returncode == -signal.SIGKILL
        assert not half_states(institute)
        assert acknowledged <= live_titles(institute) | {""}
        assert institute.rows("PRAGMA integrity_check") == [("ok",)]

    assert n_killed > N_KILLS / 2
    figures.note(
        f"kill -9 of a release at the n-th write, sync or removal of the database, {journal} journal",
        [
            ("kills", f"{n_killed} among the {n_steps} steps of saving and releasing", "40"),
            ("lost; half-states; damaged databases", "0; 0; 0", "0; 0; 0"),
        ],
    )
