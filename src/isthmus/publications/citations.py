"""How a piece is cited and described to machines: plain text, BibTeX, RIS; Open Graph, JSON-LD, citation tags."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

from isthmus.kit import text
from isthmus.publications import context, naming, pictures
from isthmus.publications.models import Byline, Publication

# Google Scholar wants its tags on papers and reports, and none on posts and news.
_SCHOLARLY_KINDS = frozenset({"paper", "report"})
_SCHEMA_TYPES = {"report": "Report", "paper": "ScholarlyArticle", "event": "Event", "podcast": "PodcastEpisode",
                 "video": "VideoObject"}  # fmt: skip
_BIBTEX_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Citation:
    """A piece cited in three forms, and where the two for programs can be fetched."""

    plain: str
    bibtex: str
    ris: str
    bibtex_url: str
    ris_url: str


def cite(piece: Publication, *, url: str) -> Citation:
    """The citation of a piece as printed: its bylines, its date, its address. url: root-relative."""
    return Citation(_plain(piece), bibtex(piece), ris(piece), f"{url}cite.bib", f"{url}cite.ris")


def _authors(piece: Publication) -> list[str]:
    return [line.name for line in piece.bylines.all() if line.role == Byline.Role.AUTHOR]


def _plain(piece: Publication) -> str:
    names = [naming.sort_name(name) for name in _authors(piece)[:1]] + _authors(piece)[1:]
    site = context.current_site()
    parts = [
        ", and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names),
        f"“{piece.title}”",
        piece.series.title if piece.series else "",
        site.name,
        date_format(piece.published_on, "F j, Y") if piece.published_on else "n.d.",
        context.absolute(piece.path),
    ]
    return ". ".join([part.rstrip(".") for part in parts[:-1] if part] + parts[-1:])


def bibtex(piece: Publication) -> str:
    """A BibTeX entry; TeX's own characters in titles and names are escaped. Source: BibTeXing (Patashnik 1988)."""
    kind = "techreport" if piece.kind in _SCHOLARLY_KINDS else "misc"
    fields = {
        "author": " and ".join(_bibtex_name(name) for name in _authors(piece)),
        "title": "{" + _bibtex(piece.title) + "}",
        "institution" if kind == "techreport" else "publisher": _bibtex(context.current_site().name),
        "series": _bibtex(piece.series.title) if piece.series else "",
        "number": _bibtex(str(piece.details.get("number") or "")),
        "year": str(piece.published_on.year) if piece.published_on else "",
        "date": piece.published_on.isoformat() if piece.published_on else "",
        "url": context.absolute(piece.path),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{_bibtex_key(piece)},\n{lines}\n}}\n"


def _bibtex_name(name: str) -> str:
    # Braces keep BibTeX from reading the "and" in an office's name as the start of another author.
    return "{" + _bibtex(name) + "}" if naming.is_office(name) else _bibtex(naming.sort_name(name))


def _bibtex(value: str) -> str:
    return "".join(_BIBTEX_SPECIAL.get(character, character) for character in text.collapse(value))


def _bibtex_key(piece: Publication) -> str:
    authors = _authors(piece)
    family = naming.sort_name(authors[0]).partition(",")[0] if authors else context.current_site().short_name
    year = piece.published_on.year if piece.published_on else "nd"
    first_word = text.slug(piece.title).split("-")[0]
    return re.sub(r"[^A-Za-z0-9:-]", "", f"{text.slug(family)}{year}{first_word}") or f"piece{piece.pk}"


def ris(piece: Publication) -> str:
    """A RIS record with CRLF line ends. Source: the RIS format specification (Research Information Systems)."""
    kind = "RPRT" if piece.kind in _SCHOLARLY_KINDS else "BLOG" if piece.kind == "post" else "GEN"
    rows = [("TY", kind)]
    rows += [("AU", naming.sort_name(name)) for name in _authors(piece)]
    rows += [("TI", piece.title), ("PB", context.current_site().name)]
    rows += [("T2", piece.series.title)] if piece.series else []
    rows += [("SN", str(piece.details["number"]))] if piece.details.get("number") else []
    if piece.published_on:
        rows += [("PY", str(piece.published_on.year)), ("DA", piece.published_on.strftime("%Y/%m/%d"))]
    rows += [("AB", piece.summary)] if piece.summary else []
    rows += [("LA", piece.language), ("UR", context.absolute(piece.path))]
    return "".join(f"{tag}  - {text.collapse(value)}\r\n" for tag, value in rows) + "ER  - \r\n"


