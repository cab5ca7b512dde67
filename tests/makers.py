"""Rows for tests, made through the product's own doors; the people are always the same four."""

from __future__ import annotations

from typing import Any

from isthmus.publications import actions
from isthmus.publications.models import Byline, Category, CategoryAxis, Person, Publication, Series


def person(name: str = "Robert King", **fields: Any) -> Person:
    """A saved person."""
    found = Person.objects.filter(name=name).first()
    return found or Person.objects.create(name=name, **fields)


def series(title: str = "The Peninsula", **fields: Any) -> Series:
    """A saved series."""
    found = Series.objects.filter(title=title).first()
    return found or Series.objects.create(title=title, **fields)


def category(label: str = "North Korea", axis: str = "region", **fields: Any) -> Category:
    """A saved category on an axis that is made when missing."""
    on, _ = CategoryAxis.objects.get_or_create(slug=axis, defaults={"label": axis.capitalize()})
    found = Category.objects.filter(label=label, axis=on).first()
    return found or Category.objects.create(label=label, axis=on, **fields)


def draft(title: str = "Ardor Fades", *, people: tuple[Person, ...] = (), categories: tuple[Category, ...] = (),
          text: str = "<p>The relationship has been cordial.</p>", **fields: Any) -> Publication:  # fmt: skip
    """A saved draft, as an editor leaves it."""
    body = fields.pop("body", [("text", text)])
    piece = Publication(title=title, body=body, **fields)
    piece.bylines = [Byline(person=one) for one in people]
    piece.categories = list(categories)
    actions.save_draft(piece)
    return piece


def released(title: str = "Ardor Fades", **fields: Any) -> Publication:
    """A piece the public may see."""
    return actions.release(draft(title, **fields))


def edited(piece: Publication, **fields: Any) -> Publication:
    """A draft of a piece with other field values, not released."""
    newest = Publication.objects.get(pk=piece.pk).get_latest_revision_as_object()
    for name, value in fields.items():
        setattr(newest, name, value)
    actions.save_draft(newest)
    return Publication.objects.get(pk=piece.pk)
