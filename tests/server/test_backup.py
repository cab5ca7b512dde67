"""A backup made while everything is at work is one moment of it, and what comes out of it is whole and silent."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from isthmus.server.backup import kept, restoring, verifying
from tests import database
from tests.served import Institute, until, with_slack
from tests.server.backups import ticking

pytestmark = pytest.mark.skipif(bool(database.POSTGRES_URL), reason="makes institutes with SQLite files")

# Releases with a picture, sign-ups, uploads and deletions, sends: each in a thread of its own, without a pause.
_BUSY = """
import io, itertools, threading, traceback
from django.core.files.base import ContentFile
from django.db import connections
from PIL import Image as Pixels
from isthmus.kit import clock
from isthmus.mailing import actions as people, alerts, links, sending
from isthmus.mailing.models import Subscriber
from isthmus.publications import actions
from isthmus.publications.models import Image, Publication
from isthmus.server.worker import Stop
from django.conf import settings

stop = Stop()

def picture(n):
    out = io.BytesIO()
    Pixels.new("RGB", (40 + n % 50, 30), (n % 255, 0, 0)).save(out, "PNG")
    row = Image(title=f"Pier {n}", file=ContentFile(out.getvalue() + bytes(20_000), f"pier-{n}.png"))
    row.save()
    return row

def release(n):
    piece = Publication(title=f"Quillon {n}", body=[("text", "<p>Quillon.</p>")], lead_image=picture(1000 + n))
    actions.save_draft(piece)
    actions.release(piece)
    alerts.tick()

def sign_up(n):
    email, now = f"carol{n}@example.org", clock.now()
    people.sign_up(email, choices=[("everything", "at_once")], form="test", network=f"10.{n}.0.0/24", now=now)
    carol = Subscriber.objects.get(email_key=email)
    path = links.confirm_path(carol.pk, settings.DATA / "secrets", expires_at=now.replace(year=2099))
    people.confirm(path.split("/")[-2], now=now)

def upload_and_delete(n):
    picture(n)
    Image.objects.filter(title=f"Pier {n - 3}").first() and Image.objects.get(title=f"Pier {n - 3}").delete()

def send(n):
    sending.sender().run_dry(stop)
    stop.wait(0.01)

def again_and_again(work):
    def run():
        try:
            for n in itertools.count():
                if stop.is_set:
                    return
                work(n)
        except Exception:
            traceback.print_exc()
        finally:
            connections.close_all()
    return threading.Thread(target=run)

threads = [again_and_again(work) for work in (release, sign_up, upload_and_delete, send)]
for thread in threads:
    thread.start()
print("busy", flush=True)
sys.stdin.read()
stop.set()
for thread in threads:
    thread.join()
