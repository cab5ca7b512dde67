"""A queryset compiled once gives what the queryset gives, for other values each time and in several threads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField, Func, IntegerField, QuerySet

from isthmus.kit.compiled import Compiled, Slot

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def ending_by(at: object) -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lte=at).order_by("-expire_date")


@pytest.fixture
def sessions() -> None:
    for n in range(4):
        Session.objects.create(session_key=f"key{n}", expire_date=NOON + timedelta(hours=n))


@pytest.mark.usefixtures("sessions")
def test_it_gives_the_rows_of_the_queryset_for_each_value():
    compiled = Compiled[Session](lambda: ending_by(Slot("at", DateTimeField())))

    for hours in (0, 3, 1, -1):
        at = NOON + timedelta(hours=hours)
        assert compiled.rows(at=at) == list(ending_by(at))
    assert compiled.first(at=NOON + timedelta(hours=2)).expire_date == NOON + timedelta(hours=2)
    assert compiled.first(at=NOON - timedelta(hours=1)) is None


@pytest.mark.usefixtures("sessions")
def test_single_columns_and_several_come_as_from_the_queryset():
    latest = Slot("at", DateTimeField())
    counted = Func("pk", function="COUNT", output_field=IntegerField())

    n_sessions = Compiled[int](lambda: ending_by(latest).order_by().values_list(counted, flat=True))
    pairs = Compiled[tuple[str, datetime]](lambda: ending_by(latest).values_list("session_key", "expire_date"))

    assert n_sessions.first(at=NOON + timedelta(hours=1)) == 2
    assert pairs.rows(at=NOON) == [("key0", NOON)]


def test_rows_joined_in_are_there_without_another_query(django_assert_num_queries):
    kind = ContentType.objects.create(app_label="kit_tests", model="errand")
    Permission.objects.create(content_type=kind, codename="run", name="Can run errands")
    compiled = Compiled[Permission](
        lambda: Permission.objects.select_related("content_type").filter(
            content_type__model=Slot("model", CharField()), codename="run"
        )
    )

    with django_assert_num_queries(1):
        assert [row.content_type.app_label for row in compiled.rows(model="errand")] == ["kit_tests"]
    assert compiled.rows(model="x' OR '1'='1") == []


def test_it_is_built_once_and_a_slot_without_a_value_is_an_error():
    n_built = []

    def built() -> QuerySet[Session]:
        n_built.append(1)
        return ending_by(Slot("at", DateTimeField()))

    compiled = Compiled[Session](built)
    compiled.rows(at=NOON)
    compiled.rows(at=NOON)

    assert len(n_built) == 1
    with pytest.raises(KeyError, match="at"):
        compiled.rows()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("sessions")
def test_threads_do_not_get_each_other_s_rows():
    from django.db import connection

    compiled = Compiled[Session](lambda: ending_by(Slot("at", DateTimeField())))
    wrong: list[int] = []

    def read(hours: int) -> None:
        try:
            for _ in range(50):
                n_rows = len(compiled.rows(at=NOON + timedelta(hours=hours)))
                wrong.extend([n_rows] if n_rows != hours + 1 else [])
        finally:
            connection.close()

    readers = [Thread(target=read, args=(hours,)) for hours in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert wrong == []
