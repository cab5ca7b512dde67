"""Trees of Markdown: Jekyll, Hugo, Eleventy, or any folder of Markdown files with or without front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from isthmus.importers import front_matter
from isthmus.importers.bodies import hugo_shortcodes, liquid
from isthmus.importers.source_item import (
    ItemType,
    Skipped,
    SourceItem,
    SourceMedia,
    SourceProfile,
    SourceSite,
)
from isthmus.importers.sources.markdown_authors import authors_of, profile_of, profiles_in
from isthmus.importers.sources.markdown_inherited import is_data_file, with_inherited
from isthmus.importers.sources.markdown_site import (
    Site,
    date_in_name,
    host_of,
    is_people_file,
    is_profile,
    name_of,
    site_of,
    text_at,
)
from isthmus.importers.sources.markdown_visibility import shown_from, status_of
from isthmus.importers.wanting import FILES, ending_of
from isthmus.kit import text

_MARKDOWN = frozenset([".md", ".markdown", ".mdown", ".mkd", ".mkdn", ".mdx"])
_HTML = frozenset([".html", ".htm"])
# First bytes of what may bear the name of a text and is none.
_OTHER_FILES = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b")
_MAX_BYTES = 20 * 1024 * 1024
_REPOSITORY = frozenset(
    ["readme", "license", "licence", "contributing", "changelog", "code_of_conduct", "security"]
)  # fmt: skip
_MACHINERY = frozenset(["404", "500", "search", "sitemap", "robots", "feed", "tags", "tag", "categories", "archive",
                        "archives", "offline"])  # fmt: skip
_PAGE_FOLDERS = frozenset(["pages", "_pages"])
_POST_FOLDERS = frozenset(["posts", "_posts", "_drafts", "post", "blog", "articles", "news"])
_STANDING = frozenset(
    ["about", "about-us", "contact", "contact-us", "privacy", "imprint", "impressum", "legal", "terms", "accessibility",
     "policies", "disclaimer", "cookies"]
)  # fmt: skip
_DATES = ("date", "publishdate", "pubdate", "published_at", "published_on", "created", "created_at")
_TAGS = ("tags", "tag", "keywords", "topics")
_KNOWN_TERMS = frozenset([*_TAGS, "categories", "category", "series", "authors", "author"])
_KINDS = frozenset(["paper", "report", "testimony", "podcast", "video", "event"])
_TITLE = re.compile(r"\A\s*#[ \t]+([^\n]+?)[ \t]*#*[ \t]*(?:\n|\Z)|\A\s*([^\n]+)\n=+[ \t]*(?:\n|\Z)")
_FILE_NAME = re.compile(r"[^\s?#]+\.[A-Za-z0-9]{2,5}(?:[?#]\S*)?")
_MDX_LINE = re.compile(r"^(?:import|export)\s.*(?:\n|\Z)", re.MULTILINE)

Meta = dict[str, Any]


def recognises(path: Path, head: bytes) -> bool:
    """Markdown by its name, HTML that begins with front matter, and data files with the names of authors."""
    suffix = path.suffix.lower()
    if b"\x00" in head or head.startswith(_OTHER_FILES):
        return False
    if suffix in _MARKDOWN:
        return True
    is_data = is_people_file(path) or is_data_file(path)
    return is_data or (suffix in _HTML and front_matter.has_front_matter(head))


def survey(path: Path) -> Iterator[SourceProfile | SourceMedia | SourceSite]:
    """The tree's own address, its authors, and (for references) where each of its pages stood. Raises: OSError."""
    site, words = site_of(path), _words(path)
    if is_people_file(path):
        for profile in profiles_in(path, words):
            site.authors.setdefault(profile.key, profile.name)
            yield profile
        return
    if is_data_file(path):
        return
    page = _page_of(path, words, site)
    if _is_profile(path, page.meta) and (found := profile_of(path, page)):
        site.authors.setdefault(found.key, found.name)
        yield found
    yield SourceSite(
        "markdown",
        (site.base_url,) if site.base_url else (),
        title=text_at(site.config, "title"),
        language=site.language,
        zone=text_at(site.config, "timezone"),
    )
    site.add(path, page.meta)