"""
_BACK_UP = """
import contextlib, json
from pathlib import Path
from isthmus.server.backup.making import back_up
made = back_up(Path(sys.argv[1]), ticking=lambda total: contextlib.nullcontext(lambda n: None))
print(json.dumps(made.as_json()))
"""
_SEND = """
from isthmus.mailing import sending
from isthmus.server.worker import Stop
print(sending.sender().run_dry(Stop()))
"""


@pytest.fixture(scope="module")
def institute(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Institute:
    """One that has sent from its place before, so that a copy of it is told from it."""
    made = Institute.new(tmp_path_factory.mktemp("institute"))
    assert run(made, _SEND) == "0\n"
    return made


def run(institute: Institute, code: str, *words: str) -> str:
    out, said = institute.start(code, *words).communicate(timeout=300)
    assert not said, said
    return out


@contextmanager
def at_work(institute: Institute) -> Iterator[None]:
    """Everything that can change, changing."""
    process = institute.start(_BUSY)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        mail = "SELECT COUNT(*) FROM isthmus_mailing_delivery WHERE state = 'submitted'"
        until(lambda: institute.rows(mail)[0][0] > 3, within_s=with_slack(60))
        yield
    finally:
        _, said = process.communicate("", timeout=300)
    assert not said, said


@pytest.mark.slow
def test_a_backup_under_load_is_one_moment_of_it_and_comes_back_whole_and_silent(institute: Institute, tmp_path: Path):
    made = []
    with at_work(institute):
        for number in range(3):
            path = tmp_path / f"backup-{number}.zip"
            made.append((path, json.loads(run(institute, _BACK_UP, str(path)))))

    for path, said in made:
        assert said["warnings"] == []
        assert verifying.verify(path, ticking=ticking).manifest.missing == []
    path, said = made[-1]
    copy = Institute(tmp_path / "restored")
    found = restoring.restore(path, copy.directory, ticking=ticking).manifest
    assert found.database.counts == counted(copy, found.database.counts)
    assert_consistent(copy, institute)
    waiting = "SELECT COUNT(*) FROM isthmus_mailing_delivery WHERE ended_at IS NULL"
    assert copy.rows(waiting)[0][0] > 0
    assert run(copy, _SEND) == "0\n"
    assert list((copy.data / "outbox").iterdir()) == []
    assert copy.rows("SELECT DISTINCT state FROM isthmus_mailing_mailing WHERE finished_at IS NULL") == [("held",)]
    assert_goes_on_where_it_stood(copy, n_waiting=copy.rows(waiting)[0][0])


def assert_goes_on_where_it_stood(copy: Institute, *, n_waiting: int) -> None:
    """Told to, it sends what waited, each once, and nothing else."""
    said = copy.must("mail", "resume")

    assert f"{n_waiting} messages that waited" in said
    assert int(run(copy, _SEND)) == n_waiting
    sent = [one.read_bytes() for one in (copy.data / "outbox").glob("*.eml")]
    assert len({re.findall(rb"(?im)^message-id: *(\S+)", one)[0] for one in sent}) == n_waiting


def counted(copy: Institute, of: dict[str, int]) -> dict[str, int]:
    """Rows of each table, without the two by which the copy knows that it is one."""
    found = {table: copy.rows(f'SELECT COUNT(*) FROM "{table}"')[0][0] for table in of}
    return found | {"isthmus_mailing_machine": found["isthmus_mailing_machine"] - 2}


def assert_consistent(copy: Institute, original: Institute) -> None:
    """Files, journal and ledger agree with each other in the copy."""
    for (name,) in copy.rows("SELECT file FROM isthmus_publications_image"):
        held = (copy.data / "media" / name).read_bytes()
        there = original.data / "media" / name
        assert held.startswith(b"\x89PNG")
        assert not there.exists() or there.read_bytes() == held
    live = "SELECT COUNT(*) FROM isthmus_publications_publication WHERE live"
    news = "SELECT COUNT(DISTINCT subject) FROM isthmus_publications_journalentry WHERE is_news"
    assert copy.rows(live) == copy.rows(news)
    mailings = copy.rows("SELECT id, n_candidates, excluded FROM isthmus_mailing_mailing")
    assert mailings
    for number, n_candidates, excluded in mailings:
        prepared = copy.rows("SELECT COUNT(*) FROM isthmus_mailing_delivery WHERE mailing_id = ?", number)[0][0]
        assert n_candidates == prepared + sum(json.loads(excluded).values())


@pytest.mark.slow
def test_the_commands_make_look_at_and_bring_back_a_backup(institute: Institute, tmp_path: Path):
    path = tmp_path / "institute.zip"
    (institute.directory / "theme" / "static" / "own.css").write_text("body {}")

    said = institute.must("backup", str(path))

    assert "keep it where nobody else can read it" in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["institute.zip"], "nothing is left beside it"
    copy = Institute(tmp_path / "copy")
    assert "is whole: The Institute" in copy.must("backup", "verify", str(path))
    assert "mail resume" in copy.must("restore", str(path))
    assert (copy.directory / "theme" / "static" / "own.css").read_text() == "body {}"
    assert json.loads(copy.must("mail", "status", "--json"))["restored"]["n_people_waited"] >= 0
    refused = copy.run("restore", str(path))
    assert refused.returncode == 2
    assert "not empty" in refused.stderr


@pytest.mark.slow
def test_a_file_that_is_no_backup_is_not_replaced(institute: Institute, tmp_path: Path):
    path = tmp_path / "letters.zip"
    path.write_text("mine")

    done = institute.start(_BACK_UP, str(path))

    assert "no backup that could be replaced" in done.communicate(timeout=120)[1]
    assert path.read_text() == "mine"


@pytest.mark.slow
def test_a_picture_lost_long_ago_is_named_and_holds_nothing_up(institute: Institute, tmp_path: Path):
    lose = """
from django.core.files.base import ContentFile
from isthmus.publications.models import Document
row = Document(title="Lost", file=ContentFile(b"x", "lost.txt"))
row.save()
row.file.storage.delete(row.file.name)
print(row.file.name)
"""
    name = run(institute, lose).strip()
    try:
        said = json.loads(run(institute, _BACK_UP, str(tmp_path / "b.zip")))
    finally:
        run(
            institute,
            "from isthmus.publications.models import Document; Document.objects.filter(title='Lost').delete()",
        )

    assert name in said["warnings"][0]
    assert name in verifying.verify(tmp_path / "b.zip", ticking=ticking).notes[0]


def test_doctor_says_how_old_the_last_backup_is(settings, tmp_path: Path, clock):
    settings.DATA = tmp_path
    assert kept.check()[0] == "note"

    kept.note(Path("/backups/monday.zip"), n_bytes=17, at=clock())

    assert kept.check() == ("ok", "The last backup is 0 hours old (/backups/monday.zip).")
    clock.advance(timedelta(hours=30))
    assert kept.check()[0] == "ok"
    clock.advance(timedelta(days=2))
    state, said = kept.check()
    assert state == "wrong"
    assert "3 days old" in said
