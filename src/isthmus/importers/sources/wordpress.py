"""WordPress exports (WXR 1.0 to 1.2): pieces and pages with their authors, terms, pictures and old addresses.

Every item of the file is accounted for: what is no publication, such as menus, styles and letters from a contact form,
is named with that reason. Comments are counted and left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from isthmus.importers import linking
from isthmus.importers.source_item import (
    ItemType,
    Skipped,
    SourceAuthor,
    SourceBlock,
    SourceItem,
    SourceMedia,
    SourceProfile,
    SourceSite,
    Status,
)
from isthmus.importers.sources import wordpress_fields as fields
from isthmus.importers.sources import wxr
from isthmus.importers.sources.wordpress_terms import Archives, archives_of, in_domain
from isthmus.importers.sources.wxr import Element

_NO_DATE = "0000-00-00"
_SIGN_OF_LIFE = 200
_STATUSES: dict[str, Status] = {
    "publish": "release", "draft": "draft", "auto-draft": "draft", "pending": "pending",
    "private": "private", "future": "scheduled", "trash": "trash",
}  # fmt: skip
_PEOPLE_TYPES = frozenset({"guest-author"})
_REASONS = {
    "attachment": "a picture or file, no piece of its own: it comes in with the pieces that use it",
    "guest-author": "a person, no piece: the name comes in with the pieces that bear it",
    "nav_menu_item": "an entry of a menu, no publication",
    "wp_block": "a reusable block, no publication: it comes in with the pieces that show it",
    "revision": "an older version of a piece, no publication",
    "tribe_venue": "the place of events, no publication",
    "tribe_organizer": "the host of events, no publication",
}
_SITE_PARTS = frozenset(
    """
    custom_css customize_changeset oembed_cache wp_template wp_template_part wp_global_styles wp_navigation
    wp_font_family wp_font_face acf acf-field acf-field-group acf-post-type acf-taxonomy elementor_library et_pb_layout
    fusion_template popup ml-slider slide slider tablepress_table wp_theme jp_pay_product product_variation
    """.split()  # noqa: SIM905 -- 25 quotes more would hide the names
)
_LETTERS = re.compile(
    r"feedback|flamingo_.*|user_request|.*(?:form|forms|entry|entries|submission|submissions|message|messages|order|"
    r"orders|refund|coupon|subscription|subscriptions|log|logs|inbound|contact|action|_sub|ticket|request|booking)"
)
_KINDS = {
    "tribe_events": "event", "event": "event", "events": "event", "podcast": "podcast", "episode": "podcast",
    "video": "video", "report": "report", "paper": "paper", "publication": "report",
}  # fmt: skip
_TERMS_OF_THE_SITE = frozenset(
    """
    nav_menu post_format link_category wp_theme wp_template_part_area post_translations term_language term_translations
    elementor_library_type yst_prominent_words
    """.split()  # noqa: SIM905 -- 10 quotes more would hide the names
)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?")


def recognises(path: Path, head: bytes) -> bool:
    """By the namespace of WordPress's exports, or its elements, in an RSS file."""
    start = head.replace(b"\x00", b"")
    return (b"wordpress.org/export/" in start or b"<wp:" in start) and b"<rss" in start


def survey(path: Path) -> Iterator[SourceProfile | SourceMedia | SourceSite | SourceBlock]:
    """The site with every host it ever had, its authors, guest authors, pictures and files. Raises: OSError."""
    source, base, hosts = "", "", set[str]()
    for part in wxr.parts_of(path):
        if part.element is None:
            continue
        if part.number == 0:
            source, base = _source_of(part.element, path), part.element.first("wp:base_blog_url", "link")
            yield _site(part.element, source)
            yield from _profiles(part.element, source)
            continue
        # Said again now and then, as a sign of life in an archive of a million posts.
        new = {linking.host_of(part.element.first(name)) for name in ("link", "guid")} - hosts - {""}
        if new or part.number % _SIGN_OF_LIFE == 0:
            hosts |= new
            yield SourceSite(source, tuple(f"https://{host}" for host in sorted(new)))
        match part.element.first("wp:post_type"):
            case "attachment":
                yield _medium(part.element, source)
            case "guest-author":
                yield from _guest(part.element, source, base)
            case "wp_block" if part.element.first("wp:status") == "publish":
                yield SourceBlock(source, part.element.first("wp:post_id"), part.element.first("content:encoded"))