def read(path: Path) -> Iterator[SourceItem | Skipped]:
    """The one page of a file, or why there is none. Raises: OSError."""
    site = site_of(path)
    where = f"{site.rel(path)}:1"
    if path.stat().st_size > _MAX_BYTES:
        yield Skipped("", where, f"larger than {_MAX_BYTES // 1024**2} MB, so no page")
        return
    if is_people_file(path):
        yield Skipped("", where, "a table of authors: their names are taken over with the pieces that bear them")
        return
    if is_data_file(path):
        yield Skipped("", where, "what pages beside it inherit: taken over with them")
        return
    page = _page_of(path, _words(path), site)
    reason = _why_not(path, page, site)
    item = None if reason else _item(path, page, site, where)
    if item is not None and _is_front_page(path, item, site):
        reason = "lists of the old site's front page, without text of its own"
    yield Skipped(_identity(site, path), where, reason) if reason or item is None else item


def _page_of(path: Path, words: str, site: Site) -> front_matter.Page:
    """The page taken apart, its front matter on top of what it inherits."""
    page = front_matter.page_of(words)
    return replace(page, meta=with_inherited(path, page.meta, site)) if page.meta or not page.doubts else page


def _is_front_page(path: Path, item: SourceItem, site: Site) -> bool:
    is_first = path.stem.lower() in ("index", "_index") and path.parent == site.root
    return is_first and item.body_format is None and not item.published


def _words(path: Path) -> str:
    with path.open("rb") as file:
        raw = file.read(_MAX_BYTES)
    try:
        return raw.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        # Windows' own encoding is what a page that is not UTF-8 was written in.
        return raw.decode("cp1252", "replace").replace("\x00", "")


def _why_not(path: Path, page: front_matter.Page, site: Site) -> str:
    """The reason why a file is no publication and no page; empty where it is one."""
    stem, meta = path.stem.lower(), page.meta
    if not page.has_meta and stem in _REPOSITORY:
        return "belongs to the repository, not to the site"
    if _is_profile(path, meta) and profile_of(path, page):
        return "a person's profile: the name is taken over with the pieces that bear it"
    if text_at(meta, "headless") == "true" or _is_in_bundle(path, site):
        return "a part of other pages that was never a page of its own"
    is_dated = _printed_date(path, meta) != ""
    if is_dated or (page.body.strip() and stem not in _MACHINERY and not stem.startswith("_index")):
        return ""
    if text_at(meta, "redirect_to", "redirectto"):
        return f"leads to {text_at(meta, 'redirect_to', 'redirectto')[:200]} and says nothing itself"
    if stem in _MACHINERY:
        return "a page of the old site's machinery"
    if not page.body.strip():
        # An event or a link to elsewhere is a piece without a body; a section's list is not.
        is_piece = bool(text_at(meta, "title")) and not stem.startswith(("_index", "index")) and len(meta) > 2
        return "" if is_piece else "the list of a section, without text of its own"
    return ""


def _is_in_bundle(path: Path, site: Site) -> bool:
    """Whether this is what a page of Hugo's keeps in its own folder."""
    is_page = path.stem.split(".")[0] in ("index", "_index")
    return site.generator == "hugo" and not is_page and _is_bundle(path.parent)


@lru_cache(maxsize=10_000)
def _is_bundle(folder: Path) -> bool:
    # Once for a folder: a section may hold thousands of pages.
    return any(folder.glob("index*.md"))


def _is_profile(path: Path, meta: Meta) -> bool:
    return is_profile(path) and not _printed_date(path, meta)


def _identity(site: Site, path: Path) -> str:
    host = host_of(site.base_url)
    return f"{host}/{site.rel(path)}" if host else site.rel(path)


def _item(path: Path, page: front_matter.Page, site: Site, where: str) -> SourceItem:
    meta, doubts = page.meta, list(page.doubts)
    title, body = _title_and_body(path, page, site, doubts)
    address = site.address_of(path, meta)
    authors = authors_of(meta, site.authors, doubts)
    is_html = path.suffix.lower() in _HTML
    status = status_of(path, page, meta, site, doubts)
    return SourceItem(
        id=_identity(site, path),
        source="markdown",
        where=where,
        type=_type(path, meta, site),
        title=title,
        slug=_slug(path, meta),
        published=shown_from(meta, _printed_date(path, meta)),
        modified=text_at(meta, "lastmod", "last_modified_at", "modified", "updated", "last_updated", "updated_at"),
        authors=authors,
        categories=_labels(meta, site, "categories", "category"),
        tags=tuple(tag for tag in _labels(meta, site, *_TAGS) if tag not in ("posts", "post")),
        shelves=tuple(_shelves(meta, site)),
        labels=tuple(_other_labels(meta, site)),
        series=next(iter(_texts(meta.get("series"))), ""),
        kind=kind if (kind := text_at(meta, "kind", "type").lower()) in _KINDS else "",
        language=_language(path, meta, site),
        summary=text_at(meta, "summary", "description", "excerpt", "abstract", "deck", "dek", "subtitle", "lead"),
        html=body if is_html else "",
        markdown="" if is_html else body,
        author_note=text_at(meta, "author_note", "author_bio"),
        disclaimer=text_at(meta, "disclaimer"),
        photo_credit=text_at(meta, "photo_credit", "image_credit"),
        featured=_featured(meta),
        attachments=_attachments(meta),
        source_url=_own_address(meta, address, site),
        aliases=tuple(_aliases(path, meta, address, site)),
        external_url=_external_address(meta, site),
        status=status,
        doubts=tuple(doubts),
    )  # fmt: skip


