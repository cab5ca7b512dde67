"""The vocabulary's doors: subjects with their names, what is open to the public, merging and splitting.

That a vocabulary changed is marked by `signals`, whatever row it was; the journal is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from isthmus.dossiers import happened
from isthmus.dossiers.actions.rulings import readdress
from isthmus.dossiers.models import (
    Alias,
    Ruling,
    Subject,
    SubjectAddress,
    SubjectKind,
    SubjectTitle,
)
from isthmus.dossiers.models.subjects import MAX_NAME_CHARS
from isthmus.dossiers.signals import subject_merged
from isthmus.kit import clock
from isthmus.kit.errors import UsageError
from isthmus.publications import journal

# Last parts of addresses that mean something else below /dossiers/.
_RESERVED = frozenset({"feed", "report", "reports", "chronology", "export"})
_MAX_SLUG_CHARS = 190


class SubjectInvalid(UsageError):
    """A subject that cannot be kept as it was given."""


@dataclass(frozen=True, slots=True)
class AliasKept:
    """Words by which the subject is found: see the model `Alias`."""

    text: str
    companion: str = ""
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class TitleKept:
    """An office the subject held: see the model `SubjectTitle`."""

    text: str
    starts_on: date | None = None
    ends_on: date | None = None


def keep_subject(
    subject: Subject,
    *,
    aliases: Iterable[AliasKept] | None = None,
    titles: Iterable[TitleKept] | None = None,
    by: Any = None,
) -> Subject:
    """Save a subject, new or changed, and its names; None leaves them as they are.

    An empty address is made from the name; a changed one leaves the former, which leads here from then on.
    Raises: SubjectInvalid.
    """
    subject.name = " ".join(subject.name.split())
    if not subject.name or len(subject.name) > MAX_NAME_CHARS or subject.kind not in SubjectKind.values:
        raise SubjectInvalid(f"A subject needs a kind and a name of at most {MAX_NAME_CHARS} characters.")
    with transaction.atomic():
        former = Subject.objects.filter(pk=subject.pk).values_list("slug", flat=True).first() if subject.pk else None
        subject.slug = _address(subject)
        # What is open changes by its own doors alone, whatever this copy of the row says.
        if former is not None:
            subject.save(update_fields=["kind", "name", "slug", "note", "person"])
        else:
            subject.is_open = False
            subject.save()
        _keep_address(subject, former, by)
        _keep_aliases(subject, aliases)
        _keep_titles(subject, titles)
        _say(subject, journal.What.REVISED)
    return subject


def add_alias(subject: Subject, alias: AliasKept) -> None:
    """Have the subject found by these words too; known ones are changed. Raises: SubjectInvalid."""
    with transaction.atomic():
        _save_alias(subject, alias)
        _say(subject, journal.What.REVISED)


def open_dossier(subject: Subject, *, by: Any, now: datetime | None = None) -> None:
    """Show what was mined about the subject to the public; who did so stands with it."""
    with transaction.atomic():
        held = Subject.objects.select_for_update().get(pk=subject.pk)
        if held.is_open:
            return
        held.is_open, held.opened_at, held.opened_by = True, now or clock.now(), by
        held.save(update_fields=["is_open", "opened_at", "opened_by"])
        journal.append(held.subject, journal.What.RELEASED)
        _append_pieces(held)
    subject.refresh_from_db()


def close_dossier(subject: Subject) -> None:
    """Take the dossier out of the public's sight; names, rulings and address stay for when it is opened again."""
    with transaction.atomic():
        held = Subject.objects.select_for_update().get(pk=subject.pk)
        if not held.is_open:
            return
        held.is_open = False
        held.save(update_fields=["is_open"])
        journal.append(held.subject, journal.What.WITHDRAWN)
        _append_pieces(held)
    subject.refresh_from_db()


def merge_subjects(gone: Subject, *, into: Subject, by: Any = None) -> Subject:
    """Make two subjects one: names, titles and addresses of `gone` go over, and its address leads to the other.

    Whether the dossier is open is the other's matter alone: nothing becomes public by merging. Rulings that name the
    former address hold for the one that remains. Raises: SubjectInvalid for one subject twice.
    """
    if gone.pk == into.pk:
        raise SubjectInvalid("A subject cannot be merged into itself: choose another one.")
    with transaction.atomic():
        for alias in [AliasKept(gone.name), *map(_kept, gone.aliases.all())]:
            if alias.text != into.name and not into.aliases.filter(text=alias.text).exists():
                _save_alias(into, alias)
        gone.titles.update(subject=into)
        SubjectAddress.objects.filter(subject=gone).update(subject=into)
        if into.person_id is None and gone.person_id is not None:
            into.person_id = gone.person_id
            into.save(update_fields=["person"])
        _append_pieces(gone)
        journal.append(gone.subject, journal.What.WITHDRAWN)
        slug = gone.slug
        subject_merged.send(Subject, gone=gone.pk, into=into.pk)
        gone.delete()
        readdress(slug, into.slug, by=by)
        SubjectAddress.objects.update_or_create(slug=slug, defaults={"subject": into})
        _say(into, journal.What.REVISED)
    return into


