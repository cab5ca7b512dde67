"""The public pages of dossiers and chronologies: parse, ask `queries`, render. The address is the whole state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import render
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_http_methods, require_safe

from isthmus.dossiers import asked as choices
from isthmus.dossiers import dates_in_words, files, pages, queries, reports, shown_entries
from isthmus.dossiers.asked import Asked
from isthmus.dossiers.models import Ruling, Subject, SubjectKind
from isthmus.dossiers.shown_entries import pair_path, subject_path
from isthmus.kit import clock, collecting
from isthmus.kit.client_address import client_address, network_of
from isthmus.publications import context, visibility
from isthmus.publications.kept_views import kept

_KINDS = {
    SubjectKind.PERSON: "People",
    SubjectKind.ORGANISATION: "Organisations",
    SubjectKind.PLACE: "Places",
    SubjectKind.THING: "Summits, treaties and other named things",
}
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ics": "text/calendar; charset=utf-8",
    "feed": "application/atom+xml; charset=utf-8",
}
_TRAP = "website"
CHRONOLOGY = "/chronology/"


@dataclass(frozen=True, slots=True)
class _Found:
    """What an address is about. asked: with the subjects of the path among those that were chosen."""

    path: str
    title: str
    subjects: list[Subject]
    asked: Asked
    chosen: Asked
    opened: Mapping[int, Subject]

    @property
    def entries(self) -> list[queries.Entry]:
        """All public entries that fit."""
        return queries.entries(self.asked, self.opened)


@kept()
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every open dossier, by kind."""
    collecting.note("dossier:all", "dossier:any")
    counted = queries.counted(queries.open_subjects())
    groups = [
        {"label": label, "rows": [_index_row(one) for one in counted if one.subject.kind == kind]}
        for kind, label in _KINDS.items()
    ]
    shown = {"groups": [group for group in groups if group["rows"]], "n": len(counted)}
    return render(request, "isthmus/dossiers/index.html", shown)


def _index_row(one: queries.Counted) -> dict[str, Any]:
    return {
        "name": one.subject.name,
        "url": subject_path(one.subject),
        "note": one.subject.note,
        "n": one.n,
        "span": pages.span(one.first_on, one.last_on),
    }


@kept(*choices.NAMES)
@require_safe
def subject(request: HttpRequest, slug: str) -> HttpResponse:
    """A dossier: who or what it is, its chronology, who it is told together with, the pieces."""
    found = _about(request, (slug,))
    if isinstance(found, HttpResponse):
        return found
    (about,) = found.subjects
    entries = found.entries
    more = {
        "subject": about,
        "kind": SubjectKind(about.kind).label,
        "offices": [_office(title) for title in about.titles.all()],
        "together": [
            {"name": found.opened[number].name, "n": n, "url": pair_path(about, found.opened[number])}
            for number, n in queries.together(entries, about)
        ],
        "pieces": queries.pieces(about, found.asked),
    }
    return _page(request, "subject", found, entries, more)


def _office(title: Any) -> dict[str, str]:
    first, last = title.starts_on, title.ends_on
    if first and last:
        years = str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    else:
        years = f"since {first.year}" if first else f"until {last.year}" if last else ""
    return {"text": title.text, "years": years}


