"""What editors decide about entries: accept, correct, refuse, tell as one, take apart, take back.

A decision is one more row and never an edit of an older one, so that who decided what and when stays to be read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db import transaction

from isthmus.dossiers import date_written, happened
from isthmus.dossiers.extract.expression import Modality
from isthmus.dossiers.models import ErrorReport, Occurrence, Relation, Ruling, Subject, SubjectAddress, Tone
from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError, UsageError

About, What = Ruling.About, Ruling.What
Entry: TypeAlias = Occurrence | Relation
DECIDES = (What.ACCEPTED, What.CORRECTED, What.REFUSED, What.WITHDRAWN)
MAX_NOTE_CHARS = 500


class EntryGone(IsthmusError):
    """An entry that stands on no sentence of the public archive any more."""


class DecidedMeanwhile(IsthmusError):
    """Somebody else decided about the entry after it was shown to this editor."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What an editor says instead; what is None stays as it was mined.

    edtf: see `date_written`. subjects: slugs, in order. tone: of a relation alone.
    """

    edtf: str | None = None
    modality: str | None = None
    subjects: tuple[str, ...] | None = None
    tone: str | None = None

    def values(self) -> dict[str, Any]:
        """As a ruling keeps them. Raises: DateUnreadable, UsageError for what is unknown."""
        values: dict[str, Any] = {}
        if self.edtf is not None:
            written = date_written.read(self.edtf)
            values |= {
                "edtf": written.edtf, "precision": written.precision,
                "first_on": written.first_on.isoformat(), "before_on": written.before_on.isoformat(),
            }  # fmt: skip
        if self.modality is not None:
            values["modality"] = _one_of(self.modality, [modality.value for modality in Modality])
        if self.subjects is not None:
            values["subjects"] = _known_slugs(self.subjects)
        if self.tone is not None:
            values["tone"] = _one_of(self.tone, Tone.values)
        return values


def rule(
    key: str,
    what: Ruling.What,
    *,
    by: Any,
    about: Ruling.About = About.OCCURRENCE,
    correction: Correction | None = None,
    note: str = "",
    after: int | None = None,
    now: datetime | None = None,
) -> Ruling:
    """Accept, correct or refuse an entry.

    after: the number of the newest ruling this editor has seen about it, 0 for none; None if it does not matter.
    Raises: EntryGone; DecidedMeanwhile; DateUnreadable or UsageError for a correction that says nothing clear.
    """
    values = correction.values() if correction else {}
    if what not in (What.ACCEPTED, What.CORRECTED, What.REFUSED):
        raise UsageError(f"“{what}” is no decision about one entry: accept, correct or refuse it.")
    if (what == What.CORRECTED) != bool(values):
        raise UsageError("A correction says what is true instead: change the date, the kind or the subjects.")
    with transaction.atomic():
        entry = _held(about, key)
        _check_unseen(about, key, after, by)
        ruling = _written(entry, what, by=by, now=now, values=values, note=note[:MAX_NOTE_CHARS])
        happened.append_pieces([entry.text_id])
    return ruling


def take_back(key: str, *, by: Any, about: Ruling.About = About.OCCURRENCE, now: datetime | None = None) -> Ruling:
    """Undo the newest ruling about the entry: what was decided before it holds again, a merging is taken apart.

    Raises: EntryGone; UsageError if nothing was decided.
    """
    with transaction.atomic():
        entry = _held(about, key)
        newest = Ruling.objects.filter(about=about, key=key).first()
        if newest is None or newest.what in (What.WITHDRAWN, What.PARTED):
            raise UsageError("Nothing is decided about this entry, so there is nothing to take back.")
        if newest.what == What.MERGED:
            return _parted_together(newest, by=by, now=now)
        ruling = _written(entry, What.WITHDRAWN, by=by, now=now)
        if (before := _held_before(newest)) is not None:
            values = _with_addresses_of_now(before.values)
            ruling = _written(entry, What(before.what), by=by, now=now, values=values, note=before.note)
        happened.append_pieces([entry.text_id])
    return ruling


def merge_entries(keys: Collection[str], *, by: Any, now: datetime | None = None) -> str:
    """Tell these occurrences as one happening, together with all they are told with already; returns its name.

    Every sentence stays listed, and what they say differently stays to be seen. Raises: EntryGone; UsageError for
    fewer than two.
    """
    with transaction.atomic():
        held = [_held(About.OCCURRENCE, key) for key in dict.fromkeys(keys)]
        if len(held) < 2:
            raise UsageError("It takes two entries to tell them as one.")
        before = happenings_of(entry.key for entry in held)
        happening = min(before.values(), default="") or min(entry.key for entry in held)
        others = _told_as(set(before.values()) - {happening})
        rows = {entry.key: entry for entry in [*held, *Occurrence.objects.filter(key__in=others)]}
        for key, entry in rows.items():
            if before.get(key) != happening:
                _written(entry, What.MERGED, by=by, now=now, happening=happening)
        happened.append_pieces({entry.text_id for entry in rows.values()})
    return happening


def take_apart(key: str, *, by: Any, now: datetime | None = None) -> Ruling:
    """Tell an occurrence on its own again. Raises: EntryGone; UsageError if it is told on its own."""
    with transaction.atomic():
        entry = _held(About.OCCURRENCE, key)
        if key not in happenings_of([key]):
            raise UsageError("This entry is told on its own already.")
        ruling = _written(entry, What.PARTED, by=by, now=now)
        happened.append_pieces([entry.text_id])
    return ruling


def settle_report(report: ErrorReport, *, is_settled: bool = True) -> None:
    """Put a reader's report aside as done, or take it up again."""
    ErrorReport.objects.filter(pk=report.pk).update(is_settled=is_settled)


