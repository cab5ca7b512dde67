"""Saved web pages, one or a folder of them: what each says of itself to machines, then its text without the menus."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree
from lxml import html as trees

from isthmus.importers import dates, front_matter, opening, roots
from isthmus.importers.source_item import ItemType, Role, Skipped, SourceAuthor, SourceItem, SourceMedia, SourceSite
from isthmus.importers.sources.html_content import content_of
from isthmus.importers.sources.html_metadata import Metadata, address_of, metadata_of, people_of, without_site
from isthmus.importers.sources.text_marks import is_mostly_hangul
from isthmus.kit.html import text_of

_SUFFIXES = frozenset([".html", ".htm", ".xhtml", ".shtml"])
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MAX_BYTES = 20 * 1024 * 1024
# What a browser puts beside a page that it saves.
_PARTS = re.compile(r"(?:_files|\.files|_data|_fichiers|-Dateien)\Z")
_STANDING = re.compile(
    r"(?:about|contact|privacy|imprint|impressum|legal|terms|accessibility)(?:[-_]us)?\Z", re.IGNORECASE
)
# The sign of the house, which pages without a picture name instead of one.
_SIGN = re.compile(r"logo|seal|icon|default|placeholder|fallback", re.IGNORECASE)
_MIN_CHARS = 120
# A listing is links with a word between; no piece has four fifths of its text in links.
_LINKED_SHARE = 0.8
_DATED = "@itemprop='datePublished' or @pubdate or contains(@class,'published') or contains(@class,'entry-date')"
_AUTHORED = (
    "//*[@rel='author' or @itemprop='author' or contains(concat(' ', @class, ' '), ' author-name ') or "
    "contains(concat(' ', @class, ' '), ' byline-name ')]",
    # As WordPress's own themes and hCards say it: <span class="author vcard"><a class="fn">.
    "//*[contains(concat(' ', @class, ' '), ' author ')]//*[contains(concat(' ', @class, ' '), ' fn ')] | "
    "//*[contains(concat(' ', @class, ' '), ' author ') and contains(concat(' ', @class, ' '), ' vcard ') and "
    "not(.//*[contains(concat(' ', @class, ' '), ' fn ')])]",
)
_BYLINES = "//*[contains(concat(' ', @class, ' '), ' byline ') or contains(concat(' ', @class, ' '), ' by-line ')]"
_DATES = (
    "//*[contains(concat(' ', @class, ' '), ' date ') or contains(concat(' ', @class, ' '), ' post-date ') or "
    "contains(concat(' ', @class, ' '), ' article-date ') or contains(concat(' ', @class, ' '), ' pubdate ')]"
)
_BYLINE_MAX_CHARS = 300
_BY = re.compile(r"by[:\s]+", re.IGNORECASE)
_AND = re.compile(r"\s+(?:and|&)\s+")
_NAME = re.compile(
    r"(?:[^\W\d_a-z][\w.'’-]*)(?:\s+(?:(?:de|van|von|der|da|bin|al|la|le)\s+)?[^\W\d_a-z][\w.'’-]*){1,3}"
)
_NOT_FOUND = re.compile(r"(?:error\s*)?(?:404\b.{0,40}|(?:page|file) not found)", re.IGNORECASE)


def recognises(path: Path, head: bytes) -> bool:
    """By its name, unless it begins as something else that such a name may bear."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if path.suffix.lower() not in _SUFFIXES or b"\x00" in head[:200].replace(b"\xff\xfe", b"")[:1]:
        return False
    return not front_matter.has_front_matter(head) and not start.startswith((b"{", b"%PDF", b"PK\x03\x04"))


def survey(path: Path) -> Iterator[SourceSite]:
    """The site that the page is from. Raises: OSError."""
    words = _words(path)
    page = _page(words)
    if page is not None:
        about = metadata_of(page)
        address = address_of(page, about, words)
        if address:
            yield SourceSite("html", (address,), title=about.first("og:site_name"), language=_language(page, about))


def read(path: Path) -> Iterator[SourceItem | Skipped]:
    """The one piece a page holds, or why it holds none. Raises: OSError."""
    name = path.relative_to(roots.root_of(path)).as_posix()
    if _PARTS.search(path.parent.name):
        yield Skipped("", name, "a part of a saved page, not a page")
        return
    words = _words(path)
    page = _page(words)
    if page is None:
        yield Skipped("", name, "empty" if not words.strip() else f"no page, or larger than {_MAX_BYTES // 1024**2} MB")
        return
    yield _item(page, words, name)


