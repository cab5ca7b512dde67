"""The tree a Markdown page stands in: where it begins, which generator it is for, its addresses and its authors.

What is known of a tree is gathered by the survey, file by file; nothing is looked up outside of the files surveyed but
the generator's own configuration in a folder above them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from isthmus.importers import dates, front_matter, roots
from isthmus.kit import text

_MAX_CONFIG_BYTES = 1024 * 1024
_MAX_LEVELS = 12
# The first that is there says which generator it is.
_CONFIGS = (
    ("hugo.toml", "hugo"), ("hugo.yaml", "hugo"), ("hugo.yml", "hugo"), ("hugo.json", "hugo"),
    ("_config.yml", "jekyll"), ("_config.yaml", "jekyll"), ("_config.toml", "jekyll"),
    (".eleventy.js", "eleventy"), ("eleventy.config.js", "eleventy"), ("eleventy.config.mjs", "eleventy"),
    ("config.toml", "hugo"), ("config.yaml", "hugo"), ("config.yml", "hugo"),
    ("config/_default/hugo.toml", "hugo"), ("config/_default/config.toml", "hugo"),
)  # fmt: skip
PEOPLE = frozenset(["author", "authors", "people", "team", "staff", "contributors", "experts", "fellows"])
_DATA = frozenset(["_data", "data"])
_DATE_IN_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})-(?=.)")
_LANGUAGE_ENDING = re.compile(r"\.([a-z]{2}(?:-[A-Za-z]{2,4})?)\Z")
_JEKYLL_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext", "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext", "none": "/:categories/:title:output_ext",
}  # fmt: skip
_TOKEN = re.compile(r":([a-z_]+)")
_DATE_TAG = re.compile(r"""\{\{-?\s*(?:page\.)?date\s*\|\s*date:?\s*\(?["']((?:%[YmdyBbj]|[/-])+)["']\)?\s*-?\}\}""")
# Folders that can mean nothing else in a tree whose configuration was not handed over.
_LANGUAGES = frozenset(
    """
    ar cs da de el en es fa fi fr he hi hu id it ja ko mn nl no pl pt pt-br ro ru sv th tr uk vi zh zh-cn zh-hans
    zh-hant zh-tw
    """.split()  # noqa: SIM905 -- 30 quotes more would hide the codes
)
_TAG = re.compile(r"\{\{-?\s*([\w.]+)\s*(?:\|\s*slug(?:ify)?\s*)?-?\}\}")

Meta = Mapping[str, Any]


@dataclass(slots=True)
class Site:
    """One tree. pages: the address by the path below the root; named: the same paths by the last part of the name."""

    root: Path
    generator: str
    config: Meta
    pages: dict[str, str] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    authors: dict[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """Scheme and host of the site, without what it stood below; empty where its configuration does not say it."""
        address = text_at(self.config, "baseurl", "url") if self.generator == "hugo" else text_at(self.config, "url")
        parts = _parts(address)
        return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""

    @property
    def prefix(self) -> str:
        """What every path of the site began with, such as /blog; empty for a site at the root of its host."""
        below = text_at(self.config, "baseurl")
        path = (_parts(below).path if "://" in below or self.generator == "hugo" else below).strip("/")
        return f"/{path}" if path and self.generator in ("hugo", "jekyll") else ""

    @property
    def language(self) -> str:
        """Of the whole site; empty where its configuration does not say it."""
        return text_at(self.config, "languagecode", "defaultcontentlanguage", "lang", "locale")

    def rel(self, path: Path) -> str:
        """The path below the root, by which a page is known."""
        return path.relative_to(self.root).as_posix()

    def language_of(self, path: Path) -> str:
        """The language of a page, by its name or by the folder that Hugo keeps the language in; empty for neither."""
        return language_in_name(path) or self._language_folder(self.rel(path))[0]

    def below_content(self, path: Path) -> str:
        """The path without the folders that say only "content" and the language."""
        rel = self.rel(path)
        return rel[len(self._language_folder(rel)[1]) :].removeprefix("content/")

    def _language_folder(self, rel: str) -> tuple[str, str]:
        """(language, folder with a slash at its end) of a page; empty for a page in no such folder."""
        languages = self.config.get("languages")
        named = languages if isinstance(languages, Mapping) else {}
        for code, about in named.items():
            folder = text_at(about, "contentDir", "contentdir").strip("/") or f"content/{code}"
            if folder != "content" and rel.startswith(f"{folder}/"):
                return str(code), f"{folder}/"
        first, slash, _ = rel.removeprefix("content/").partition("/")
        is_language = bool(slash) and not named and self.generator == "hugo" and first in _LANGUAGES
        return (first, rel[: rel.index(first) + len(first) + 1]) if is_language else ("", "")

    def add(self, path: Path, meta: Meta) -> None:
        """Know a page, so that others may refer to it."""
        rel = self.rel(path)
        self.pages[rel] = self.address_of(path, meta)
        for name in {Path(rel).name, Path(rel).stem, name_of(path), Path(rel).parent.name}:
            self.named[name].append(rel)

    def resolve(self, target: str, *, beside: str = "") -> str:
        """The address of the page a reference names, with its anchor; empty where none or several are meant."""
        name, hash_sign, anchor = target.strip().partition("#")
        if not name:
            return hash_sign + anchor
        found = self._found(name.strip("/"), beside)
        return found + hash_sign + anchor if found else ""

    def _found(self, name: str, beside: str) -> str:
        candidates = [f"{beside}/{name}", name, f"content/{name}"]
        for path in candidates:
            for ending in ("", ".md", "/index.md", "/_index.md", ".markdown"):
                if address := self.pages.get((path + ending).strip("/")):
                    return address
        last = name.rpartition("/")[2]
        paths = [rel for rel in self.named.get(last, ()) if name == last or rel.removesuffix(".md").endswith(name)]
        addresses = {self.pages[rel] for rel in paths}
        return addresses.pop() if len(addresses) == 1 else ""

    def address_of(self, path: Path, meta: Meta) -> str:
        """Its address on the old site, root-relative; empty where the generator's rule is not known."""
        address = self._address_below(path, meta)
        return f"{self.prefix}{address}" if address else ""

    def _address_below(self, path: Path, meta: Meta) -> str:
        given = _filled_in(text_at(meta, "permalink", "url"), path, meta)
        if given in _JEKYLL_STYLES and self.generator == "jekyll":
            return self._jekyll_address(path, meta, given)
        if given and ":" not in given and "{" not in given and given != "false":
            return given if given.startswith("/") else f"/{given}"
        if self.generator == "hugo":
            return self._language_prefix(path) + self._hugo_address(path, meta)
        if self.generator == "jekyll":
            return self._jekyll_address(path, meta, given)
        return self._plain_address(path, meta) if self.generator == "eleventy" else ""

    def _language_prefix(self, path: Path) -> str:
        """Every language but the first has its own branch of addresses."""
        language = self.language_of(path)
        is_first = language == (text_at(self.config, "defaultcontentlanguage") or "en")
        in_branch = text_at(self.config, "defaultcontentlanguageinsubdir") == "true"
        return f"/{language}" if language and (not is_first or in_branch) else ""

    def _hugo_address(self, path: Path, meta: Meta) -> str:
        below = self.below_content(path)
        folder, _, name = below.rpartition("/")
        section = below.partition("/")[0] if folder else ""
        if name.startswith(("index.", "_index.")):
            folder, _, last = folder.rpartition("/")
        else:
            last = _LANGUAGE_ENDING.sub("", Path(name).stem)
        own = text_at(meta, "slug") or last
        if name.startswith("_index."):
            return f"/{folder}/{last}/".replace("//", "/")
        rules = self.config.get("permalinks")
        rules = rules.get("page", rules) if isinstance(rules, Mapping) else {}
        rule = text_at(rules, section) if isinstance(rules, Mapping) else ""
        if rule:
            return _by_rule(rule, path, meta, slug=own, folder=folder, section=section)
        return f"/{folder}/{own}/".replace("//", "/")

    def _jekyll_address(self, path: Path, meta: Meta, given: str) -> str:
        rel = self.rel(path)
        parts = rel.split("/")
        collection = next((part[1:] for part in parts[:-1] if part.startswith("_")), "")
        if collection in ("posts", "drafts"):
            rule = given or text_at(self.config, "permalink") or "date"
            folder = rel.split(f"_{collection}/")[0]
            return _by_rule(
                _JEKYLL_STYLES.get(rule, rule), path, meta, slug=text_at(meta, "slug") or name_of(path), folder=folder
            )
        rules = self.config.get("collections")
        own = rules.get(collection) if isinstance(rules, Mapping) else None
        rule = given or (text_at(own, "permalink") if isinstance(own, Mapping) else "")
        if collection and rule:
            return _by_rule(rule, path, meta, slug=name_of(path), folder="", section=collection)
        below = rel.replace(f"_{collection}/", f"{collection}/") if collection else rel
        stem = below.rpartition(".")[0]
        is_pretty = text_at(self.config, "permalink").endswith("/") or text_at(self.config, "permalink") == "pretty"
        if stem.endswith("index"):
            return f"/{stem.removesuffix('index')}"
        return f"/{stem}/" if is_pretty else f"/{stem}.html"

    def _plain_address(self, path: Path, meta: Meta) -> str:
        below = re.sub(r"^(?:src|content|pages)/", "", self.rel(path))
        folder, _, name = below.rpartition("/")
        last = "" if Path(name).stem == "index" else text_at(meta, "slug") or name_of(path)
        return re.sub("/{2,}", "/", f"/{folder}/{last}/")


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _filled_in(permalink: str, path: Path, meta: Meta) -> str:
    """A permalink of Eleventy's with what its usual tags stand for; as it is where it has others."""
    if "{{" not in permalink:
        return permalink
    values = {
        "page.fileslug": name_of(path), "fileslug": name_of(path), "slug": text_at(meta, "slug"),
        "title": text.slug(text_at(meta, "title")),
    }  # fmt: skip
    printed = dates.read_date(text_at(meta, "date") or date_in_name(path), zone="UTC")
    if printed:
        permalink = _DATE_TAG.sub(lambda tag: printed.on.strftime(tag[1]), permalink)
    return _TAG.sub(lambda tag: values.get(tag[1].lower()) or tag[0], permalink)


def site_of(path: Path) -> Site:
    """The tree a file stands in; the same object for all files of one tree."""
    root = _root_of(path.parent, roots.root_of(path))
    return _site_at(root)


def text_at(values: Any, *names: str) -> str:
    """The first of these keys whose value is a text and says something."""
    if not isinstance(values, Mapping):
        return ""
    return next((value.strip() for name in names if isinstance(value := values.get(name), str) and value.strip()), "")


def name_of(path: Path) -> str:
    """The name a page has in its address: the file's or, for index.md, the folder's, without the date before it."""
    stem = path.parent.name if path.stem.split(".")[0] in ("index", "_index") else _LANGUAGE_ENDING.sub("", path.stem)
    return _DATE_IN_NAME.sub("", stem, count=1)


def language_in_name(path: Path) -> str:
    """The language a file's name ends with, as fog.ko.md; empty for none."""
    found = _LANGUAGE_ENDING.search(path.stem)
    return found[1] if found else ""


def date_in_name(path: Path) -> str:
    """The date that the name of a file, or of a page's own folder, begins with; empty for none."""
    for name in (path.name, path.parent.name if path.stem.split(".")[0] == "index" else ""):
        found = _DATE_IN_NAME.match(name)
        if found:
            return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    return ""


def is_people_file(path: Path) -> bool:
    """Whether a data file is a table of authors, by its name and folder: _data/authors.yml, data/people/ann.toml."""
    if path.suffix.lower() not in (".yml", ".yaml", ".json", ".toml"):
        return False
    above = path.parent
    return (path.stem.lower() in PEOPLE and above.name in _DATA) or (
        above.name.lower() in PEOPLE and above.parent.name in _DATA
    )


def is_profile(path: Path) -> bool:
    """Whether a page is an author's own: authors/ann.md, content/authors/ann/_index.md, _authors/ann.md."""
    names = [name.lower().removeprefix("_") for name in path.parts[-3:-1]]
    is_bundle = path.stem in ("_index", "index")
    return (names[0] if is_bundle and len(names) == 2 else names[-1] if names and not is_bundle else "") in PEOPLE


@lru_cache(maxsize=10_000)
def _root_of(folder: Path, beginning: Path) -> Path:
    """The folder with the generator's configuration; without one, that where the archive begins."""
    depth = len(folder.relative_to(beginning).parts)
    within = [folder, *folder.parents][: min(depth + 1, _MAX_LEVELS)]
    return next((candidate for candidate in within if _generator_at(candidate)), beginning)


def _generator_at(folder: Path) -> str:
    """What the folder's configuration is for; empty for a folder without one."""
    for name, generator in _CONFIGS:
        if (folder / name).is_file() and (generator != "hugo" or _may_be_hugo(folder, name)):
            return generator
    return ""


def _generator_of(root: Path) -> str:
    """What a tree without configuration was for, as its folders tell it: often only the content is handed over."""
    if any(root.glob("content/*/_index.md")) or (root.name == "content" and any(root.glob("*/_index.md"))):
        return "hugo"
    names = {path.name for path in root.iterdir() if path.is_dir()}
    return "jekyll" if any(re.fullmatch(r"_[a-z][\w-]*", name) for name in names) or root.name == "_posts" else "plain"


def _may_be_hugo(folder: Path, name: str) -> bool:
    return name.startswith(("hugo", "config/")) or (folder / "content").is_dir()


@lru_cache(maxsize=200)
def _site_at(root: Path) -> Site:
    generator = _generator_at(root) or _generator_of(root)
    for name, _ in _CONFIGS:
        path = root / name
        if path.is_file() and path.suffix in (".toml", ".yml", ".yaml", ".json"):
            try:
                words = path.read_bytes()[:_MAX_CONFIG_BYTES].decode("utf-8-sig", "replace")
                config = front_matter.load(words, path.suffix)
            except (OSError, ValueError, RecursionError):
                continue
            if isinstance(config, Mapping):
                return Site(root, generator, {str(key).lower(): value for key, value in config.items()})
    return Site(root, generator, {})


def _by_rule(rule: str, path: Path, meta: Meta, *, slug: str, folder: str, section: str = "") -> str:
    """The address by a permalink rule; empty where a part of it is unknown."""
    printed = dates.read_date(text_at(meta, "date") or date_in_name(path), zone="UTC")
    categories = meta.get("categories") or meta.get("category") or ""
    names = categories.split() if isinstance(categories, str) else list(categories)
    values = {
        "title": slug, "slug": slug, "slugorfilename": slug, "slugorcontentbasename": slug, "name": path.stem,
        "filename": path.stem, "contentbasename": path.stem, "section": section, "sections": folder,
        "collection": section, "path": path.stem, "output_ext": ".html",
        "categories": "/".join([*filter(None, folder.split("/")), *(text.slug(str(name)) for name in names if name)]),
    }  # fmt: skip
    if printed:
        on = printed.on
        values |= {
            "year": f"{on:%Y}", "month": f"{on:%m}", "day": f"{on:%d}", "i_month": str(on.month),
            "i_day": str(on.day), "short_year": f"{on:%y}", "monthname": f"{on:%B}".lower(), "y_day": f"{on:%j}",
        }  # fmt: skip
    path_by_rule = _TOKEN.sub(lambda found: values.get(found[1], "\x00"), rule)
    return "" if "\x00" in path_by_rule else re.sub("/{2,}", "/", f"/{path_by_rule}")


def host_of(address: str) -> str:
    """The host of an address without www; empty for none."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
