"""What can be typed, what it answers, and how it fails: outside in, by real processes where it matters."""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from isthmus import cli
from isthmus.kit.errors import IsthmusError


@pytest.fixture
def isthmus(isthmus_command, tmp_path):
    """Runs the command in a directory without an institute."""

    def run(*words, **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("ISTHMUS_", "DJANGO_"))}
        return subprocess.run(
            [*isthmus_command, *words],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=clean | environment,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def institute(isthmus_command, tmp_path_factory, give_tables):
    """One institute for the tests that need one; making it takes some seconds."""
    directory = tmp_path_factory.mktemp("institute")
    give_tables(directory)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ISTHMUS_", "DJANGO_"))}
    done = subprocess.run(
        [*isthmus_command, "--dir", str(directory), "init", "--name", "The Institute"],
        capture_output=True, text=True, env=clean, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return directory


def _is_one_sentence(text):
    return text.startswith("isthmus: ") and text.count("\n") == 1 and "Traceback" not in text


def test_help_lists_every_command_and_loads_no_django(isthmus_command):
    code = "import sys; from isthmus import cli; cli.build_parser().format_help(); sys.exit('django' in sys.modules)"

    assert subprocess.run([isthmus_command[0], "-c", code], check=False).returncode == 0


def test_the_commands_are_those_of_the_contract():
    groups = [a for a in cli.build_parser()._actions if isinstance(a, argparse._SubParsersAction)]

    assert set(groups[0].choices) == {
        "init", "demo", "serve", "worker", "import", "search", "index", "user", "mail", "chronology", "doctor",
        "edition", "backup", "restore", "export", "bench",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sevre"], "did you mean serve?"),
        (["zzz"], "there are init, serve"),
        (["serve", "--prot", "9000"], "did you mean --port?"),
        (["serve", "--port", "99999"], "from 1 to 65535"),
        (["user", "add", "a@b.example", "--role", "edtor"], "did you mean editor?"),
        (["search"], "QUERY"),
        (["search", "x", "--per-page", "1000"], "1 to 100"),
        (["init"], "--name"),
        (["index", "rebuidl"], "did you mean rebuild?"),
        (["import"], "a PATH, --runs, or --undo RUN"),
        (["import", "x.jsonl", "--runs"], "a PATH, --runs, or --undo RUN"),
        (["import", "no-such-file.jsonl"], "is not there"),
        (["chronology"], "tag, status, rebuild"),
        (["index"], "status, rebuild, check"),
        (["search", "x", "--dir", "here"], "--dir stands before the command"),
        (["--dri", "here", "serve"], "There is no --dri, did you mean --dir?"),
        (["search", "two", "words"], "quotation marks"),
        (["chronology", "tag", "no-such-file.jsonl", "out.jsonl"], "is not there"),
        (["bench", "relevance", "no-such-folder", "--run", "x"], "is not there"),
        (["serve"], "There is no institute in"),
        (["doctor"], "isthmus --dir"),
    ],
)
def test_wrong_use_is_answered_in_a_sentence_with_status_2(capsys, monkeypatch, tmp_path, words, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ISTHMUS_DIR")

    try:
        status = cli.main(words)
    except SystemExit as end:
        status = end.code

    captured = capsys.readouterr()
    assert status == 2
    assert said in captured.err
    assert _is_one_sentence(captured.err)
    assert captured.out == ""


def _main_that(monkeypatch, error):
    def run(_arguments):
        raise error

    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path)
    parser.set_defaults(run=run)
    monkeypatch.setattr(cli, "build_parser", lambda: parser)


def test_a_known_error_is_its_own_sentence(monkeypatch, capsys):
    _main_that(monkeypatch, IsthmusError("The lamp is out: light it."))

    assert cli.main([]) == 1
    assert capsys.readouterr().err == "isthmus: The lamp is out: light it.\n"


def test_an_error_nobody_foresaw_is_a_sentence_and_its_traceback_is_in_the_log(monkeypatch, capsys, tmp_path):
    (tmp_path / "data" / "logs").mkdir(parents=True)
    _main_that(monkeypatch, KeyError("who knows"))

    assert cli.main(["--dir", str(tmp_path)]) == 1

    said = capsys.readouterr().err
    assert _is_one_sentence(said)
    assert "errors.log" in said
    assert "Traceback" in (tmp_path / "data" / "logs" / "errors.log").read_text()


def test_a_file_that_cannot_be_used_is_named(monkeypatch, capsys):
    _main_that(monkeypatch, PermissionError(13, "Permission denied", "/srv/archive.jsonl"))

    assert cli.main([]) == 1
    assert "/srv/archive.jsonl: Permission denied" in capsys.readouterr().err


def test_an_option_that_does_not_exist_stops_before_anything_is_loaded(isthmus, tmp_path):
    (tmp_path / "isthmus.toml").touch()

    done = isthmus("doctor", ISTHMUS_PUBLIK_URL="https://x.example")

    assert done.returncode == 2
    assert "ISTHMUS_PUBLIC_URL" in done.stderr
    assert _is_one_sentence(done.stderr)


@pytest.mark.slow
def test_init_makes_what_the_contract_names_and_lets_nobody_else_read_it(institute):
    data = institute / "data"

    assert (institute / "isthmus.toml").read_text().count('name = "The Institute"') == 1
    assert {"isthmus.db", "index", "edition", "media", "outbox", "secrets"} <= {path.name for path in data.iterdir()}
    assert data.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (data / "secrets").iterdir())
    assert (institute / "theme" / "README.txt").exists()
    assert not list(data.glob("first-*"))


