"""`isthmus serve` as one finds it: a front without Django before it all, and nobody turned away while parts restart."""

from __future__ import annotations

import http.client
import io
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from isthmus.server import serving
from isthmus.server.web import behind_front
from tests.served import Institute, until, with_slack


def test_the_front_never_loads_django():
    code = "import sys; from isthmus.server.front import running; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_socket_of_a_deep_directory_lies_where_its_path_fits(tmp_path):
    deep = tmp_path / ("d" * 90)
    deep.mkdir()

    assert len(os.fsencode(serving.socket_path(deep))) <= 103


def test_sockets_of_the_dead_are_removed_and_those_of_the_living_left(tmp_path):
    (tmp_path / "run").mkdir()
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    for pid in (int(dead.stdout), os.getppid()):
        (tmp_path / "run" / f"web-{pid}.sock").touch()

    serving.socket_path(tmp_path)

    assert [path.name for path in (tmp_path / "run").iterdir()] == [f"web-{os.getppid()}.sock"]


def test_a_port_taken_while_the_rest_was_loaded_is_named_with_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(serving.PortTaken, match=f"Port {port} .*--port"):
            serving.listen("127.0.0.1", port)


@pytest.mark.parametrize(
    ("said", "address", "rest"),
    [
        ("203.0.113.9", "203.0.113.9", None),
        ("1.1.1.1, 10.0.0.1, 10.0.0.2", "10.0.0.2", "1.1.1.1, 10.0.0.1"),
        ("", "", None),
    ],
)
def test_django_sees_the_client_s_own_end_of_the_connection(said, address, rest):
    seen = {}
    behind_front(lambda environ, _: seen.update(environ))({"HTTP_X_FORWARDED_FOR": said, "REMOTE_ADDR": ""}, print)

    assert seen["REMOTE_ADDR"] == address
    assert seen.get("HTTP_X_FORWARDED_FOR") == rest


def test_what_the_site_leaves_of_a_body_is_read_before_it_is_answered():
    sent = io.BytesIO(b"x" * 700_000)

    behind_front(lambda *_: [b""])({"CONTENT_LENGTH": "700000", "wsgi.input": sent}, print)

    assert sent.read() == b""


@pytest.fixture(scope="module")
def institute(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Institute:
    return Institute.new(tmp_path_factory.mktemp("served"))


@pytest.mark.slow
def test_a_form_sent_where_there_is_none_is_told_so(institute: Institute):
    with institute.served() as site:
        statuses = []
        # Often, since what went wrong here was a race; and once longer than a socket holds.
        for n_bytes in [3] * 60 + [1_500_000]:
            connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=with_slack(20))
            connection.request("POST", "/", body=b"x" * n_bytes)
            statuses.append(connection.getresponse().status)
            connection.close()

    assert set(statuses) == {405}


@pytest.mark.slow
def test_it_stops_in_good_order_and_answers_what_is_under_way(institute: Institute):
    with institute.served() as site:
        answers: list[int] = []
        asking = threading.Thread(target=lambda: answers.extend(site.status("/search/?q=a") for _ in range(1)))
        asking.start()
        time.sleep(0.01)

        assert site.process is not None
        site.process.send_signal(signal.SIGTERM)

        assert site.process.wait(with_slack(40)) == 0
        asking.join(10)
    assert answers == [200]
    assert not list((institute.data / "run").glob("*.sock"))
    assert "Traceback" not in site.said()


@pytest.mark.crash
@pytest.mark.parametrize("whom", ["web", "front"])
def test_readers_of_pages_django_makes_notice_no_kill(institute: Institute, whom: str):
    chance = random.Random(f"20261123 {whom}")
    with institute.served() as site:
        statuses: list[int] = []
        over = threading.Event()

        def read(path: str) -> None:
            while not over.is_set():
                time.sleep(0.02)
                statuses.append(site.status(path))

        readers = [threading.Thread(target=read, args=(path,)) for path in ("/", "/people/", "/search/?q=a")]
        for reader in readers:
            reader.start()
        for _ in range(int(os.environ.get("ISTHMUS_TEST_KILLS", "5")) // 2 or 1):
            before = len(statuses)
            site.kill(whom, chance)
            until(lambda n=before: len(statuses) > n + 10, within_s=with_slack(60), but=site.said)
        over.set()
        for reader in readers:
            reader.join(60)

    # Who was being answered when the front was killed lost that answer; whoever waited to be let in lost nothing.
    lost = [status for status in statuses if status != 200]
    assert set(lost) <= {0}
    assert len(lost) <= (0 if whom == "web" else 3 * (int(os.environ.get("ISTHMUS_TEST_KILLS", "5")) // 2 or 1))
