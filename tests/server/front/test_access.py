"""The access log: what stands in it, and what never does."""

import os
import re

import pytest

from isthmus.kit import options
from isthmus.server.front import access
from isthmus.server.front.access import AccessLog
from tests.server.front.house import TEXT, eventually, heard

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_LINE = re.compile(r'(\S+) - - \[\d\d/\w{3}/\d{4}:[\d:]{8} \+0000\] "([^"]*)" (\d{3}) (\d+) "([^"]*)" "([^"]*)"')


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(access, "_EVERY_S", 0.02)


@pytest.fixture
def logged(make_house, tmp_path):
    """A front that writes a log, and what its lines say once there are so many."""

    def make(**more):
        house = make_house(access_log="access.log", **more)
        path = house.directory / "access.log"

        def said(n):
            assert eventually(lambda: path.exists() and path.read_text().count("\n") >= n)
            return [_LINE.fullmatch(line).groups() for line in path.read_text().splitlines()]

        return house, said

    return make


def test_each_request_is_a_line_whoever_answered_it(logged):
    house, said = logged()
    house.answering(_OK)

    house.get("/strait/", "User-Agent: reader/1", "Referer: https://news.example/a")
    house.get("/strait/", "User-Agent: reader/1", "Referer: https://news.example/b")
    house.get("/search/?q=peace")
    house.get("/strait/", method="TRACE")
    house.send(b"no request\r\n\r\n")

    size = str(len(TEXT))
    found = said(5)
    assert found[0] == ("-", "GET /strait/ HTTP/1.1", "200", size, "https://news.example/a", "reader/1")
    assert found[1] == ("-", "GET /strait/ HTTP/1.1", "200", size, "https://news.example/b", "reader/1")
    assert found[2] == ("-", "GET /search/?q=peace HTTP/1.1", "200", "2", "-", "-")
    assert [line[1:3] for line in found[3:]] == [("TRACE /strait/ HTTP/1.1", "405"), ("no request", "400")]


def test_addresses_are_told_where_the_operator_wants_them_and_of_his_proxies_believed(logged):
    house, said = logged(access_log_addresses=True, trusted_proxies=("127.0.0.1",))

    house.get("/strait/")
    house.get("/strait/", "X-Forwarded-For: 203.0.113.9")

    assert [line[0] for line in said(2)] == ["127.0.0.1", "203.0.113.9"]


@pytest.mark.parametrize(
    "path",
    ["/subscriptions/s3cret/", "/subscriptions/leave/s3cret/", "/subscribe/confirm/s3cret/",
     "/subscriptions/s3cret/erase/", "/admin/password_reset/confirm/Mg/s3cret/"],
)  # fmt: skip
def test_words_that_open_a_subscription_or_a_login_are_left_out(logged, path):
    house, said = logged()
    house.answering(_OK)

    house.get(path, f"Referer: https://institute.example{path}")

    ((_, asked, _, _, referer, _),) = said(1)
    assert "s3cret" not in asked + referer
    assert asked.startswith(f"GET {path.split('s3cret')[0].removesuffix('Mg/')}")


def test_nobody_writes_a_line_of_his_own(logged):
    house, said = logged()

    house.get('/strait/?"\\', 'User-Agent: a" 200 "\x1b[31m\xff\\')

    assert said(1)[0][1] == r"GET /strait/?\x22\x5C HTTP/1.1"


def test_a_client_that_went_away_is_noted_as_one(logged):
    house, said = logged()

    async def script(reader, writer):
        house.heard.append(await heard(reader))
        await reader.read()

    house.django(script)
    with house.connect() as client:
        client.sendall(b"GET /a/ HTTP/1.1\r\nHost: a\r\n\r\n")
        assert eventually(lambda: house.heard)

    assert said(1)[0][1:4] == ("GET /a/ HTTP/1.1", "499", "0")


def test_a_log_that_is_moved_away_or_emptied_goes_on(tmp_path):
    log, path = AccessLog("a.log", tmp_path), tmp_path / "a.log"

    def note(head):
        log.note(head, 200, 1, peer="", at=0.0)

    note(b"one")
    assert eventually(lambda: path.exists() and "one" in path.read_text())
    path.rename(tmp_path / "a.log.1")
    note(b"two")
    assert eventually(lambda: path.exists() and "two" in path.read_text())
    os.truncate(path, 0)
    note(b"three")
    assert eventually(lambda: "three" in path.read_text())
    log.close()

    assert path.read_text().startswith("- - - [")


def test_a_log_that_cannot_be_written_stops_nobody_and_is_told_once(tmp_path, caplog):
    log = AccessLog("no/such/folder/a.log", tmp_path)
    for _ in range(3):
        log.note(b"one", 200, 1, peer="", at=0.0)
        assert eventually(lambda: not log._waiting)
    (tmp_path / "no/such/folder").mkdir(parents=True)
    log.note(b"two", 200, 1, peer="", at=0.0)
    log.close()

    assert len([record for record in caplog.records if "access_log" in record.message]) == 1
    assert "two" in (tmp_path / "no/such/folder/a.log").read_text()


def test_no_log_is_written_unless_it_is_asked_for(house):
    house.get("/strait/")

    assert house.site.access is None
    assert options.Options(directory=house.directory).access_log == ""
