"""Names and slugs: one folded key a person is found by, one free slug for each address."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from isthmus.kit import text

if TYPE_CHECKING:
    # The process that reads an archive asks for names alone: Django would be half of its start, 0.25 s of CPU.
    from django.db import models

_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "del", "della", "da", "di", "du", "la", "le", "al", "bin", "ter"}
)
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})
# Words that stand in the names of bureaus and offices and never in a person's.
_OFFICE_WORDS = frozenset({"of", "for", "on", "and", "&"})


def name_key(name: str) -> str:
    """What two spellings of one name share: folded, without dots, with single spaces."""
    return text.collapse(text.fold(name).replace(".", " "))


def is_office(name: str) -> bool:
    """Whether a name is that of a bureau or office, such as "Bureau of Fisheries, Ports, and Tides"."""
    return not _OFFICE_WORDS.isdisjoint(name.lower().split())


def sort_name(name: str) -> str:
    """ "King, Robert" for "Robert King"; particles go with the family name, offices and unspaced names stay."""
    if is_office(name):
        return name
    words = name.split()
    while len(words) > 2 and text.fold(words[-1]).strip(".,") in _SUFFIXES:
        words.pop()
    if len(words) < 2:
        return name
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return f"{' '.join(words[start:])}, {' '.join(words[:start])}"


def link_tag(number: int | str) -> str:
    """What a page that links to a piece is noted under; it does not tell the number of one that is not public yet."""
    from django.conf import settings

    key = settings.SECRET_KEY.encode()[:64]
    return f"link:{blake2b(str(int(number)).encode(), key=key, digest_size=6).hexdigest()}"


def free_slug(
    model: type[models.Model],
    title: str,
    *,
    pk: int | None = None,
    within: dict[str, Any] | None = None,
    taken: Callable[[str], bool] = lambda slug: False,
) -> str:
    """The slug of a title, with -2, -3 … where another row within the same scope has it already."""
    base = text.slug(title)
    others = model._default_manager.filter(slug__startswith=base, **(within or {})).exclude(pk=pk)
    used = set(others.values_list("slug", flat=True))
    return next_free(base, lambda slug: slug in used or taken(slug))


def next_free(base: str, is_taken: Callable[[str], bool]) -> str:
    """`base`, or the first of base-2, base-3 … that is not taken."""
    candidate, number = base, 1
    while is_taken(candidate):
        number += 1
        candidate = f"{base}-{number}"
    return candidate