def happenings_of(keys: Iterable[str]) -> dict[str, str]:
    """By key, what an occurrence is told as; those on their own are left out."""
    rows = Ruling.objects.filter(about=About.OCCURRENCE, key__in=list(keys), what__in=(What.MERGED, What.PARTED))
    newest = dict(rows.order_by("pk").values_list("key", "happening"))
    return {key: happening for key, happening in newest.items() if happening}


def readdress(former: str, slug: str, *, by: Any) -> None:
    """Have corrections that name a subject by its former address name it by the new one; in the caller's transaction.

    A ruling more and not another ruling: what holds is then read without looking up addresses.
    """
    rows = Ruling.objects.filter(what__in=DECIDES, values__has_key="subjects").order_by("about", "key")
    for about, key in rows.values_list("about", "key").distinct():
        newest = Ruling.objects.filter(about=about, key=key, what__in=DECIDES)[0]
        named = newest.values.get("subjects", [])
        if former not in named:
            continue
        values = newest.values | {"subjects": list(dict.fromkeys(slug if one == former else one for one in named))}
        Ruling.objects.create(
            about=about, key=key, what=newest.what, values=values, note=f"“{former}” is “{slug}” now."[:MAX_NOTE_CHARS],
            publication=newest.publication, sentence=newest.sentence, by=by, at=clock.now(),
        )  # fmt: skip


def _with_addresses_of_now(values: dict[str, Any]) -> dict[str, Any]:
    if "subjects" not in values:
        return values
    moved = dict(SubjectAddress.objects.filter(slug__in=values["subjects"]).values_list("slug", "subject__slug"))
    return values | {"subjects": list(dict.fromkeys(moved.get(slug, slug) for slug in values["subjects"]))}


def _told_as(happenings: Collection[str]) -> set[str]:
    """The keys that are told as one of these now."""
    once = Ruling.objects.filter(about=About.OCCURRENCE, happening__in=list(happenings)).values_list("key", flat=True)
    return {key for key, happening in happenings_of(set(once)).items() if happening in happenings}


def _parted_together(merging: Ruling, *, by: Any, now: datetime | None) -> Ruling:
    """Undo one act of merging: whatever it put together goes back to what it was told as before."""
    same = Ruling.objects.filter(what=What.MERGED, happening=merging.happening, at=merging.at, by=merging.by)
    rows = {entry.key: entry for entry in Occurrence.objects.filter(key__in=same.values("key"))}
    last = merging
    for one in same.order_by("pk"):
        if one.key not in rows:
            continue
        former = Ruling.objects.filter(about=About.OCCURRENCE, key=one.key, pk__lt=one.pk)
        before = former.filter(what__in=(What.MERGED, What.PARTED)).first()
        happening = before.happening if before else ""
        what = What.MERGED if happening else What.PARTED
        last = _written(rows[one.key], what, by=by, now=now, happening=happening)
    happened.append_pieces({entry.text_id for entry in rows.values()})
    return last


def _held_before(newest: Ruling) -> Ruling | None:
    """The decision that held before the newest one, if any."""
    earlier = Ruling.objects.filter(about=newest.about, key=newest.key, pk__lt=newest.pk, what__in=DECIDES).first()
    return earlier if earlier and earlier.what != What.WITHDRAWN else None


def _held(about: Ruling.About, key: str) -> Entry:
    """The row of the entry, held until the end of the transaction, so that two decisions come one after the other."""
    model: Any = Occurrence if about == About.OCCURRENCE else Relation
    entry: Entry | None = model.objects.select_for_update().filter(key=key).first()
    if entry is None:
        raise EntryGone("The sentence of this entry is not in the public archive any more: go on with the next one.")
    return entry


def _check_unseen(about: Ruling.About, key: str, after: int | None, by: Any) -> None:
    if after is None:
        return
    newer = Ruling.objects.filter(about=about, key=key, pk__gt=after).exclude(by=by).select_related("by").first()
    if newer is not None:
        who = newer.by or "somebody"
        raise DecidedMeanwhile(
            f"Meanwhile {who} decided about this entry ({newer.get_what_display().lower()}): look at it once more."
        )


def _written(
    entry: Entry, what: Ruling.What, *, by: Any, now: datetime | None, values: dict[str, Any] | None = None,
    happening: str = "", note: str = "",
) -> Ruling:  # fmt: skip
    about = About.OCCURRENCE if isinstance(entry, Occurrence) else About.RELATION
    return Ruling.objects.create(
        about=about, key=entry.key, what=what, values=values or {}, happening=happening, note=note,
        publication_id=entry.text_id, sentence=entry.sentence, by=by, at=now or clock.now(),
    )  # fmt: skip


def _one_of(value: str, known: Collection[str]) -> str:
    if value not in known:
        raise UsageError(f"“{value[:60]}” is none of {', '.join(known)}.")
    return value


def _known_slugs(slugs: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(slugs))
    known = set(Subject.objects.filter(slug__in=wanted).values_list("slug", flat=True))
    if unknown := [slug for slug in wanted if slug not in known]:
        raise UsageError(f"No subject has the address “{unknown[0][:60]}”: choose one of the list.")
    return wanted
