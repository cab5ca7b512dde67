"""The front as a proxy: what Django hears, what a client gets, and what neither ever does."""

import asyncio
import gzip
import os
import socket
import struct
import threading

import brotli
import pytest

from isthmus.edition.store import Step
from isthmus.server.front.limits import Limits
from tests.server.front.house import PIECE, body_of, eventually, head_of, heard, status_of, until_closed, until_quiet

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_POST = b"POST /subscribe/ HTTP/1.1\r\nHost: institute.example\r\n"


def _fields(words):
    return [line.partition(b": ")[::2] for line in words.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]]


def test_django_hears_the_request_and_who_asked(house):
    house.answering(_OK)

    answer = house.get("/search/?q=%22third+summit%22&page=2", "Accept-Language: ko", "Cookie: a=b; c=d")

    assert body_of(answer) == b"ok"
    assert house.heard[0].startswith(b"GET /search/?q=%22third+summit%22&page=2 HTTP/1.1\r\n")
    assert _fields(house.heard[0]) == [
        (b"host", b"institute.example"),
        (b"accept-language", b"ko"),
        (b"cookie", b"a=b; c=d"),
        (b"x-forwarded-for", b"127.0.0.1"),
        (b"x-forwarded-host", b"institute.example"),
        (b"x-forwarded-proto", b"http"),
    ]


def test_headers_for_the_next_hop_alone_go_no_further(house):
    house.answering(
        b"HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nServer: granian\r\n"
        b"Upgrade: h2c\r\nProxy-Authenticate: Basic\r\nX-Kept: 2\r\nContent-Length: 2\r\n\r\nok"
    )

    answer = house.say(
        b"GET /a/ HTTP/1.1\r\nHost: a\r\nConnection: close, X-Secret, Upgrade\r\nX-Secret: 1\r\nTE: trailers\r\n"
        b"Upgrade: websocket\r\nKeep-Alive: 5\r\nProxy-Connection: keep-alive\r\nProxy: http://evil\r\n"
        b"X_Forwarded_For: 1.2.3.4\r\nX-Kept: 1\r\n\r\n"
    )

    assert {name for name, _ in _fields(house.heard[0])} == {
        b"host", b"x-kept", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto",
    }  # fmt: skip
    assert set(head_of(answer)) == {"date", "connection", "x-kept", "content-length"}


@pytest.mark.parametrize(("trusted", "expected"), [
    ((), [b"127.0.0.1", b"a", b"http"]),
    (("127.0.0.0/8",), [b"203.0.113.9, 10.0.0.1, 127.0.0.1", b"institute.example", b"https"]),
])  # fmt: skip
def test_what_a_proxy_says_of_the_client_is_believed_only_of_the_operator_s(make_house, trusted, expected):
    house = make_house(trusted_proxies=trusted)
    house.answering(_OK)

    house.say(
        b"GET /a/ HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9, 10.0.0.1\r\n"
        b"X-Forwarded-Host: institute.example\r\nX-Forwarded-Proto: https\r\n"
        b"Forwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\n\r\n"
    )

    told = dict(_fields(house.heard[0]))
    assert [told[b"x-forwarded-for"], told[b"x-forwarded-host"], told[b"x-forwarded-proto"]] == expected
    assert (b"x-real-ip" in told) == bool(trusted)
    assert (b"forwarded" in told) == bool(trusted)