def split_alias(alias: Alias, *, kind: str = "", name: str = "", by: Any = None) -> Subject:
    """Make an alias a subject of its own, whose dossier is closed until somebody opens it; the other keeps its address.

    kind: as the former subject's where empty; name: the alias's own words where empty. Raises: SubjectInvalid.
    """
    with transaction.atomic():
        former = alias.subject
        if alias.text == former.name:
            raise SubjectInvalid("These words are the subject's own name: rename the subject first.")
        kept = _kept(alias)
        alias.delete()
        made = keep_subject(Subject(kind=kind or former.kind, name=name or kept.text), aliases=[kept], by=by)
        _append_pieces(former)
        _say(former, journal.What.REVISED)
    return made


def _address(subject: Subject) -> str:
    """Its address: as given if nobody else has or had it, else with a number behind."""
    wanted = slugify(subject.slug or subject.name, allow_unicode=True)[:_MAX_SLUG_CHARS] or "subject"
    number, slug = 1, wanted
    while slug in _RESERVED or _is_taken(slug, subject):
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _is_taken(slug: str, subject: Subject) -> bool:
    is_other = Subject.objects.filter(slug=slug).exclude(pk=subject.pk).exists()
    return is_other or SubjectAddress.objects.filter(slug=slug).exclude(subject=subject.pk).exists()


def _keep_address(subject: Subject, former: str | None, by: Any) -> None:
    SubjectAddress.objects.filter(slug=subject.slug, subject=subject).delete()
    if former and former != subject.slug:
        SubjectAddress.objects.update_or_create(slug=former, defaults={"subject": subject})
        readdress(former, subject.slug, by=by)


def _keep_aliases(subject: Subject, aliases: Iterable[AliasKept] | None) -> None:
    if aliases is None:
        return
    wanted = {alias.text: alias for alias in map(_clean, aliases)}
    for row in subject.aliases.exclude(text__in=list(wanted)):
        row.delete()
    for alias in wanted.values():
        _save_alias(subject, alias)


def _save_alias(subject: Subject, alias: AliasKept) -> None:
    alias = _clean(alias)
    values = {"companion": alias.companion, "is_ambiguous": alias.is_ambiguous}
    if not Alias.objects.filter(subject=subject, text=alias.text, **values).exists():
        Alias.objects.update_or_create(subject=subject, text=alias.text, defaults=values)


def _clean(alias: AliasKept) -> AliasKept:
    text = " ".join(alias.text.split())
    if not text or len(text) > MAX_NAME_CHARS or len(alias.companion) > MAX_NAME_CHARS:
        raise SubjectInvalid(f"An alias has 1 to {MAX_NAME_CHARS} characters, its companions no more than that.")
    return AliasKept(text, alias.companion.strip(), alias.is_ambiguous)


def _kept(alias: Alias) -> AliasKept:
    return AliasKept(alias.text, alias.companion, alias.is_ambiguous)


def _keep_titles(subject: Subject, titles: Iterable[TitleKept] | None) -> None:
    if titles is None:
        return
    wanted: Sequence[TitleKept] = list(dict.fromkeys(titles))
    known = {TitleKept(row.text, row.starts_on, row.ends_on): row for row in subject.titles.all()}
    for title, row in known.items():
        if title not in wanted:
            row.delete()
    for title in wanted:
        if title.starts_on and title.ends_on and title.ends_on < title.starts_on:
            raise SubjectInvalid(f"“{title.text}” ends before it begins: correct one of the two days.")
        if title not in known:
            SubjectTitle.objects.create(
                subject=subject, text=title.text, starts_on=title.starts_on, ends_on=title.ends_on
            )


def _say(subject: Subject, what: journal.What) -> None:
    """What the public sees of a subject is its dossier: a closed one has nothing to say."""
    if subject.is_open:
        journal.append(subject.subject, what)


def _append_pieces(subject: Subject) -> None:
    """Every piece with an entry of the subject, mined or given to it by a correction."""
    happened.append_pieces_of(subject)
    slugs = {subject.slug, *subject.old_addresses.values_list("slug", flat=True)}
    rows = Ruling.objects.filter(what=Ruling.What.CORRECTED, publication__isnull=False)
    given = rows.order_by().values_list("publication_id", "values")
    happened.append_pieces({number for number, values in given if slugs & set(values.get("subjects", ()))})