def read(path: Path) -> Iterator[SourceItem | Skipped]:
    """Every item of the file, as a piece, a page, or a named loss. Raises: OSError."""
    source, language, n_items, archives = "", "", 0, Archives()
    for part in wxr.parts_of(path):
        n_items = part.number
        where = f"{path.name}:{part.line}"
        if part.element is None:
            yield Skipped("", where, f"item {part.number}: {part.reason}")
        elif part.number == 0:
            source, language = _source_of(part.element, path), _language(part.element.first("language"))
            archives = archives_of(part.element)
        else:
            yield _item(part, source=source, language=language, where=where, archives=archives)
    if not n_items:
        yield Skipped("", path.name, "it holds no item: it is an empty export, or broken before its first item")


def _source_of(head: Element, path: Path) -> str:
    """Host and path of the site, the same in every export of it; the file's name where it does not say."""
    address = head.first("wp:base_blog_url", "link", "wp:base_site_url")
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        host, parts = "", urlsplit("")
    return f"{host}{parts.path.rstrip('/')}"[:120] if host else path.name.split(".")[0][:120]


def _site(head: Element, source: str) -> SourceSite:
    addresses = {head.first(name) for name in ("link", "wp:base_blog_url", "wp:base_site_url")} - {""}
    return SourceSite(source, tuple(sorted(addresses)), head.first("title"), _language(head.first("language")))


def _language(tag: str) -> str:
    """The language without a country that every site of it would name: ko-KR is ko, pt-BR stays."""
    plain = tag.strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(plain):
        return ""
    base = plain.partition("-")[0].lower()
    return plain if plain.lower() in ("pt-br", "zh-tw", "zh-hk", "zh-cn") else base


def _profiles(head: Element, source: str) -> Iterator[SourceProfile]:
    base = head.first("wp:base_blog_url", "link").rstrip("/")
    for author in head.all("wp:author"):
        login = author.first("wp:author_login")
        parts = (author.first("wp:author_first_name"), author.first("wp:author_last_name"))
        name = author.first("wp:author_display_name") or " ".join(filter(None, parts))
        if login and name and not _MAIL.fullmatch(name):
            addresses = (f"{base}/author/{login}/",) if base.startswith("http") else ()
            email = author.first("wp:author_email")
            yield SourceProfile(login.lower(), source, name, email=email, addresses=addresses)


def _guest(element: Element, source: str, base: str) -> Iterator[SourceProfile]:
    """A guest author of Co-Authors Plus, known by the slug that the terms of pieces bear."""
    meta = _meta(element)
    slug = element.first("wp:post_name").removeprefix("cap-").lower()
    name = meta.get("cap-display_name") or element.first("title")
    if slug and name:
        yield SourceProfile(
            f"cap-{slug}",
            source,
            name,
            bio=meta.get("cap-description", ""),
            email=meta.get("cap-user_email", ""),
            addresses=(f"{base.rstrip('/')}/author/{slug}/",) if base.startswith("http") else (),
        )


def _medium(element: Element, source: str) -> SourceMedia:
    meta = _meta(element)
    address = element.first("wp:attachment_url", "guid")
    return SourceMedia(
        address,
        id=element.first("wp:post_id"),
        source=source,
        title=element.first("title"),
        alt=meta.get("_wp_attachment_image_alt", ""),
        caption=element.first("excerpt:encoded"),
        description=element.first("content:encoded"),
        credit=fields.credit(meta),
        parent=_parent(element),
    )