def meta(piece: Publication, *, image: pictures.Picture | None, pdf_url: str | None) -> list[dict[str, str]]:
    """Meta tags: description, Open Graph, and for papers and reports the citation tags; never an empty one."""
    url = context.absolute(piece.path)
    tags = [
        ("name", "description", piece.excerpt),
        ("property", "og:type", "article"),
        ("property", "og:title", piece.title),
        ("property", "og:description", piece.excerpt),
        ("property", "og:url", url),
        ("property", "og:site_name", context.current_site().name),
        ("property", "og:image", context.absolute(image.src) if image else ""),
        ("property", "og:image:alt", image.alt if image else ""),
        ("property", "article:published_time", piece.published_on.isoformat() if piece.published_on else ""),
        ("name", "twitter:card", "summary_large_image" if image else "summary"),
    ]
    tags += _scholarly(piece, pdf_url) if piece.kind in _SCHOLARLY_KINDS else []
    return [{kind: name, "content": content} for kind, name, content in tags if content]


def _scholarly(piece: Publication, pdf_url: str | None) -> list[tuple[str, str, str]]:
    rows = [("name", "citation_title", piece.title)]
    rows += [("name", "citation_author", naming.sort_name(name)) for name in _authors(piece)]
    rows += [
        ("name", "citation_publication_date", piece.published_on.strftime("%Y/%m/%d") if piece.published_on else ""),
        ("name", "citation_technical_report_institution", context.current_site().name),
        ("name", "citation_technical_report_number", str(piece.details.get("number") or "")),
        ("name", "citation_language", piece.language),
        ("name", "citation_public_url", context.absolute(piece.path)),
        ("name", "citation_pdf_url", context.absolute(pdf_url) if pdf_url else ""),
    ]
    return rows


def json_ld(piece: Publication, *, image: pictures.Picture | None) -> SafeString:
    """The piece as schema.org JSON-LD, safe inside a script element: `<`, `>` and `&` are written as escapes."""
    content: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _SCHEMA_TYPES.get(piece.kind, "Article"),
        "headline" if piece.kind != "event" else "name": piece.title,
        "description": piece.excerpt,
        "url": context.absolute(piece.path),
        "inLanguage": piece.language,
        "datePublished": piece.published_on.isoformat() if piece.published_on else None,
        "dateModified": piece.updated_on.isoformat() if piece.updated_on else None,
        "author": [_person(line) for line in piece.bylines.all() if line.role == Byline.Role.AUTHOR],
        "publisher": {"@type": "Organization", "name": context.current_site().name},
        "isPartOf": {"@type": "CreativeWorkSeries", "name": piece.series.title} if piece.series else None,
        "image": context.absolute(image.src) if image else None,
        "about": [category.label for category in piece.categories.all()],
        **_event(piece),
    }
    encoded = json.dumps({key: value for key, value in content.items() if value}, ensure_ascii=False)
    for character in "<>&":
        encoded = encoded.replace(character, f"\\u{ord(character):04x}")
    return mark_safe(encoded)  # noqa: S308  (the three characters that could end the element are escaped above)


def _person(line: Byline) -> dict[str, str]:
    found = {"@type": "Person", "name": line.name, "url": context.absolute(line.person.path)}
    return found | ({"affiliation": line.affiliation} if line.affiliation else {})


def _event(piece: Publication) -> dict[str, Any]:
    if piece.kind != "event":
        return {}
    place = piece.details.get("place")
    return {
        "startDate": piece.details.get("start"),
        "endDate": piece.details.get("end"),
        "location": {"@type": "Place", "name": place, "address": place} if place else None,
    }