def _words(path: Path) -> str:
    """The page as text: by its byte order mark, by what it declares, else by what fits. Empty for one too large."""
    with opening.opened(path) as file:
        raw = file.read(_MAX_BYTES + 1)
    if not raw.strip() or len(raw) > _MAX_BYTES:
        return ""
    # Here and not above: it takes as long to load as all other sources together, and few archives need it.
    from bs4.dammit import UnicodeDammit

    found = UnicodeDammit(raw, ["utf-8"] if _is_utf8(raw) else [], is_html=True)
    # The parser takes such signs, and breaks where one of them is put back.
    return _NOT_IN_XML.sub("", found.unicode_markup or raw.decode("utf-8", "replace"))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _page(words: str) -> Any | None:
    # lxml takes a text with a declaration of an encoding for an error.
    plain = re.sub(r"\A\s*<\?xml[^>]*\?>", "", words)
    try:
        parser = trees.HTMLParser(encoding="utf-8", huge_tree=False, no_network=True)
        return trees.document_fromstring(plain.encode("utf-8", "replace"), parser=parser) if plain.strip() else None
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None


def _item(page: Any, words: str, name: str) -> SourceItem | Skipped:
    about = metadata_of(page)
    address = address_of(page, about, words)
    title = _title(page, about)
    authors = _authors(page, about)
    published = _published(page, about)
    language = _language(page, about)
    # The text is cut out of the page last: what stands around it goes.
    categories, tags = _categories(page, about), _tags(page, about)
    body = content_of(page, title=title)
    reason = _why_not(body, is_article=bool(authors or published))
    if not reason and not published and _NOT_FOUND.fullmatch(title):
        reason = "the page that a server sends where there is none"
    if reason:
        return Skipped(address or name, name, reason)
    return SourceItem(
        id=address or name,
        source="html",
        where=f"{name}:1",
        type=_type(address or name, published),
        title=title,
        slug=_slug(address or name),
        published=published,
        modified=about.said("dateModified") or about.first("article:modified_time", "og:updated_time", "last-modified"),
        authors=authors,
        categories=categories,
        tags=tags,
        language=language,
        summary=about.first("citation_abstract", "dcterms.abstract", "og:description", "description", "dc.description")
        or about.said("description", "abstract"),
        html=body,
        featured=_featured(about),
        attachments=tuple(SourceMedia(one) for one in dict.fromkeys(about.every("citation_pdf_url"))),
        source_url=address,
    )


def _why_not(body: str, *, is_article: bool) -> str:
    """Why there is nothing to publish: a listing, or no text at all; empty where there is."""
    plain = " ".join(text_of(body).split())
    if not plain:
        return "no text besides menus"
    linked = sum(len(" ".join(text_of(link).split())) for link in re.findall(r"<a\b.*?</a>", body, re.DOTALL))
    if not is_article and linked > _LINKED_SHARE * len(plain):
        return "a listing of links, not a publication"
    return "" if is_article or len(plain) >= _MIN_CHARS else "hardly any text, and neither author nor date"


def _title(page: Any, about: Metadata) -> str:
    site = about.first("og:site_name", "application-name", "citation_publisher")
    headings = [words for heading in page.iter("h1") if (words := " ".join(heading.text_content().split()))]
    headings = [words for words in headings if words.lower() != site.lower()]
    for title in (
        about.first("citation_title", "dc.title", "dcterms.title"),
        about.said("headline"),
        headings[0] if len(headings) == 1 else "",
        about.first("og:title", "twitter:title", "parsely-title"),
        " ".join((page.findtext(".//title") or "").split()),
    ):
        if title and title.lower() != site.lower():
            return _agreeing(without_site(title, site), headings)
    return ""


def _agreeing(title: str, headings: list[str]) -> str:
    """The heading that says the same, where there are several: it is what readers saw."""
    return next((words for words in headings if title.lower().startswith(words.lower()) and len(words) > 8), title)


def _published(page: Any, about: Metadata) -> str:
    given = about.said("datePublished") or about.first(
        "citation_publication_date", "citation_date", "citation_online_date", "article:published_time",
        "og:article:published_time", "dc.date.issued", "dcterms.issued", "dcterms.date", "dc.date", "dcterms.created",
        "parsely-pub-date", "sailthru.date", "datepublished", "pubdate", "publish-date", "date",
    )  # fmt: skip
    if given:
        return given
    found = page.xpath(f"//time[{_DATED}] | //*[@itemprop='datePublished']")
    printed = [one.get("datetime") or one.get("content") or one.text_content() for one in found]
    printed += [] if printed else _times_in_article(page)
    printed += [] if printed else [one.text_content() for one in page.xpath(_DATES)]
    return next((" ".join(words.split()) for words in printed if dates.read_date(words, zone="UTC")), "")