def _title_and_body(path: Path, page: front_matter.Page, site: Site, doubts: list[tuple[str, str]]) -> tuple[str, str]:
    body = _plain_body(path, page, site, doubts)
    title = text_at(page.meta, "title", "name", "headline", "display_name")
    if not title and (found := _TITLE.match(body)):
        return (found[1] or found[2]).strip(), body[found.end() :]
    return title, body


def _plain_body(path: Path, page: front_matter.Page, site: Site, doubts: list[tuple[str, str]]) -> str:
    """The body without the tags of the generator."""

    def warn(kind: str, words: str) -> None:
        doubts.append((kind, words))

    folder = Path(site.rel(path)).parent.as_posix()

    def resolve(target: str) -> str:
        return site.resolve(target, beside="" if folder == "." else folder)

    body = page.body.replace("\r\n", "\n")
    if path.suffix.lower() == ".mdx":
        body = _MDX_LINE.sub("", body)
    body = hugo_shortcodes.to_markdown(body, resolve=resolve, warn=warn)
    if site.generator != "hugo" and page.has_meta:
        values = {**page.meta, "site.baseurl": site.prefix}
        body = liquid.to_markdown(body, values=values, resolve=resolve, warn=warn)
    return liquid.without_attributes(body)


def _printed_date(path: Path, meta: Meta) -> str:
    given = text_at(meta, *_DATES)
    published = text_at(meta, "published")
    return given or (published if published[:1].isdigit() else "") or date_in_name(path)


def _type(path: Path, meta: Meta, site: Site) -> ItemType:
    """A page is what stands apart from the posts and bears no date: About, Contact, Privacy."""
    folders = site.below_content(path).split("/")[:-1]
    if ([*folders, path.stem.lower()])[0] in _STANDING:
        return "page"
    if _printed_date(path, meta) or any(folder in _POST_FOLDERS for folder in folders):
        return "piece"
    is_bundle = path.stem in ("index", "_index")
    # Notes in a folder of no generator are what there is to publish.
    is_alone = site.generator != "plain" and len(folders) <= (1 if is_bundle else 0)
    is_called_page = text_at(meta, "layout", "type") in ("page", "static", "about", "contact", "home")
    is_collection = any(folder.startswith("_") and folder not in _PAGE_FOLDERS for folder in folders)
    in_pages = any(folder in _PAGE_FOLDERS for folder in folders)
    return (
        "page" if in_pages or path.stem == "_index" or (not is_collection and (is_alone or is_called_page)) else "piece"
    )


def _slug(path: Path, meta: Meta) -> str:
    given = text_at(meta, "slug") or text_at(meta, "permalink", "url").rstrip("/").rpartition("/")[2]
    return re.sub(r"\.html?\Z", "", given) if given and ":" not in given and "{" not in given else name_of(path)


def _language(path: Path, meta: Meta, site: Site) -> str:
    return text_at(meta, "lang", "language", "locale") or site.language_of(path) or site.language


def _labels(meta: Meta, site: Site, *names: str) -> tuple[str, ...]:
    """Labels of several keys in order, each once; Jekyll parts a text at its spaces, others at its commas."""
    found: list[str] = []
    for name in names:
        value = meta.get(name)
        if isinstance(value, str) and "," in value:
            found += value.split(",")
        elif isinstance(value, str) and site.generator == "jekyll":
            found += value.split()
        else:
            found += _texts(value)
    return tuple(dict.fromkeys(label.strip() for label in found if label.strip()))


def _shelves(meta: Meta, site: Site) -> Iterator[tuple[str, str, str]]:
    """The lists that Hugo makes of its two taxonomies unless told otherwise."""
    for table in ("tags", "categories") if site.generator == "hugo" else ():
        for label in _labels(meta, site, table):
            yield table, label, f"{site.base_url}{site.prefix}/{table}/{text.slug(label)}/"


