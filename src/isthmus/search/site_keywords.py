"""What this site's readers may write behind `kind:` and `lang:`: words for its kinds, names of languages."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.conf.locale import LANG_INFO

from isthmus.search import keywords

# Regions that Django has no translation of, but pieces may be marked with.
_MORE_REGIONS = ("en-us", "fr-fr", "de-de", "es-es", "ko-kr", "ja-jp", "zh-cn", "zh-tw", "zh-hk")


def add() -> None:
    """Make the names of this site known to every question; called once, at the start of a process."""
    keywords.add(keywords.kind(keywords.named(_kinds())))
    keywords.add(keywords.language(keywords.named(_languages())))


def _kinds() -> Iterator[tuple[str, str]]:
    for kind in settings.ISTHMUS.kinds.values():
        yield from ((name, kind.name) for name in (kind.name, kind.label, kind.plural))


def _languages() -> Iterator[tuple[str, str]]:
    """Every name and code with each spelling of each tag it stands for: chinese and zh for zh-hans and zh-hant too."""
    for code in dict.fromkeys((*LANG_INFO, *_MORE_REGIONS)):
        base = code.partition("-")[0]
        for tag in (base, *keywords.tags(code)):
            yield from ((name, tag) for name in (base, *_names(base)))
        for tag in keywords.tags(code):
            yield from ((name, tag) for name in (code, *_names(code)))


def _names(code: str) -> Iterator[str]:
    info = LANG_INFO.get(code, {})
    name, local = str(info.get("name", "")), str(info.get("name_local", ""))
    # Simplified Chinese is found by Chinese too.
    yield from filter(None, dict.fromkeys((name, name.split(" ")[-1], local)))