@pytest.mark.slow
def test_init_refuses_a_directory_that_is_an_institute(isthmus, institute):
    before = (institute / "isthmus.toml").read_bytes()

    done = isthmus("--dir", str(institute), "init", "--name", "Another")

    assert done.returncode == 1
    assert "already holds an institute" in done.stderr
    assert (institute / "isthmus.toml").read_bytes() == before


@pytest.mark.slow
def test_init_with_an_impossible_address_makes_no_institute(isthmus, tmp_path):
    done = isthmus("--dir", str(tmp_path / "new"), "init", "--name", "X", "--url", "institute")

    assert done.returncode == 2
    assert "public_url" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_an_empty_search_answers_with_the_contracts_object(isthmus, institute):
    done = isthmus("--dir", str(institute), "search", "", "--json")

    assert json.loads(done.stdout) == {
        "total": 0, "index_total": 0, "page": 1, "per_page": 10, "hits": [], "facets": {},
    }  # fmt: skip


@pytest.mark.slow
def test_a_search_before_any_worker_ran_makes_the_index_it_needs(isthmus, institute):
    shutil.rmtree(institute / "data" / "index")
    (institute / "data" / "index").mkdir()

    first, second = (isthmus("--dir", str(institute), "search", "ferries", "--json") for _ in range(2))

    assert (first.returncode, json.loads(first.stdout)["total"]) == (0, 0)
    assert "it is made now" in first.stderr
    assert (second.returncode, second.stderr) == (0, "")


@pytest.mark.slow
def test_a_user_can_be_added_once(isthmus, institute, tmp_path):
    (tmp_path / "password").write_text("correct horse battery\n")
    words = ["--dir", str(institute), "user", "add", "Alice@institute.example", "--role", "editor"]

    first = isthmus(*words, "--password-file", str(tmp_path / "password"))
    second = isthmus(*words)

    assert (first.returncode, second.returncode) == (0, 1)
    assert "horse" not in first.stdout + first.stderr
    assert "has a login already" in second.stderr


@pytest.mark.slow
def test_a_weak_password_is_refused_with_the_reason(isthmus, institute, tmp_path):
    (tmp_path / "password").write_text("short\n")

    done = isthmus("--dir", str(institute), "user", "add", "bob@institute.example", "--role", "author",
                   "--password-file", str(tmp_path / "password"))  # fmt: skip

    assert done.returncode == 2
    assert "12 characters" in done.stderr


@pytest.mark.slow
def test_the_index_can_be_made_anew_and_compared(isthmus, institute):
    made = isthmus("--dir", str(institute), "index", "rebuild", "--json")
    compared = isthmus("--dir", str(institute), "index", "check")

    assert json.loads(made.stdout) == {"n_indexed": 0}
    assert "say the same" in compared.stdout


class _Served:
    def __init__(self, command, directory):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("ISTHMUS_", "DJANGO_"))}
        self.process = subprocess.Popen(
            [*command, "--dir", str(directory), "serve", "--port", str(self.port)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=clean,
        )  # fmt: skip
        self.first_line = self.process.stdout.readline()

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def descendants(self):
        found, new = set(), {self.process.pid}
        while new:
            found |= new
            children = {int(path.parent.name): _parent_of(path) for path in Path("/proc").glob("[0-9]*/stat")}
            new = {pid for pid, parent in children.items() if parent in found} - found
        return found - {self.process.pid}


def _parent_of(path):
    try:
        return int(path.read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def _lives(pid):
    """Whether it runs; whoever died and was not yet waited for by the machine's first process does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def _until(look, *, within_s=30):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if found := look():
                return found
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"it did not happen within {within_s} s")


@pytest.fixture
def served(isthmus_command, institute):
    running = _Served(isthmus_command, institute)
    yield running
    running.process.kill()
    running.process.wait()
    running.process.stdout.close()


@pytest.mark.slow
def test_serve_says_where_it_is_when_it_answers_and_refuses_a_second_on_its_port(served, isthmus, institute):
    assert f"http://127.0.0.1:{served.port}/" in served.first_line
    assert "Total Index: 0 publications." in served.get("/")
    assert json.loads(served.get("/healthz"))["status"] == "ok"

    second = isthmus("--dir", str(institute), "serve", "--port", str(served.port))

    assert second.returncode == 1
    assert f"Port {served.port} on 127.0.0.1 is in use" in second.stderr
    assert _is_one_sentence(second.stderr)


@pytest.mark.slow
def test_serve_stops_in_good_order_with_everything_it_started(served):
    children = served.descendants()
    assert len(children) == 4

    served.process.send_signal(signal.SIGTERM)

    assert served.process.wait(30) == 0
    assert not [pid for pid in children if _lives(pid)]


@pytest.mark.slow
def test_whatever_child_of_serve_is_killed_the_site_comes_back(served):
    for pid in sorted(served.descendants()):
        if _lives(pid):
            os.kill(pid, signal.SIGKILL)

    _until(lambda: json.loads(served.get("/healthz"))["status"] == "ok")
    _until(lambda: len(served.descendants()) == 4)


@pytest.mark.slow
def test_nothing_lives_on_when_serve_itself_is_killed(served):
    children = served.descendants()

    served.process.kill()
    served.process.wait()

    _until(lambda: not [pid for pid in children if _lives(pid)], within_s=10)