def _other_labels(meta: Meta, site: Site) -> Iterator[tuple[str, str]]:
    """Terms of the taxonomies that this tree of Hugo's added, as (taxonomy, label)."""
    named = site.config.get("taxonomies") if site.generator == "hugo" else None
    for plural in named.values() if isinstance(named, Mapping) else ():
        if isinstance(plural, str) and plural.lower() not in _KNOWN_TERMS:
            yield from ((plural, label) for label in _labels(meta, site, plural.lower()))


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [part.strip() for part in value if isinstance(part, str) and part.strip()]
    return [value.strip()] if isinstance(value, str) and value.strip() else []


def _featured(meta: Meta) -> SourceMedia | None:
    for name in ("image", "featured_image", "feature_image", "featuredimage", "cover", "banner", "hero_image",
                 "primary_image", "thumbnail", "header", "images"):  # fmt: skip
        value = meta.get(name)
        value = value[0] if isinstance(value, list) and value else value
        inside = value if isinstance(value, dict) else {}
        address = text_at(inside, "src", "url", "image", "path", "file") or (value if isinstance(value, str) else "")
        # A name without an ending is a key of the site's own store of pictures, not an address.
        if _FILE_NAME.fullmatch(address.strip()):
            alt = text_at(inside, "alt") or text_at(meta, "image_alt", "image_alt_text", "alt")
            caption = text_at(inside, "caption") or text_at(meta, "image_caption", "image_figcaption", "caption")
            credit = text_at(inside, "credit") or text_at(meta, "image_credit", "credit", "photo_credit")
            return SourceMedia(_rooted(address.strip()), alt=alt, caption=caption, credit=credit)
    return None


def _rooted(address: str) -> str:
    """An asset named from the root of the site without its slash, as Eleventy sites do."""
    return f"/{address}" if address.startswith(("assets/", "static/", "images/", "img/", "uploads/")) else address


def _attachments(meta: Meta) -> tuple[SourceMedia, ...]:
    found = []
    for name in ("pdf", "file", "download", "downloads", "attachment", "attachments", "document", "documents",
                 "resources"):  # fmt: skip
        for value in meta[name] if isinstance(meta.get(name), list) else [meta.get(name)]:
            address = text_at(value, "url", "file", "src", "path", "href") if isinstance(value, dict) else value
            is_file = isinstance(address, str) and bool(_FILE_NAME.fullmatch(address.strip()))
            if isinstance(address, str) and is_file and (name != "resources" or ending_of(address) in FILES):
                found.append(SourceMedia(address.strip(), title=text_at(value, "title", "label", "name")))
    return tuple(found)


def _own_address(meta: Meta, address: str, site: Site) -> str:
    """Absolute where the site says where it stood; else what the page says of itself, else the path alone."""
    given = text_at(meta, "link", "canonical_url", "original_url")
    if given and address and given.rstrip("/").endswith(address.rstrip("/")):
        return given
    return site.base_url + address if address and site.base_url else address


def _aliases(path: Path, meta: Meta, address: str, site: Site) -> Iterator[str]:
    dated = date_in_name(path)
    if dated and not site.config:
        # Only the content was handed over. What most sites with dated files do is what their links say, too.
        yield f"/{dated.replace('-', '/')}/{_slug(path, meta)}/"
    folder = address.rstrip("/").rpartition("/")[0]
    for name in ("aliases", "alias", "redirect_from", "redirects", "formerly", "old_url", "tumblr_url"):
        for alias in _texts(meta.get(name)):
            is_whole = alias.startswith(("/", "http://", "https://"))
            # A relative alias of Hugo's is beside the page, one of Jekyll's below the root.
            if alias.startswith("/") and not alias.startswith(f"{site.prefix}/"):
                yield f"{site.prefix}{alias}"
            else:
                yield alias if is_whole else f"{folder if name == 'aliases' else site.prefix}/{alias}"


def _external_address(meta: Meta, site: Site) -> str:
    """Where the piece itself is, for one that only points elsewhere."""
    names = ("external_url", "externalurl", "external_link", "source_url", "redirect_to", "redirectto", "link")
    for name in names:
        address = text_at(meta, name)
        is_own = name == "link" and bool(text_at(meta, "permalink"))
        if address.startswith(("http://", "https://")) and not is_own and host_of(address) != host_of(site.base_url):
            return address
    return ""
