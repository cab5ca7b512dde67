"""What /healthz says, and when it calls for somebody."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from isthmus.publications import journal
from isthmus.server import health, worker
from isthmus.server.models import WorkerSign

pytestmark = pytest.mark.django_db


def test_all_is_well_while_a_worker_signs_and_the_index_follows(clock):
    worker.sign("w1")
    clock.advance(timedelta(seconds=8))

    answer = Client().get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "index_lag": 0, "worker_age_s": 8.0, "wrong": []}
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_worker_is_wrong():
    answer = Client().get("/healthz")

    assert answer.status_code == 503
    assert "isthmus serve" in answer.json()["wrong"][0]


def test_a_worker_that_fell_silent_is_wrong_and_another_makes_it_well(clock):
    worker.sign("w1")
    clock.advance(timedelta(seconds=health.WORKER_SILENT_S + 1))
    assert "61 s" in health.report().wrong[0]

    worker.sign("w2")

    assert health.report().wrong == []


def test_an_index_that_is_a_little_behind_is_well_and_one_that_stands_still_is_not(clock):
    with transaction.atomic():
        journal.append("pub:1", journal.What.RELEASED)
    worker.sign("w1")
    assert (health.report().index_lag, health.report().wrong) == (1, [])

    clock.advance(timedelta(seconds=health.INDEX_LATE_S + 1))
    worker.sign("w1")

    assert "has not read 1 change" in health.report().wrong[0]


def test_a_database_that_does_not_answer_is_said_and_not_raised(monkeypatch):
    def away(*_):
        raise DatabaseError("gone")

    monkeypatch.setattr(health.journal, "lag", away)

    answer = Client().get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"


@pytest.mark.django_db(transaction=True)
def test_a_worker_takes_its_sign_down_when_it_stops(monkeypatch):
    monkeypatch.setattr(worker, "jobs_of", lambda name: [])
    stop = worker.Stop()
    stop.set()

    worker.run(stop)

    assert not WorkerSign.objects.exists()