def _times_in_article(page: Any) -> list[str]:
    """The one time that an article names; several may be those of other pieces."""
    times = page.xpath("//article//header//time[@datetime] | //article/time[@datetime]")
    return [times[0].get("datetime")] if len({one.get("datetime") for one in times}) == 1 else []


def _authors(page: Any, about: Metadata) -> tuple[SourceAuthor, ...]:
    site = about.first("og:site_name").lower()
    people = people_of(about)
    names = about.every(
        "citation_author", "dc.creator", "dcterms.creator", "parsely-author", "author", "byl", "article:author"
    )
    if not people:
        people = [(name, about.institutions.get(name, "")) for name in names if not name.startswith("http")]
    if not people:
        people = [(name, "") for name in _printed_names(page)]
    kept = {name: place for name, place in people if name and name.lower() != site and len(name) < 200}
    authors = [SourceAuthor(_ordered(name), affiliation=place) for name, place in kept.items()]
    others = [(role, *person) for role in _ROLES for person in people_of(about, role)]
    return (*authors, *(SourceAuthor(name, role, affiliation=place) for role, name, place in others))


_ROLES: tuple[Role, ...] = ("editor", "translator")


def _printed_names(page: Any) -> list[str]:
    """The names that the page shows as those of its authors; a byline counts only where it is nothing but names."""
    for path in _AUTHORED:
        if found := [" ".join(one.text_content().split()) for one in page.xpath(path)]:
            return [_BY.sub("", name, count=1) if _BY.match(name) else name for name in found]
    for one in page.xpath(_BYLINES):
        words = " ".join(one.text_content().split())
        if len(words) < _BYLINE_MAX_CHARS and (by := _BY.match(words)):
            parts = [part.strip() for part in _AND.split(words[by.end() :])]
            listed = [*(part.strip() for part in parts[0].split(",") if len(parts) > 1), *parts[1:]] or parts
            if all(_NAME.fullmatch(name) for name in listed):
                return listed
    return []


def _ordered(name: str) -> str:
    """ "King, Robert" of Highwire and Dublin Core as Robert King; a comma before a role is left to judgement."""
    last, comma, first = name.partition(",")
    is_inverted = bool(comma) and " " not in last.strip() and 0 < len(first.split()) <= 3
    return f"{first.strip()} {last.strip()}" if is_inverted else name


def _categories(page: Any, about: Metadata) -> tuple[str, ...]:
    found = about.every("article:section", "parsely-section") or about.listed("articleSection")
    return tuple(dict.fromkeys(found or _linked_terms(page, is_category=True)))


def _tags(page: Any, about: Metadata) -> tuple[str, ...]:
    tags = about.every("article:tag", "citation_keywords", "parsely-tags", "dc.subject", "dcterms.subject")
    words = (
        tags if len(tags) > 1 else [part for tag in tags or about.every("keywords") for part in re.split("[,;]", tag)]
    )
    words = words or about.listed("keywords") or _linked_terms(page, is_category=False)
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))


def _linked_terms(page: Any, *, is_category: bool) -> list[str]:
    """The terms that the one article of a page links to, as microformats mark them; of several articles none."""
    articles = page.xpath("//article")
    if len(articles) > 1:
        return []
    links = (articles[0] if articles else page).xpath(".//a[contains(concat(' ', @rel, ' '), ' tag ')]")
    kept = [link for link in links if ("category" in link.get("rel").split()) == is_category]
    return [words for link in kept if (words := " ".join(link.text_content().split())) and len(words) < 100]


def _language(page: Any, about: Metadata) -> str:
    given = page.get("lang") or about.said("inLanguage") or about.first("og:locale", "content-language", "dc.language")
    declared = given.replace("_", "-").partition(",")[0].strip()
    return declared or ("ko" if is_mostly_hangul(page.text_content()) else "")


def _featured(about: Metadata) -> SourceMedia | None:
    address = about.first("og:image", "og:image:url", "twitter:image", "parsely-image-url") or about.said("image")
    if not address or _SIGN.search(address.rpartition("/")[2]):
        return None
    about_it = about.picture()
    said = {name: value for name in ("caption", "creditText") if isinstance(value := about_it.get(name), str)}
    return SourceMedia(
        address,
        alt=about.first("og:image:alt", "twitter:image:alt"),
        caption=said.get("caption", ""),
        credit=said.get("creditText", ""),
    )


def _slug(address: str) -> str:
    last = address.partition("?")[0].rstrip("/").rpartition("/")[2]
    return re.sub(r"\.\w{2,5}\Z", "", last)


def _type(address: str, published: str) -> ItemType:
    return "page" if not published and _STANDING.fullmatch(_slug(address)) else "piece"
