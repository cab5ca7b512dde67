"""Clients that take their time, or take without end, do not keep others from the site."""

import socket
import time

from isthmus.server.front.limits import Limits
from tests.server.front.house import TEXT, body_of, eventually, status_of, until_closed, until_quiet

_QUICK = Limits(head_s=0.4, idle_s=0.4, body_grace_s=0.4, unread_s=0.4, linger_s=0.3, half_closed_s=0.3)
_POST = b"POST /subscribe/ HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"


def _is_closed(client):
    client.settimeout(5)
    try:
        return until_closed(client) is not None
    except ConnectionResetError:
        return True


def test_half_sent_headers_are_dropped_however_steadily_they_come(make_house):
    house = make_house(limits=_QUICK)

    with house.connect() as client:
        client.sendall(b"GET /strait/ HTTP/1.1\r\n")
        began = time.monotonic()
        try:
            while time.monotonic() - began < 10:
                client.sendall(b"X: a\r\n")
                time.sleep(0.05)
        except OSError:
            pass

    assert time.monotonic() - began < 5


def test_silent_connections_are_dropped_before_and_after_a_request(make_house):
    house = make_house(limits=_QUICK)

    with house.connect() as silent, house.connect() as idle:
        idle.sendall(b"GET /strait/ HTTP/1.1\r\nHost: a\r\n\r\n")

        assert _is_closed(silent)
        assert _is_closed(idle)


def test_a_proxy_of_the_operator_s_may_keep_its_connections_longer(make_house):
    house = make_house(limits=_QUICK, trusted_proxies=("127.0.0.1",))

    with house.connect() as idle:
        idle.sendall(b"GET /strait/ HTTP/1.1\r\nHost: a\r\n\r\n")

        assert until_quiet(idle, quiet_s=1.0).endswith(b"<open>")


def test_a_body_that_trickles_in_is_refused(make_house):
    house = make_house(limits=_QUICK)

    with house.connect() as client:
        client.sendall(_POST + b"x")

        assert status_of(until_closed(client)) == 408


def test_slow_bodies_of_one_address_cannot_take_every_place(house):
    house.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    slow = [house.connect() for _ in range(32)]
    for client in slow:
        client.sendall(_POST)
    assert eventually(lambda: house.site._bodies._n == 32)

    assert status_of(house.say(_POST)) == 503
    assert body_of(house.get("/strait/")) == TEXT.encode()
    assert body_of(house.get("/search/")) == b"ok"

    for client in slow:
        client.close()
    assert eventually(lambda: house.site._bodies._n == 0)


def test_a_client_that_reads_nothing_is_dropped_and_takes_bounded_memory(make_house):
    house = make_house(limits=_QUICK)

    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", house.port))
        client.settimeout(0.2)
        one = b"GET /strait/ HTTP/1.1\r\nHost: a\r\n\r\n"
        n_sent = 0
        try:
            # 40 MB of answers, if anybody made them.
            while n_sent < 10_000:
                client.sendall(one * 10)
                n_sent += 10
        except OSError:
            pass
        [connection] = house.site.connections or [None]
        unsent = connection._transport.get_write_buffer_size() if connection else 0

        assert unsent < 400_000
        assert eventually(lambda: not house.site.connections)


def test_when_nearly_all_places_are_taken_idle_ones_make_room(make_house):
    house = make_house(limits=Limits(connections_max=20, idle_s=60, idle_when_full_s=0.2))
    idle = [house.connect() for _ in range(19)]

    assert eventually(lambda: status_of(house.get("/strait/")) == 200)
    assert eventually(lambda: len(house.site.connections) < 5)

    for client in idle:
        client.close()


def test_one_connection_too_many_is_closed_at_once(make_house):
    house = make_house(limits=Limits(connections_max=2, idle_when_full_s=60))

    with house.connect(), house.connect():
        assert eventually(lambda: len(house.site.connections) == 2)
        with house.connect() as third:
            assert _is_closed(third)


def test_a_front_that_stops_answers_what_is_under_way_and_lets_idle_clients_go(house):
    house.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with house.connect() as idle, house.connect() as sending:
        sending.sendall(_POST[:-2])
        until_quiet(sending)

        house.loop.call_soon_threadsafe(house.site.drain)
        assert _is_closed(idle)
        sending.sendall(b"\r\n" + b"x" * 100_000)

        answer = until_closed(sending)

    assert body_of(answer) == b"ok"
    assert b"\r\nConnection: close\r\n" in answer