@kept(*choices.NAMES)
@require_safe
def pair(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """Two dossiers side by side: what is told of both, and what each did or said towards the other."""
    found = _about(request, (first, second))
    if isinstance(found, HttpResponse):
        return found
    one, other = found.subjects
    acts = queries.acts(one, other, found.asked)
    more = {"directions": pages.directions(one, other, acts), "n_acts": len(acts), "max_acts": pages.MAX_ACTS}
    return _page(request, "pair", found, found.entries, more)


@kept(*choices.NAMES)
@require_safe
def chronology(request: HttpRequest) -> HttpResponse:
    """Everything dated in open dossiers, narrowed by subject, category and years."""
    found = _everything(request)
    more = {
        "subjects": [
            {"name": one.name, "slug": one.slug, "is_chosen": one.slug in found.asked.subjects}
            for one in found.opened.values()
        ],
        "chosen_subjects": [
            {"name": one.name, "url": CHRONOLOGY + found.chosen.without_page().query(without=one.slug)}
            for one in found.subjects
        ],
        "categories": [
            {"key": f"{row.axis.slug}/{row.slug}", "label": row.label, "axis": row.axis.label}
            for row in sorted(visibility.categories(), key=lambda row: (row.axis.position, row.axis.label, row.label))
        ],
    }
    return _page(request, "chronology", found, found.entries, more)


def _everything(request: HttpRequest) -> _Found:
    collecting.note("dossier:all", "dossier:any", "counts:categories")
    asked, opened = _asked(request), queries.open_subjects()
    by_slug = {one.slug: one for one in opened.values()}
    if any(slug not in by_slug for slug in asked.subjects):
        raise Http404("There is no such dossier.")
    subjects = [by_slug[slug] for slug in asked.subjects]
    return _Found(CHRONOLOGY, "Chronology", subjects, asked, asked, opened)


def _asked(request: HttpRequest) -> Asked:
    collecting.reads(*choices.NAMES)
    try:
        return choices.asked(request.GET, request.GET.getlist("subject"))
    except choices.ChoiceInvalid as error:
        raise Http404(str(error)) from error


def _about(request: HttpRequest, slugs: tuple[str, ...]) -> _Found | HttpResponse:
    """The open dossiers of a path, or the way to where they are now. Raises: Http404, for closed and absent alike."""
    opened = queries.open_subjects()
    by_slug = {one.slug: one for one in opened.values()}
    now = [slug if slug in by_slug else queries.now_at(slug) for slug in slugs]
    if None in now or len(set(now)) != len(slugs):
        raise Http404("There is no such dossier.")
    subjects = [by_slug[slug] for slug in sorted(str(slug) for slug in now)]
    if tuple(one.slug for one in subjects) != slugs:
        return _moved(request, slugs, subjects)
    collecting.note("dossier:all", *(f"dossier:subject:{one.pk}" for one in subjects))
    chosen = replace(_asked(request), subjects=())
    path = subject_path(subjects[0]) if len(subjects) == 1 else pair_path(*subjects)
    title = " and ".join(one.name for one in subjects)
    return _Found(path, title, subjects, replace(chosen, subjects=slugs), chosen, opened)


def _moved(request: HttpRequest, slugs: Sequence[str], subjects: Sequence[Subject]) -> HttpResponse:
    """To the same page, file or feed of where the dossiers are now."""
    before = "/".join(("/dossiers", *slugs, ""))
    rest = request.path[len(before) :] if request.path.startswith(before) else ""
    target = "/".join(("/dossiers", *(one.slug for one in subjects), rest))
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(iri_to_uri(target) + (f"?{query}" if query else ""))


def _page(
    request: HttpRequest, name: str, found: _Found, entries: Sequence[queries.Entry], more: dict[str, Any]
) -> HttpResponse:
    try:
        told = pages.chronology(entries, found.chosen, found.opened, path=found.path)
    except pages.NoSuchPage as error:
        raise Http404("There is no such page.") from error
    links = [_link(one) for one in found.subjects] if found.path != CHRONOLOGY else []
    is_page = found.chosen.page is not None and found.chosen.page != told.newest
    shown = {
        "title": found.title,
        "path": found.path,
        "asked": found.chosen,
        "as_of": dates_in_words.day(found.asked.as_of) if found.asked.as_of else "",
        "told": told,
        "made": pages.made_from(queries.made_from(found.asked, found.subjects)),
        "is_narrowed": found.chosen.is_narrowed,
        "query": found.chosen.without_page().query(),
        "links": links,
        "own_urls": [link["url"] for link in links],
        "feed_url": f"{found.path}feed/{found.chosen.without_page().query()}",
        "canonical_url": settings.PUBLIC_URL + found.path + (f"?page={found.chosen.page}" if is_page else ""),
    }
    return render(request, f"isthmus/dossiers/{name}.html", {**shown, **more})


def _link(one: Subject) -> dict[str, str]:
    return {"name": one.name, "url": subject_path(one)}


def _file_of(find: Callable[..., _Found | HttpResponse]) -> Callable[..., HttpResponse]:
    """The view that gives what `find` finds as a file."""

    @kept(*choices.NAMES)
    @require_safe
    def view(request: HttpRequest, form: str, **parts: str) -> HttpResponse:
        if form not in _TYPES:
            raise Http404("There is no such file.")
        found = find(request, **parts)
        return found if isinstance(found, HttpResponse) else _file(found, form)

    return view


def _file(found: _Found, form: str) -> HttpResponse:
    entries = found.entries
    groups = shown_entries.grouped(entries)
    if form == "feed":
        newest = queries.newest(entries, found.asked, n=settings.ISTHMUS.feed_items)
        groups = [group for group in groups if any(entry.pk in newest for entry in group)]
    told = shown_entries.shown(groups, found.opened, today=pages.known_on(found.asked))
    query = found.chosen.without_page().query()
    url = found.path + query
    writers: dict[str, Callable[[], str]] = {
        "csv": lambda: files.as_csv(told),
        "json": lambda: files.as_json(told, title=found.title, url=url),
        "ics": lambda: files.as_calendar(told, title=f"{found.title} · {context.current_site().name}"),
        "feed": lambda: files.as_atom(told, title=found.title, url=url, feed_url=f"{found.path}feed/{query}"),
    }
    response = HttpResponse(writers[form](), content_type=_TYPES[form])
    if form != "feed":
        name = "-and-".join(str(one.pk) for one in found.subjects)
        response["Content-Disposition"] = f'attachment; filename="chronology{"-" + name if name else ""}.{form}"'
    return response


subject_file = _file_of(lambda request, slug: _about(request, (slug,)))
pair_file = _file_of(lambda request, first, second: _about(request, (first, second)))
chronology_file = _file_of(_everything)


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, about: str, key: str) -> HttpResponse:
    """The form by which a reader says that an entry is wrong. Who may post: `server.security`."""
    row = queries.public_sentence(about, key) if about in Ruling.About.values else None
    if row is None:
        raise Http404("There is no such entry.")
    error = ""
    words = request.POST.get("words", "")[: reports.MAX_CHARS + 1]
    if request.method == "POST":
        try:
            if not request.POST.get(_TRAP):
                reports.report(about, key, words, network=_network(request), now=clock.now())
            return HttpResponseRedirect("/chronology/reported/", status=303)
        except reports.ReportInvalid as invalid:
            error = str(invalid)
    source = shown_entries.source_of(row)
    shown = {"sentence": row["sentence"], "source": source, "error": error, "words": words}
    return render(request, "isthmus/dossiers/report.html", shown, status=400 if error else 200)


def _network(request: HttpRequest) -> str:
    return network_of(client_address(request.META, trusted=settings.ISTHMUS.trusted_proxies))


@require_safe
def reported(request: HttpRequest) -> HttpResponse:
    """What everybody is answered who reported an error."""
    return render(request, "isthmus/dossiers/reported.html")
