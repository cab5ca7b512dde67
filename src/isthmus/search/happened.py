"""Documents as they are indexed: with the dates of what they tell of, which a folder above this one knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from isthmus.publications import documents as all_documents
from isthmus.publications.documents import Document

# As many as `publications.documents` reads at once.
_BATCH = 200

Told: TypeAlias = Callable[[Sequence[int]], Mapping[int, Sequence[str]]]
"""For numbers of publications such texts as 2019-06-12, 2019-06, 2019; those that tell of nothing are left out."""


def tell(told: Told) -> None:
    """Say who knows by which dates pieces are found with `happened:`; called once, when the folder that knows starts.

    Whoever changes what it says appends the piece to the journal, so that it is indexed again.
    """
    global _told
    _told = told


def documents(publication_ids: Iterable[int]) -> Iterator[Document]:
    """The visible ones among these publications, see `publications.documents`, with what they tell of."""
    rest = iter(publication_ids)
    while ids := list(islice(rest, _BATCH)):
        dates = _told(ids)
        for document in all_documents.documents(ids):
            found = dates.get(document.id)
            yield replace(document, happened=tuple(found)) if found else document


def _nobody(publication_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
    return {}


_told: Told = _nobody
