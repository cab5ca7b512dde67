"""The worker does all its jobs, whatever becomes of one of them."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError

from isthmus.publications import actions, visibility
from isthmus.publications.models import Publication
from isthmus.server import worker
from isthmus.server.worker import Job, Stop, Worker
from tests import makers


class _Time:
    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


def _worker(*jobs):
    time = _Time()
    return Worker(jobs, monotonic=time), time


def _failing(error):
    def run():
        raise error

    return run


@pytest.mark.django_db(transaction=True)
def test_a_failing_job_does_not_stop_the_others(caplog):
    ran = []
    failing, fine = Job("bad", _failing(ValueError("x")), 1), Job("good", lambda: ran.append(1) or 0, 1)
    subject, time = _worker(failing, fine)

    for _ in range(3):
        subject.round(Stop())
        time.at += 1

    assert len(ran) == 3


@pytest.mark.django_db(transaction=True)
def test_a_failing_job_is_tried_later_and_later_and_at_once_again_when_it_works(caplog):
    outcomes = [ValueError("x"), ValueError("x"), ValueError("x"), None]

    def run():
        if (error := outcomes.pop(0)) is not None:
            raise error
        return 0

    job = Job("shaky", run, 1.0)
    subject, time = _worker(job)
    waits = []
    for _ in range(4):
        subject.round(Stop())
        waits.append(job.due - time.at)
        time.at = job.due

    assert waits == [1, 2, 4, 1]


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_said_without_a_traceback_and_other_failures_with_one(caplog):
    caplog.set_level(logging.ERROR)
    full = Job("full", _failing(OperationalError("database or disk is full")), 1)
    odd = Job("odd", _failing(ValueError("what is this")), 1)

    _worker(full, odd)[0].round(Stop())

    said = {record.args[0]: record for record in caplog.records}
    assert "The disk is full" in said["full"].getMessage()
    assert not said["full"].exc_info
    assert said["odd"].exc_info


def test_a_job_with_more_to_do_runs_again_at_once():
    job = Job("busy", lambda: 5, 60)
    subject, time = _worker(job)

    subject.round(Stop())

    assert job.due == time.at


def test_a_worker_that_is_told_to_stop_stops_after_the_job_in_hand():
    stop, ran = Stop(), []
    jobs = [Job("first", lambda: stop.set() or 0, 1), Job("second", lambda: ran.append(1) or 0, 1)]

    _worker(*jobs)[0].run(stop)

    assert ran == []


def test_waiting_ends_with_the_wish_to_stop():
    stop = Stop()
    stop.set()

    stop.wait(600)

    assert stop.is_set


@pytest.mark.django_db
def test_a_scheduled_piece_is_released_by_the_round_after_its_minute(clock, monkeypatch):
    monkeypatch.setattr(worker, "_index_job", lambda: lambda: 0)
    piece = makers.draft("Timed")
    actions.schedule(piece, clock() + timedelta(minutes=1))
    release = next(job for job in worker.jobs_of("w1") if job.name == "release")

    assert (release.run(), visibility.total()) == (0, 0)
    clock.advance(timedelta(minutes=1))

    assert release.run() == 1
    assert visibility.total() == 1
    assert Publication.objects.get(pk=piece.pk).live


def test_what_readers_wait_for_is_looked_at_every_second():
    every = {job.name: job.every_s for job in worker.jobs_of("w1")}

    assert every["release"] <= 1
    assert every["index"] <= 1


def test_two_workers_of_one_process_have_two_names():
    assert worker.worker_name() != worker.worker_name()