def test_a_body_in_chunks_reaches_django_whole_and_with_its_length(house):
    house.answering(_OK)

    answer = house.say(
        _POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;ext=1\r\n, world\r\n0\r\nTrailer: x\r\n\r\n"
        b"GET /strait/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    )

    assert body_of(house.heard[0]) == b"hello, world"
    told = dict(_fields(house.heard[0]))
    assert told[b"content-length"] == b"12"
    assert b"transfer-encoding" not in told
    assert answer.count(b"HTTP/1.1 200 OK") == 2


def test_a_body_that_comes_in_single_bytes_is_read_like_any_other(house):
    house.answering(_OK)

    with house.connect() as client:
        for byte in _POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n":
            client.sendall(bytes([byte]))
        assert status_of(until_quiet(client)) == 200

    assert body_of(house.heard[0]) == b"abc"


def test_who_expects_to_be_told_is_told_before_the_body(house):
    house.answering(_OK)

    with house.connect() as client:
        client.sendall(_POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert status_of(until_quiet(client)) == 200

    assert b"expect" not in dict(_fields(house.heard[0]))


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(house):
    answers = [
        house.say(_POST + b"Expect: 100-continue\r\nContent-Length: 3000000\r\n\r\n"),
        house.say(_POST + b"Transfer-Encoding: chunked\r\n\r\n300000\r\n" + b"x" * 0x300000 + b"\r\n0\r\n\r\n"),
    ]

    assert [status_of(answer) for answer in answers] == [413, 413]
    assert not house.heard


def test_an_upload_is_handed_on_whole_and_never_stands_in_memory(make_house):
    house = make_house(limits=Limits(upload_max_bytes=64 * 1024 * 1024))
    got = []

    async def script(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        n = 0
        while n < 50_000_000:
            n += len(await reader.read(1 << 16))
        got.append((head, n))
        writer.write(_OK)

    house.django(script)
    before = _resident_bytes()
    with house.connect() as client:
        client.sendall(b"POST /admin/files/ HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n")
        for _ in range(50):
            client.sendall(b"x" * 1_000_000)
        assert eventually(lambda: bool(got))
        assert status_of(until_quiet(client)) == 200

    assert got[0][1] == 50_000_000
    assert _resident_bytes() - before < 20_000_000


def _resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_long_answer_is_not_read_faster_than_its_client_reads(house):
    n_written = []

    async def script(reader, writer):
        await heard(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for n in range(200):
            writer.write(b"%x\r\n%b\r\n" % (65536, b"x" * 65536))
            await writer.drain()
            n_written.append(n)
        writer.write(b"0\r\n\r\n")

    house.django(script)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.connect(("127.0.0.1", house.port))
        client.sendall(b"GET /export/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert eventually(lambda: len(n_written) > 5)
        assert not eventually(lambda: len(n_written) > 190, within_s=0.5)

        answer = until_closed(client)

    assert head_of(answer)["transfer-encoding"] == "chunked"
    assert answer.count(b"x") == 200 * 65536
    assert answer.endswith(b"0\r\n\r\n")


def test_a_short_answer_in_chunks_gets_a_length_and_an_old_client_its_end(house):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    until_end = b"HTTP/1.0 200 OK\r\n\r\nok"
    house.answering(chunked)
    assert head_of(house.get("/a/"))["content-length"] == "2"

    async def script(reader, writer):
        await heard(reader)
        writer.write(until_end)

    house.django(script)
    assert body_of(house.say(b"GET /b/ HTTP/1.0\r\n\r\n")) == b"ok"


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_does_not_hold_up_the_next(house, status):
    house.answering(b'HTTP/1.1 %d X\r\nETag: "a"\r\n\r\n' % status, _OK)

    one = b"GET /a/ HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = house.say(one + one)

    assert status_of(answer) == status
    assert answer.endswith(b"ok<open>")
    assert house.n_connections == 1


def test_head_is_passed_on_as_head_with_the_length_of_the_answer(house):
    house.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", _OK)

    answer = house.say(b"HEAD /a/ HTTP/1.1\r\nHost: a\r\n\r\nGET /b/ HTTP/1.1\r\nHost: a\r\n\r\n")

    assert head_of(answer)["content-length"] == "5000"
    assert body_of(answer).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"",
    ],
)
def test_an_answer_that_cannot_be_understood_is_none(house, answer):
    async def script(reader, writer):
        await heard(reader)
        writer.write(answer)

    house.django(script)

    told = house.get("/a/")

    assert status_of(told) == 503
    assert head_of(told)["retry-after"] == "10"
    assert head_of(told)["cache-control"] == "no-store"
    assert b"short" not in told


def test_an_answer_that_breaks_off_in_the_middle_is_broken_off_for_the_client_too(house):
    async def script(reader, writer):
        await heard(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + b"x" * 2_000_000)
        await writer.drain()

    house.django(script)

    with house.connect() as client:
        client.sendall(b"GET /export/ HTTP/1.1\r\nHost: a\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            until_closed(client)


def test_a_connection_that_died_while_idle_fails_nobody(house):
    async def script(reader, writer):
        await heard(reader)
        writer.write(_OK)

    house.django(script)

    for _ in range(5):
        assert body_of(house.get("/a/")) == b"ok"
    assert body_of(house.say(_POST + b"Content-Length: 1\r\n\r\nx")).startswith(b"ok")


def test_what_changes_something_is_sent_once_even_when_the_answer_is_lost(house):
    async def script(reader, writer):
        house.heard.append(await heard(reader))

    house.django(script)

    sent = house.say(_POST + b"Content-Length: 1\r\n\r\nx")
    asked = house.get("/a/")

    assert status_of(sent) == 503
    assert b"could not say whether what you sent arrived" in sent
    assert sum(words.startswith(b"POST") for words in house.heard) == 1
    assert status_of(asked) == 503
    assert sum(words.startswith(b"GET") for words in house.heard) == 3


def test_when_the_client_goes_its_request_is_dropped(house):
    asked, dropped = threading.Event(), threading.Event()

    async def script(reader, writer):
        await heard(reader)
        asked.set()
        await reader.read()
        dropped.set()

    house.django(script)
    client = house.connect()
    client.sendall(b"GET /slow/ HTTP/1.1\r\nHost: a\r\n\r\n")
    assert asked.wait(5)

    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()

    assert dropped.wait(5)


def test_a_client_that_shut_only_its_own_side_still_gets_its_answer(house):
    house.answering(_OK)

    with house.connect() as client:
        client.sendall(b"GET /a/ HTTP/1.1\r\nHost: a\r\n\r\n")
        client.shutdown(socket.SHUT_WR)

        assert body_of(until_closed(client)) == b"ok"


def test_many_who_miss_the_same_page_ask_django_once(house):
    async def script(reader, writer):
        house.heard.append(await heard(reader))
        await asyncio.sleep(0.3)
        house.keep(_NEW)
        writer.write(_OK)

    house.django(script)
    answers = _together(house, ["/new/"] * 8)

    assert {body_of(answer) for answer in answers} == {b"made"}
    assert len(house.heard) == 1


@pytest.mark.parametrize(("form", "unpacked"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_the_very_first_reader_of_a_page_gets_it_as_all_after_do(house, form, unpacked):
    async def script(reader, writer):
        house.heard.append(await heard(reader))
        house.keep(type(PIECE)("/long/", PIECE.headers, frozenset({"pub:2"}), 1, content=b"strait " * 500))
        writer.write(_OK)

    house.django(script)
    first, second = (house.get("/long/", f"Accept-Encoding: {form}") for _ in range(2))

    assert len(house.heard) == 1
    assert unpacked(body_of(first)) == b"strait " * 500
    assert [line for line in first.split(b"\r\n") if not line.startswith(b"Date")] == [
        line for line in second.split(b"\r\n") if not line.startswith(b"Date")
    ]


def test_what_was_kept_meanwhile_answers_no_form_and_no_error(house):
    async def script(reader, writer):
        asked = await heard(reader)
        house.keep(_NEW)
        status = b"404 Not Found" if asked.startswith(b"GET") else b"200 OK"
        writer.write(b"HTTP/1.1 %b\r\nContent-Length: 2\r\n\r\nok" % status)

    house.django(script)

    assert body_of(house.get("/new/")) == b"ok"
    assert body_of(house.get("/new/", "Content-Length: 0", method="POST")) == b"ok"


_NEW = type(PIECE)("/new/", PIECE.headers, frozenset({"pub:2"}), 1, content=b"made")


def test_pages_that_are_never_kept_are_asked_for_side_by_side(house):
    async def script(reader, writer):
        while True:
            house.heard.append(await heard(reader))
            await asyncio.sleep(0.2)
            writer.write(_OK)

    house.django(script)
    _together(house, ["/absent/"] * 3)
    house.heard.clear()
    before = house.n_connections

    _together(house, ["/absent/"] * 5 + ["/search/"] * 2)

    assert len(house.heard) == 7
    assert house.n_connections - before >= 4


def _together(house, paths):
    answers = [b""] * len(paths)

    def ask(n, path):
        answers[n] = house.get(path)

    threads = [threading.Thread(target=ask, args=(n, path)) for n, path in enumerate(paths)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return answers


def test_more_requests_than_places_wait_their_turn(house):
    under_way, most = [0], [0]

    async def script(reader, writer):
        while True:
            await heard(reader)
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
            await asyncio.sleep(0.05)
            under_way[0] -= 1
            writer.write(_OK)

    house.django(script)

    answers = _together(house, [f"/search/?q={n}" for n in range(40)])

    assert all(body_of(answer) == b"ok" for answer in answers)
    assert 4 < most[0] <= 16


def test_the_edition_can_be_switched_and_withdrawn_under_a_running_front(house):
    house.answering(_OK)
    other = house.shelf.begin("b")
    other.put(type(PIECE)("/strait/", PIECE.headers, frozenset(), 1, content=b"another theme"))
    other.take(Step(1, stamp="7"))

    house.shelf.switch(other)
    assert eventually(lambda: body_of(house.get("/strait/")) == b"another theme")

    house.shelf.withdraw()
    assert eventually(lambda: body_of(house.get("/strait/")) == b"ok")
