from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from isthmus.kit import clock
from isthmus.kit.bulk import insert_many, update_many
from isthmus.publications.models import JournalEntry, Person, Publication, Series
from tests import makers


def people(*names: str) -> list[Person]:
    return [Person(name=name, name_key=name.lower(), sort_name=name, slug=name.lower()) for name in names]


@pytest.mark.django_db
def test_rows_stand_in_the_table_as_bulk_create_would_have_put_them():
    series = makers.series()
    fields: dict[str, Any] = {
        "title": "Zürich “talks”",
        "language": "en",
        "series": series,
        "summary": "정책\n1.5",
        "body": '[{"type": "text", "value": "<p>One</p>", "id": "a"}]',
        "published_on": clock.now().date(),
        "published_at": clock.now(),
        "published_offset_min": -300,
    }
    with transaction.atomic():
        ours = Publication(slug="ours", identity="ours", **fields)
        insert_many([ours])
        theirs = Publication.objects.bulk_create([Publication(slug="theirs", identity="theirs", **fields)])[0]

    differ = {"id", "slug", "identity", "translation_key"}
    left, right = (Publication.objects.filter(pk=piece.pk).values().get() for piece in (ours, theirs))
    assert {name for name in left if left[name] != right[name]} <= differ
    assert Publication.objects.get(pk=ours.pk).body.raw_data[0]["value"] == "<p>One</p>"


@pytest.mark.django_db
def test_every_row_has_its_number_and_the_next_ordinary_row_goes_on():
    rows = people("alice", "bob", "carol")

    with transaction.atomic():
        insert_many(rows)
    dan = makers.person("Dan Stranger")

    assert list(Person.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")) == rows
    assert dan.pk > max(row.pk for row in rows)


@pytest.mark.django_db
def test_a_number_that_was_used_is_never_used_again():
    carol, bob = people("carol", "bob")
    with transaction.atomic():
        insert_many([carol])
        number = carol.pk
        carol.delete()
        insert_many([bob])

    assert bob.pk > number


@pytest.mark.django_db
def test_a_row_that_breaks_a_rule_breaks_all_of_them():
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_many([Series(title="One", slug="one"), Series(title="One", slug="two")])

    assert not Series.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rows_in_bulk_need_a_transaction():
    assert not connection.in_atomic_block
    with pytest.raises(transaction.TransactionManagementError):
        insert_many([JournalEntry(subject="site", what="revised", is_news=False, at=clock.now())])


@pytest.mark.django_db
def test_nothing_to_insert_asks_nothing(django_assert_num_queries: Any):
    with django_assert_num_queries(0):
        insert_many([])


@pytest.mark.django_db
def test_rows_that_may_not_stand_beside_old_ones_are_left_out_where_that_is_asked_for():
    alice = people("alice")[0]
    with transaction.atomic():
        insert_many([alice])
        insert_many(people("bob", "alice"), keeps_old=True)

    assert list(Person.objects.order_by("pk").values_list("name", flat=True)) == ["alice", "bob"]
    assert Person.objects.get(slug="alice").pk == alice.pk


@pytest.mark.django_db
def test_many_rows_are_changed_as_update_would_have_changed_them():
    first, second, other = makers.released(title="One"), makers.released(title="Two"), makers.released(title="Three")
    body = '[{"type": "text", "value": "<p>Zürich</p>", "id": "a"}]'

    with transaction.atomic():
        update_many(Publication, ["body", "details"], [(first.pk, body, {"a": 1}), (second.pk, "[]", {})])
    Publication.objects.filter(pk=other.pk).update(body=body, details={"a": 1})

    columns = Publication.objects.order_by("pk").values_list("body", "details")
    (one, details), (two, none), (three, same) = columns.filter(pk__in=[first.pk, second.pk, other.pk])
    assert one.raw_data[0]["value"] == "<p>Zürich</p>"
    assert (list(one.raw_data), details) == (list(three.raw_data), same)
    assert (len(two), none) == (0, {})
