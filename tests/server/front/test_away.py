"""While Django is away or killed: what is kept goes on, what can wait waits, and the rest is told to come back."""

import asyncio
import json
import threading
import time

import pytest

from tests.server.front.house import TEXT, body_of, head_of, heard, status_of

_POST = b"POST /subscribe/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_kept_pages_are_answered_and_the_rest_waits_until_django_is_back(house):
    answers = {}
    waiting = [
        threading.Thread(target=lambda: answers.update(miss=house.get("/search/?q=a"))),
        threading.Thread(target=lambda: answers.update(form=house.send(_POST))),
    ]
    for thread in waiting:
        thread.start()
    time.sleep(0.3)
    assert body_of(house.get("/strait/")) == TEXT.encode()
    assert not answers

    house.answering(_OK)
    for thread in waiting:
        thread.join(10)

    assert body_of(answers["miss"]) == b"ok"
    assert body_of(answers["form"]) == b"ok"
    assert len(house.heard) == 2


@pytest.mark.parametrize(
    ("path", "kind"), [("/search/", "text/html; charset=utf-8"), ("/api/v1/search", "application/problem+json")]
)
def test_who_has_waited_long_enough_is_told_to_come_back(make_house, path, kind):
    house = make_house(hold_s=0.2)

    answer = house.get(path)

    assert status_of(answer) == 503
    head = head_of(answer)
    assert head["retry-after"] == "10"
    assert head["content-type"] == kind
    assert "default-src 'none'" in head["content-security-policy"]
    assert b"back in a moment" in body_of(answer)


def test_a_watchdog_is_told_soon_that_the_web_process_is_away(make_house):
    house = make_house(hold_s=60)

    answer = house.get("/healthz")

    assert status_of(answer) == 503
    told = json.loads(body_of(answer))
    assert told["status"] == "wrong"
    assert "web process" in told["wrong"][0]


def test_django_killed_again_and_again_loses_no_question(house):
    async def script(reader, writer):
        while True:
            await heard(reader)
            await asyncio.sleep(0.01)
            # In two parts, so that some are killed between them.
            writer.write(_OK[:30])
            await asyncio.sleep(0.01)
            writer.write(_OK[30:])

    house.django(script)
    statuses, over = [], threading.Event()

    def ask(path):
        while not over.is_set():
            statuses.append(status_of(house.get(path)))

    readers = [
        threading.Thread(target=ask, args=(path,)) for path in ("/strait/", "/a/", "/b/?q=1", "/c/?q=2", "/d/?q=3")
    ]
    for reader in readers:
        reader.start()
    for _ in range(8):
        time.sleep(0.08)
        house.kill_django()
        time.sleep(0.05)
        house.django(script)
    over.set()
    for reader in readers:
        reader.join(10)

    assert set(statuses) == {200}
    assert len(statuses) > 20


@pytest.mark.slow
def test_patience_begins_anew_with_each_death_of_django(make_house):
    house, answers, asked = make_house(hold_s=6), [], threading.Event()

    async def dies(reader, writer):
        await heard(reader)
        asked.set()
        await reader.read()

    waiting = threading.Thread(target=lambda: answers.append(house.get("/search/?q=a")))
    waiting.start()
    time.sleep(3.5)
    house.django(dies)
    assert asked.wait(5)
    house.kill_django()
    time.sleep(3.5)
    house.answering(_OK)
    waiting.join(10)

    assert body_of(answers[0]) == b"ok"
