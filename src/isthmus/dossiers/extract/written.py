"""A text as names are looked for in it: as long as it was, so that every place stays, and alike what reads alike.

Follows `search.analysis` in what is the same name (Jong-un, Jong Un; O’Brien, O'Brien; Zürich, Zurich; U.S., US), but
keeps case, because in a text only capitals tell Apple from apple.
"""

from __future__ import annotations

import re
import unicodedata

from isthmus.dossiers.extract.family_names import family_name

_CJK = re.compile(r"[\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7a3]")
_DOTTED = re.compile(r"\b((?:[A-Z]\.){2,})")
_ACRONYM = re.compile(r"[A-Z]{2,3}")


def _bare_letters() -> dict[int, str]:
    """Letters with accents to the one letter below them; none whose base is longer than one character."""
    bare = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.isalpha():
            bare[code] = base
    return bare


_ALIKE = {
    **_bare_letters(),
    **{ord(sign): "'" for sign in "‘’‚‛ʼʻ′`´＇"},
    **{ord(sign): " " for sign in "\u00a0\u2002\u2003\u2009\u202f\u3000-‐‑‒–—―−"},
    **{ord(sign): same for sign, same in zip("øłđØŁĐ", "oldOLD", strict=True)},
}


def written(text: str) -> str:
    """The text with plain spaces for hyphens, straight apostrophes and no accents; as long as it was, case kept."""
    return text.replace("-", " ") if text.isascii() else text.translate(_ALIKE)


def ways_to_write(name: str, *, is_person: bool) -> list[str]:
    """Every way in which the name may stand in a `written` text; the plain one first.

    An article belongs to the name: "the North" is found with it alone, since not every North is that one.
    """
    plain = " ".join(written(name).split())
    ways = [plain, *_abbreviations(plain)]
    if plain[:4] in ("the ", "The "):
        ways += [f"the {plain[4:]}", f"The {plain[4:]}"]
    if is_person:
        ways += _given_names(name, plain)
    ways += [way.replace("'", "") for way in ways if re.search(r"\w'\w", way)]
    ways += [way.upper() for way in ways if " " in way]
    return [way for way in dict.fromkeys(ways) if way]


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether what stands there in a `written` text is made of whole words; a script without spaces has no others."""
    return _starts_word(text, start) and _ends_word(text, end)


def _abbreviations(plain: str) -> list[str]:
    without = _DOTTED.sub(lambda found: found[1].replace(".", ""), plain)
    ways = [without] if without != plain else []
    if _ACRONYM.fullmatch(plain):
        ways.append("".join(f"{letter}." for letter in plain))
    if " " in plain and re.search(r" [A-Z]\. ", plain):
        ways.append(re.sub(r" ([A-Z])\. ", r" \1 ", plain))
    return ways


def _given_names(name: str, plain: str) -> list[str]:
    """Kim Jong-un, Kim Jong Un, Kim Jongun: one name."""
    family = family_name(name)
    if family is None or not family.comes_first:
        return []
    first, *given = plain.split()
    if len(given) != 2:
        return []
    ways = (given[0] + " " + given[1].capitalize(), given[0] + " " + given[1].lower(), given[0] + given[1].lower())
    return [f"{first} {way}" for way in ways]


def _starts_word(text: str, start: int) -> bool:
    if start == 0 or _CJK.match(text, start):
        return True
    before = text[start - 1]
    if before.isalnum() or before in "_@/#":
        return False
    if before != "'" or start < 2 or not text[start - 2].isalnum():
        return True
    # O'Brien is no Brien; l'Iran is Iran.
    return text[start - 2] in "lLdD" and not text[start - 3 : start - 2].isalnum()


def _ends_word(text: str, end: int) -> bool:
    if end >= len(text) or _CJK.match(text, end - 1):
        return True
    after = text[end]
    if after.isalnum() or after in "_@":
        return False
    # state.gov is an address; "U.S." at the end of a name has its dot already.
    return not (after == "." and text[end + 1 : end + 2].isalnum() and text[end - 1] != ".")
