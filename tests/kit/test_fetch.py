"""The one fetcher reaches the open internet and nothing of ours, however an address is spelt."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from isthmus.kit import fetch

PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "198.18.0.1", "192.0.2.1", "168.63.129.16",
]  # fmt: skip


def spellings(ip: str) -> Iterator[str]:
    """Every way to write an IPv4 address that some program somewhere takes for that address."""
    a, b, c, d = (int(part) for part in ip.split("."))
    number = (a << 24) + (b << 16) + (c << 8) + d
    yield from (ip, f"{ip}.", str(number), hex(number), f"0{number:o}", f"{a}.{b}.{(c << 8) + d}")
    yield from (f"{a}.{(b << 16) + (c << 8) + d}", f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}")
    yield from (f"00{a:o}.{b}.{c}.{d}", f"{a:#x}.{b}.{c}.{d}", f"{a}.{b}.{c}.{d:#x}", f"{a:#06x}.0{b:o}.{c}.{d}")
    yield from (f"[::ffff:{ip}]", f"[::{ip}]", f"[64:ff9b::{ip}]", f"[2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1]")
    yield f"[::ffff:{a:02x}{b:02x}:{c:02x}{d:02x}]"
    yield f"[2001:0:{a:02x}{b:02x}:{c:02x}{d:02x}::1]"
    yield from (ip.translate({ord("0") + n: 0xFF10 + n for n in range(10)}), ip.replace(".", "\u3002"))
    yield from (ip.replace(".", "\uff0e"), ip.translate({ord("1"): "\u2460"}), ip.replace(".", "%2e"))


def around(host: str) -> Iterator[str]:
    yield f"http://{host}/"
    yield f"https://{host}:443/"


HOSTS = [
    *itertools.chain.from_iterable(map(spellings, PRIVATE)),
    "localhost", "LOCALHOST.", "ip6-localhost", "[::1]", "[::]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]",
    "[ff02::1]",
    "[0:0:0:0:0:0:0:1]", "[fd00:ec2::254]", "[64:ff9b:1::1]", "[2001:db8::1]", "127.1", "0", "0x7f.1",
    "127.127.127.127",
]  # fmt: skip
ODD = [
    "file:///etc/passwd", "FILE:///etc/passwd", "gopher://127.0.0.1:6379/_x", "ftp://127.0.0.1/", "data:text/plain,x",
    "dict://127.0.0.1:11211/", "jar:http://127.0.0.1!/", "javascript:alert(1)", "//127.0.0.1/", "/etc/passwd", "http:",
    "http://", "http:///x", "http://a@127.0.0.1/", "http://known.example@127.0.0.1/", "http://a:b@c.example/",
    "http://127.0.0.1\\@known.example/", "http://known.example\\.evil.example/", "http://known.example:22/",
    "http://known.example:6379/", "http://known.example:0/", "http://known.example:99999/", "http://known.example:x/",
    "http://a b.example/", "http://a\r\nHost: b.example/", "http://known.example/\r\nX: y", "http://[::1", "http://]/",
    "http://-.example/", "http://a..example/", "http://" + "a" * 300 + ".example/", "http://x/" + "a" * 5000,
    "http://%31%32%37.0.0.1/", "http://127.0.0.1%00.example/", "http://\u0000/", "http://xn--/", "\thttp://127.0.0.1/",
]  # fmt: skip


def _look_up(host: str, port: int, **rest: Any) -> list[Any]:
    """As libc does: numbers in every form inet_aton takes, the names of this machine, and nothing else."""
    with contextlib.suppress(OSError):
        return [(socket.AF_INET6, 1, 6, "", (socket.inet_ntop(socket.AF_INET6, socket.inet_pton(10, host)), port))]
    with contextlib.suppress(OSError):
        return [(socket.AF_INET, 1, 6, "", (socket.inet_ntoa(socket.inet_aton(host)), port))]
    if host.rstrip(".") in ("localhost", "ip6-localhost"):
        return [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]
    raise socket.gaierror(host)


def test_no_spelling_of_a_private_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", _look_up)
    monkeypatch.setattr(socket, "create_connection", lambda *args, **rest: connected.append(args))
    addresses = [*itertools.chain.from_iterable(map(around, HOSTS)), *ODD]
    assert len(addresses) > 400

    for address in addresses:
        with pytest.raises(fetch.FetchRefused):
            fetch.fetch(address)

    assert connected == []


@pytest.mark.parametrize("ip", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "193.0.6.139"])
def test_the_open_internet_is_public(ip: str) -> None:
    assert fetch.is_public(ip)


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", (ip, 80)) for ip in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **rest: found)

    with pytest.raises(fetch.FetchRefused, match="private network"):
        fetch.fetch("http://two-faced.example/")


def test_the_name_is_asked_for_once_and_its_answer_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([[(2, 1, 6, "", ("1.1.1.1", 80))], [(2, 1, 6, "", ("127.0.0.1", 80))]])
    connected: list[Any] = []

    def connect(target: tuple[str, int], **rest: Any) -> None:
        connected.append(target)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **rest: next(answers))
    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(fetch.FetchRefused, match="no connection"):
        fetch.fetch("http://rebinding.example/")

    assert connected == [("1.1.1.1", 80)]


Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], int]]:
    """Start a server on this machine that answers so; returns its port."""
    running: list[http.server.ThreadingHTTPServer] = []

    def start(answer: Answer) -> int:
        handler = type("Handler", (http.server.BaseHTTPRequestHandler,), {"do_GET": answer, "log_message": _quiet})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        running.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return int(server.server_address[1])

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def _quiet(*args: object) -> None:
    """No lines on the terminal."""


def _send(to: http.server.BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes = b"") -> None:
    to.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        to.send_header(name, value)
    to.end_headers()
    to.wfile.write(body)


def _get(port: int, path: str = "/", **limits: Any) -> fetch.Fetched:
    """As a fetch of the open internet, but for the one server of this test."""
    return fetch.fetch(
        f"http://127.0.0.1:{port}{path}", may_connect=lambda ip: True, ports=frozenset({80, port}), **limits
    )


def test_what_stands_there_comes_whole(serve: Callable[[Answer], int]) -> None:
    port = serve(lambda to: _send(to, 200, {"Content-Type": "image/PNG; x=y", "ETag": '"7"'}, b"picture"))

    got = _get(port, "/a%20b.png")

    assert (got.body, got.content_type, got.status, got.headers["etag"]) == (b"picture", "image/png", 200, '"7"')


def test_every_redirect_is_checked_like_the_first(serve: Callable[[Answer], int]) -> None:
    asked: list[str] = []
    inside = serve(lambda to: asked.append(to.path))
    port = serve(lambda to: _send(to, 302, {"Location": f"http://localhost.localdomain:{inside}/secret"}))

    with pytest.raises(fetch.FetchRefused, match="port"):
        _get(port)

    port = serve(lambda to: _send(to, 301, {"Location": "file:///etc/passwd"}))
    with pytest.raises(fetch.FetchRefused, match="only http"):
        _get(port)
    assert asked == []


def test_a_circle_of_redirects_ends(serve: Callable[[Answer], int]) -> None:
    n_asked = itertools.count()

    def answer(to: http.server.BaseHTTPRequestHandler) -> None:
        next(n_asked)
        _send(to, 302, {"Location": "/again"})

    with pytest.raises(fetch.FetchRefused, match="redirects more than"):
        _get(serve(answer))
    assert next(n_asked) == 6


def test_a_body_larger_than_allowed_is_not_taken(serve: Callable[[Answer], int]) -> None:
    port = serve(lambda to: _send(to, 200, {}, b"x" * 2000))

    assert len(_get(port, max_bytes=2000).body) == 2000
    with pytest.raises(fetch.FetchRefused, match="larger than 1,999 bytes"):
        _get(port, max_bytes=1999)


def test_a_packed_bomb_is_not_unpacked(serve: Callable[[Answer], int]) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    port = serve(lambda to: _send(to, 200, {"Content-Encoding": "gzip"}, bomb))

    with pytest.raises(fetch.FetchRefused, match="larger than"):
        _get(port, max_bytes=1_000_000)


def test_an_answer_that_breaks_off_is_not_taken(serve: Callable[[Answer], int]) -> None:
    port = serve(lambda to: _send(to, 200, {"Content-Length": "100"}, b"half"))

    with pytest.raises(fetch.FetchRefused):
        _get(port)


@pytest.mark.slow
def test_a_server_that_sends_a_byte_now_and_then_is_cut_off(serve: Callable[[Answer], int]) -> None:
    def drip(to: http.server.BaseHTTPRequestHandler) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
            to.wfile.write(bytes([byte]))
            time.sleep(0.1)

    started = time.monotonic()
    with pytest.raises(fetch.FetchRefused, match="too long"):
        _get(serve(drip), max_s=1)

    # The server would go on for 100 s.
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("status", [404, 410, 500])
def test_an_error_page_is_no_answer(serve: Callable[[Answer], int], status: int) -> None:
    port = serve(lambda to: _send(to, status, {}, b"<h1>Sorry</h1>"))

    with pytest.raises(fetch.FetchRefused, match=str(status)):
        _get(port)