def _parent(element: Element) -> str:
    number = element.first("wp:post_parent")
    return "" if number == "0" else number


def _meta(element: Element) -> dict[str, str]:
    """Fields added by plugins and themes; of several of one name the first that says something."""
    found: dict[str, str] = {}
    for row in element.all("wp:postmeta"):
        name, value = row.first("wp:meta_key"), row.first("wp:meta_value")
        if name and value:
            found.setdefault(name, value)
    return found


def _item(part: wxr.Part, *, source: str, language: str, where: str, archives: Archives) -> SourceItem | Skipped:
    element = part.element or Element("")
    post_type = element.first("wp:post_type") or "post"
    identity = _identity(element)
    reason = _reason_against(element, post_type)
    if reason or not identity:
        return Skipped(identity, where, reason or f"item {part.number}: neither number, address nor title")
    meta = _meta(element)
    body, doubts = fields.body_of(element.first("content:encoded"), meta)
    status = _status(element, post_type)
    if status in ("release", "scheduled") and any(kind == "why not public" for kind, _ in doubts):
        status = "draft"
    return SourceItem(
        id=identity,
        source=source,
        where=where,
        title=element.first("title"),
        published=_date(element, "wp:post_date") or element.first("pubDate"),
        modified=_date(element, "wp:post_modified"),
        authors=tuple(_authors(element)),
        categories=tuple(_terms(element, "category")),
        tags=tuple(_terms(element, "post_tag", "tag")),
        labels=tuple(_other_terms(element)),
        series=next(iter(_terms(element, "series")), ""),
        kind="" if post_type in ("post", "page") else _KINDS.get(post_type, post_type),
        language=_language(next(iter(_terms(element, "language", slug=True)), "")) or language,
        summary=element.first("excerpt:encoded") or fields.subtitle(meta),
        wordpress=body,
        aliases=tuple(_aliases(element, identity, post_type)),
        source_url=_plain_address(element.first("link")),
        guid=element.first("guid"),
        external_url=fields.elsewhere(meta),
        status=status,
        type=_type(post_type),
        slug=element.first("wp:post_name"),
        media_id=meta.get("_thumbnail_id", ""),
        parent=_parent(element) if post_type == "page" else "",
        shelves=tuple(archives.of(element)),
        attachments=(*fields.enclosures(element), *fields.files(meta)),
        extra={name: meta[name] for name in ("footnotes",) if name in meta},
        doubts=(*_doubts(part, element, post_type), *doubts),
    )


def _identity(element: Element) -> str:
    number = element.first("wp:post_id")
    if number and number != "0":
        return number
    named = element.first("guid", "link")
    if named:
        return named[:400]
    said = json.dumps([element.first("title"), element.first("wp:post_date", "pubDate")])
    return hashlib.sha256(said.encode()).hexdigest()[:24] if element.first("title", "content:encoded") else ""


def _type(post_type: str) -> ItemType:
    return "page" if post_type == "page" else "piece"


def _reason_against(element: Element, post_type: str) -> str:
    if post_type in _REASONS:
        return _REASONS[post_type]
    if post_type in _SITE_PARTS:
        return f"a part of the old site's looks ({post_type}), no publication"
    if post_type not in ("post", "page") and _LETTERS.fullmatch(post_type):
        return f"{post_type}: forms, orders and letters that people sent in are no publications"
    status = element.first("wp:status")
    if status == "trash":
        return "in the trash of the old site"
    if status in ("inherit", "auto-draft"):
        return f"no piece of its own on the old site ({status})"
    return ""


def _status(element: Element, post_type: str) -> Status:
    if element.first("wp:post_password"):
        return "password"
    # A status some plugin invented is shown to nobody until somebody here has looked at it.
    status = _STATUSES.get(element.first("wp:status"), "draft")
    return "draft" if status == "release" and _has_no_page(element, post_type) else status


