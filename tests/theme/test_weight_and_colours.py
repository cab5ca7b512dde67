"""The promises of the theme that can be kept or broken without a browser: weight, contrast, nothing inline."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

import isthmus

_THEME = Path(isthmus.__file__).parent / "theme"
_SHEET = (_THEME / "static" / "isthmus" / "site.css").read_text(encoding="utf-8")
# Not the admin's, which have another policy, nor those of mails: what a mail shows it must bring along.
_TEMPLATES = [
    path
    for path in sorted((_THEME / "templates").rglob("*.html"))
    if "admin" not in path.parts and path.parts[-2] != "mail"
]


def _colours(scheme: str) -> dict[str, str]:
    """The six-digit colours of a scheme, those of the day first and overridden by the night's."""
    day, night = re.findall(r":root \{(.*?)\}", _SHEET, re.DOTALL)[:2]
    text = day + (night if scheme == "dark" else "")
    short = dict(re.findall(r"--([a-z-]+): #([0-9a-f]{3,6});", text))
    return {name: value if len(value) == 6 else "".join(2 * digit for digit in value) for name, value in short.items()}


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours. Source: WCAG 2.2, definitions of contrast ratio and relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("voice", ["ink", "quiet"])
@pytest.mark.parametrize("ground", ["paper", "wash"])
def test_both_voices_are_legible_on_both_grounds(scheme: str, voice: str, ground: str) -> None:
    colours = _colours(scheme)

    assert _contrast(colours[voice], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marked_words_stay_legible(scheme: str) -> None:
    colours = _colours(scheme)

    assert _contrast(colours["ink"], colours["mark"]) >= 4.5


def test_the_stylesheet_weighs_at_most_10_kb_compressed() -> None:
    assert len(gzip.compress(_SHEET.encode(), 9)) <= 10_000


def test_the_fonts_of_an_english_article_weigh_at_most_30_kb() -> None:
    fonts = [path for path in (_THEME / "static" / "isthmus" / "fonts").glob("*.woff2") if "-more" not in path.name]

    assert len(fonts) == 3
    assert sum(path.stat().st_size for path in fonts) <= 30_000


def test_every_font_file_the_stylesheet_names_is_there() -> None:
    named = re.findall(r'url\("([^"]+)"\)', _SHEET)

    assert len(named) == 6
    assert [name for name in named if not (_THEME / "static" / "isthmus" / name).is_file()] == []


@pytest.mark.parametrize("path", _TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_inline_style_or_script(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('<script type="application/ld+json">', "")
    text = re.sub(r'<script src="\{% asset "[a-z]+\.js" %\}" defer></script>', "", text)

    assert re.findall(r"<style|<script|\sstyle=|\son[a-z]+=|javascript:", text) == []
