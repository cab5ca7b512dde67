"""The review queue in the admin: one entry after the other, decided with a key or a button. Editors and above.

Plain views, as mailing's subscribers have them; every decision is a form, so that it works without script.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from isthmus.dossiers import actions, dates_in_words, queue, standing
from isthmus.dossiers.actions import Correction
from isthmus.dossiers.extract.expression import Modality
from isthmus.dossiers.models import Occurrence, Ruling, Subject, Tone
from isthmus.dossiers.queue import Entry, Wanted
from isthmus.kit.errors import IsthmusError
from isthmus.publications import documents

RULE, SEE = "isthmus_dossiers.add_ruling", "isthmus_dossiers.view_ruling"
_PAGE = "isthmus/admin/dossiers/review.html"
_MAX_KEY_CHARS, _MAX_DIGITS, _MAX_SUBJECTS = 32, 18, 40
# Around the sentence; a paragraph of an essay has some 700.
_CONTEXT_CHARS = 600
What, About = Ruling.What, Ruling.About
_SAID = {
    What.ACCEPTED: "Accepted.", What.CORRECTED: "Corrected.", What.REFUSED: "Refused: it will not come again.",
    What.MERGED: "Told as one.", What.PARTED: "Told on its own again.", What.WITHDRAWN: "Taken back.",
}  # fmt: skip


def require(request: HttpRequest, permission: str) -> None:
    """Raises: PermissionDenied."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """The first entry that waits, or that nothing does. Raises: PermissionDenied."""
    require(request, RULE)
    asked = queue.wanted(request.GET)
    return _page(request, asked, queue.first(asked))


@require_safe
def one(request: HttpRequest, key: str) -> HttpResponse:
    """One entry with its sentence in context and all that was decided about it. Raises: PermissionDenied."""
    require(request, RULE)
    asked = queue.wanted(request.GET)
    found = queue.entry(asked.about, key[:_MAX_KEY_CHARS])
    if found is None:
        messages.warning(request, "The sentence of that entry is not in the public archive any more.")
        return redirect(_queue_url(asked))
    return _page(request, asked, found)


@require_POST
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """Do what a button says and go on to the next that waits. Raises: PermissionDenied."""
    require(request, RULE)
    asked, key = queue.wanted(request.GET), key[:_MAX_KEY_CHARS]
    here = queue.entry(asked.about, key)
    try:
        what = _decided(request, asked, key)
        messages.success(request, _SAID[what])
    except IsthmusError as error:
        messages.error(request, str(error))
        return redirect(_url(asked, key))
    stays = here is None or what in (What.MERGED, What.PARTED, What.WITHDRAWN)
    after = None if stays or here is None else queue.following(asked, here, only_waiting=True)
    if stays and here is not None:
        return redirect(_url(asked, key, last=key if what == What.MERGED else ""))
    return redirect(_url(asked, after.key, last=key) if after else f"{_queue_url(asked, last=key)}")


def _decided(request: HttpRequest, asked: Wanted, key: str) -> Ruling.What:
    """What was done. Raises: IsthmusError if it could not be."""
    posted, about = request.POST, About(asked.about)
    what = posted.get("what", "")
    by: Any = request.user
    if what == What.MERGED:
        actions.merge_entries([key, *posted.getlist("with")[:_MAX_SUBJECTS]], by=by)
        return What.MERGED
    if what == What.PARTED:
        actions.take_apart(key, by=by)
        return What.PARTED
    if what == What.WITHDRAWN:
        return What(actions.take_back(key, by=by, about=about).what) and What.WITHDRAWN
    correction = _correction(request) if what == What.CORRECTED else None
    note = posted.get("note", "").replace("\x00", "")[:500]
    known = What(what) if what in What.values else What.WITHDRAWN
    actions.rule(key, known, by=by, about=about, correction=correction, note=note, after=_number(posted.get("after")))
    return known


def _correction(request: HttpRequest) -> Correction:
    """What the form says that differs from what stood there when it was shown."""
    posted = request.POST
    slugs = [*posted.getlist("subject"), posted.get("other", "").strip()]
    subjects = tuple(dict.fromkeys(slug for slug in slugs if slug))[:_MAX_SUBJECTS]
    return Correction(
        edtf=_changed(posted, "edtf"),
        modality=_changed(posted, "modality"),
        subjects=subjects if "subjects_were" in posted and sorted(subjects) != _were(posted) else None,
        tone=_changed(posted, "tone"),
    )


def _were(posted: Any) -> list[str]:
    return sorted(slug for slug in posted.get("subjects_were", "").split(" ") if slug)


def _changed(posted: Any, name: str) -> str | None:
    """A corrected entry is corrected once more in full: what it said before is then no longer mined."""
    value = posted.get(name, "").strip().replace("\x00", "")
    return value if value and value != posted.get(f"{name}_was", "") else None


def _number(given: str | None) -> int | None:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS else None


def _page(request: HttpRequest, asked: Wanted, here: Entry | None) -> HttpResponse:
    last = request.GET.get("last", "")[:_MAX_KEY_CHARS]
    values: dict[str, Any] = {
        "asked": asked,
        "progress": queue.progress(asked),
        "subjects": Subject.objects.order_by("name").values_list("slug", "name"),
        "anybody": queue.ANYBODY,
        "grades": queue.GRADES.items(),
        "last": last if last and queue.newest(asked.about, last) else "",
        "back_url": _url(asked, last, action="decide") if last else "",
        "last_url": _url(asked, last) if last else "",
    }
    if here is not None:
        values |= _shown(asked, here)
    return render(request, _PAGE, values)


def _shown(asked: Wanted, here: Entry) -> dict[str, Any]:
    newest = queue.newest(asked.about, here.key)
    ruled = standing.standings(Ruling.objects.filter(about=asked.about, key=here.key)).get(here.key)
    named = queue.named_in(here)
    says = dict(ruled.values) if ruled else {}
    before, after = queue.before(asked, here), queue.following(asked, here)
    context, url = _context(here)
    values = {
        "here": here,
        "is_occurrence": isinstance(here, Occurrence),
        "context": context,
        "url": url,
        "words": words_of(here),
        "why": _why(here),
        "says": says,
        "ruled": ruled,
        "modalities": list(Modality),
        "tones": Tone.choices,
        "after": newest.pk if newest else 0,
        "history": Ruling.objects.filter(about=asked.about, key=here.key).select_related("by"),
        "decide_url": _url(asked, here.key, action="decide"),
        "before_url": _url(asked, before.key) if before else "",
        "after_url": _url(asked, after.key) if after else "",
    }
    return values | (_of_occurrence(here, named, says) if isinstance(here, Occurrence) else {})


def _of_occurrence(here: Occurrence, named: list[tuple[Subject, bool, bool]], says: dict[str, Any]) -> dict[str, Any]:
    mined = [subject.slug for subject, is_here, is_sure in named if is_here and is_sure]
    held = says.get("subjects", mined)
    given = Subject.objects.filter(slug__in=held).order_by("name")
    listed = {subject.slug: (subject, is_here, is_sure) for subject, is_here, is_sure in named}
    listed |= {subject.slug: (subject, False, False) for subject in given if subject.slug not in listed}
    numbers = frozenset(subject.pk for subject in given)
    return {
        # An unsure one is ticked, so that the form and one press of Enter take it in.
        "choices": [
            (subject, subject.slug in held or (is_here and not is_sure), is_here and not is_sure)
            for subject, is_here, is_sure in listed.values()
        ],
        "subjects_were": " ".join(sorted(mined)),
        "held": given,
        "alike": [(row, words_of(row)) for row in queue.alike(here, numbers)],
        "told_with": [(row, words_of(row)) for row in queue.told_with(here)],
    }  # fmt: skip


def words_of(here: Entry) -> str:
    """Its date in words, as it was mined; empty for a relation that has none."""
    if here.first_on is None or here.before_on is None:
        return ""
    precision, quote = (here.precision, here.quote) if isinstance(here, Occurrence) else ("", "")
    return dates_in_words.in_words(here.first_on, here.before_on, precision=precision, edtf=here.edtf, quote=quote)


def _why(here: Entry) -> str:
    """How the date came out of the words."""
    if not isinstance(here, Occurrence):
        return ""
    published = here.text.published_on
    on = f"published {dates_in_words.day(published)}" if published else "published on an unknown day"
    if here.is_carried:
        return f"The sentence has no date of its own; the one before it says “{here.quote}” ({on})."
    anchor = dates_in_words.edtf_in_words(here.anchor)
    counted = f", counted from {anchor}" if anchor and here.grade != "publication" else ""
    return f"“{here.quote}”{counted} ({on})."


def _context(here: Entry) -> tuple[SafeString, str]:
    """The sentence among its neighbours, its words of time marked, and the address of the piece."""
    document = next(iter(documents.documents([here.text_id])), None)
    body, url = (document.body_text, document.url) if document else (here.sentence, "")
    start, end = (here.sentence_start, here.sentence_end) if document else (0, len(here.sentence))
    first = max(body.rfind("\n", 0, start) + 1, start - _CONTEXT_CHARS)
    line_end = body.find("\n", end)
    last = min(line_end if line_end >= 0 else len(body), end + _CONTEXT_CHARS)
    marked = _with_mark(body, here, start, end) if document else here.sentence
    return format_html("{}<strong>{}</strong>{}", body[first:start], marked, body[end:last]), url


def _with_mark(body: str, here: Entry, start: int, end: int) -> str:
    if not isinstance(here, Occurrence) or not start <= here.start < here.end <= end:
        return body[start:end]
    before, words, after = body[start : here.start], body[here.start : here.end], body[here.end : end]
    return format_html("{}<mark>{}</mark>{}", before, words, after)


def _url(asked: Wanted, key: str, *, action: str = "", last: str = "") -> str:
    name = "isthmus_review_decide" if action else "isthmus_review_one"
    query = "&".join(filter(None, [asked.query, urlencode({"last": last}) if last else ""]))
    return reverse(name, args=[key]) + (f"?{query}" if query else "")


def _queue_url(asked: Wanted, *, last: str = "") -> str:
    query = "&".join(filter(None, [asked.query, urlencode({"last": last}) if last else ""]))
    return reverse("isthmus_review") + (f"?{query}" if query else "")


urlpatterns = [
    path("review/", review, name="isthmus_review"),
    path("review/<slug:key>/", one, name="isthmus_review_one"),
    path("review/<slug:key>/decide/", decide, name="isthmus_review_decide"),
]