def _has_no_page(element: Element, post_type: str) -> bool:
    """Whether the old site had no address for a type that a plugin added, so that no reader ever saw it."""
    return post_type not in ("post", "page") and "post_type=" in element.first("link")


def _doubts(part: wxr.Part, element: Element, post_type: str) -> list[tuple[str, str]]:
    found = []
    if part.is_repaired:
        found.append(("broken XML", f"read although it is not well-formed ({part.reason}): look at this piece"))
    if part.is_misencoded:
        found.append(("wrong encoding", "it has bytes that are not in the file's encoding, read as Windows-1252"))
    if not element.first("wp:status"):
        found.append(("why not public", "the archive does not say whether it was"))
    if _has_no_page(element, post_type):
        found.append(("not public", f"the type {post_type} had no pages on the old site; it stays a draft"))
    n_comments = len(element.all("wp:comment"))
    if n_comments:
        found.append(("comments left out", f"{n_comments}"))
    return found


def _date(element: Element, name: str) -> str:
    """The date as the site showed it, with the offset that its twin in UTC gives away."""
    printed, utc = element.first(name), element.first(f"{name}_gmt")
    if not printed or printed.startswith(_NO_DATE):
        return ""
    try:
        offset = datetime.fromisoformat(printed) - datetime.fromisoformat(utc)
    except (ValueError, TypeError):
        return printed
    minutes = round(offset.total_seconds() / 60)
    if abs(minutes) > 14 * 60 or minutes % 15:
        return printed
    sign = "-" if minutes < 0 else "+"
    return f"{printed}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _authors(element: Element) -> Iterator[SourceAuthor]:
    """Co-authors where the piece has them, since the creator is then only who uploaded it.

    An e-mail address is never a name: without a profile nobody is named.
    """
    co_authors = {term.attributes.get("nicename", ""): term.text.strip() for term in in_domain(element, "author")}
    for slug, label in co_authors.items():
        key = slug.lower()
        # The term bears the login or the name; where a profile is known, its name holds.
        is_login = not label or " " not in label
        name = "" if is_login and key else label
        if name or key:
            yield SourceAuthor(name, key=key, fallback=label or key.removeprefix("cap-"))
    creator = element.first("dc:creator", "wp:author_login")
    if co_authors or not creator:
        return
    yield SourceAuthor("", key=creator.lower(), fallback="" if _MAIL.fullmatch(creator) else creator)


def _terms(element: Element, *domains: str, slug: bool = False) -> Iterator[str]:
    for term in in_domain(element, *domains):
        # In WXR 1.0 every term stands twice: with its domain and slug, and once more without.
        if name := (term.attributes.get("nicename", "") if slug else term.text.strip()):
            yield name


def _other_terms(element: Element) -> Iterator[tuple[str, str]]:
    """Terms of taxonomies that this site added, as (taxonomy, label)."""
    known = {"category", "post_tag", "tag", "series", "language", "author"} | _TERMS_OF_THE_SITE
    for term in element.all("category"):
        domain = term.attributes.get("domain", "category")
        if domain not in known and term.text.strip():
            yield domain[:60], term.text.strip()


def _plain_address(address: str) -> str:
    return "" if "?post_type=" in address or "&preview=" in address else address


def _aliases(element: Element, identity: str, post_type: str) -> Iterator[str]:
    """Addresses by number and by earlier slugs."""
    if identity.isdigit():
        yield f"/?p={identity}"
        if post_type == "page":
            yield f"/?page_id={identity}"
    link = element.first("link").rstrip("/")
    for row in element.all("wp:postmeta"):
        slug = row.first("wp:meta_value")
        if row.first("wp:meta_key") == "_wp_old_slug" and slug and link.count("/") > 2 and "?" not in link:
            yield f"{link.rpartition('/')[0]}/{slug}/"
