"""What a new piece is followed by that does not stand in its row: searches that locate it, dossiers it stands in."""

from __future__ import annotations

from collections.abc import Collection

from isthmus.mailing import dossiers, searches
from isthmus.mailing.searches import Found


def found_for(publication_ids: Collection[int], *, pace: str) -> Found:
    """By publication the searches and then the dossiers, followed at a pace; not in a transaction, it takes a while."""
    by_words = searches.found_for(publication_ids, pace=pace)
    by_dates = dossiers.found_for(publication_ids, pace=pace)
    both = {
        number: [*by_words.subjects.get(number, ()), *by_dates.subjects.get(number, ())]
        for number in {*by_words.subjects, *by_dates.subjects}
    }
    return Found(both, " ".join(filter(None, (by_words.trouble, by_dates.trouble))))
