import pytest
from django.db import connection, transaction

from isthmus.publications import actions, documents
from isthmus.publications.models import Publication
from isthmus.publications.staged import staged_by


def staged(*titles: str, run: str = "one") -> list[int]:
    pieces = [actions.StagedPiece(Publication(title=title, slug=title.lower())) for title in titles]
    with transaction.atomic():
        actions.stage_many(pieces, run=run)
    return [one.piece.pk for one in pieces]


@pytest.mark.django_db
def test_a_batch_holds_what_its_run_has_staged_and_nothing_else():
    ours, theirs = staged("One", "Two"), staged("Three", run="other")

    assert [document.id for document in documents.staged([*ours, *theirs], run="one")] == ours
    with transaction.atomic():
        assert actions.release_staged([*ours, *theirs], run="one") == 2
    assert set(Publication.objects.filter(live=True).values_list("pk", flat=True)) == set(ours)
    assert not list(documents.staged(ours, run="one"))


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows how many rows a run has staged")
def test_a_batch_is_looked_up_by_number_and_not_among_all_that_is_staged():
    staged("One", "Two")

    plan = staged_by("one").filter(pk__in=[1, 2, 3]).explain()

    assert "INTEGER PRIMARY KEY" in plan
    assert "staged_in" not in plan
