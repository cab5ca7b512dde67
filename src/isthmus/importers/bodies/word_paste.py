"""What Word leaves in a pasted text: its own XML goes, and paragraphs that only look like a list become one."""

from __future__ import annotations

import re

_MARKS = re.compile(r"class=[\"']?Mso|<o:p|<w:|mso-|urn:schemas-microsoft-com|<st1:", re.IGNORECASE)
_MARKS_IN_SMALL = (b"mso", b"<o:p", b"<w:", b"schemas-microsoft-com", b"<st1:")
_OFFICE_XML = re.compile(r"<xml\b[^>]*>.*?</xml\s*>|<style\b[^>]*>.*?</style\s*>", re.IGNORECASE | re.DOTALL)
_CONDITIONAL = re.compile(
    r"<!--\[if\b.*?<!\[endif\]-->|<!\[if\s+!(?:supportLists|supportEmptyParas|vml)[^\]]*\]>|<!\[endif\]>",
    re.IGNORECASE | re.DOTALL,
)
_OFFICE_TAG = re.compile(r"</?(?:o|w|m|v|st1):[^>]*>", re.IGNORECASE)
_LIST_PARAGRAPH = re.compile(r"<p\b[^>]*class=[\"']?MsoList[^>]*>(?P<words>.*?)</p>", re.IGNORECASE | re.DOTALL)
_IGNORED = re.compile(
    r"<span[^>]*mso-list:\s*Ignore[^>]*>.*?</span>\s*</span>|<span[^>]*mso-list:\s*Ignore[^>]*>.*?</span>", re.I | re.S
)
_BULLET = re.compile(r"^(?:\s|&nbsp;|<[^>]*>)*(?P<sign>[·•§o\-–]|\(?\d{1,3}[.)])(?:\s|&nbsp;|<[^>]*>)+")
_TAGS = re.compile(r"<[^>]*>|&nbsp;|\s")


def without_office(html: str) -> str:
    """The body without Word's own marks; any other body as it is."""
    # The pattern looks at each letter in both cases, which was a sixth of the time of a body that has none of it.
    # As bytes: there small letters and the search for them cost a fifth.
    small = html.encode("utf-8", "surrogatepass").lower()
    if not any(mark in small for mark in _MARKS_IN_SMALL) or not _MARKS.search(html):
        return html
    plain = _OFFICE_TAG.sub("", _CONDITIONAL.sub("", _OFFICE_XML.sub("", html)))
    return _LIST_RUN.sub(_list, plain)


_LIST_RUN = re.compile(rf"(?:{_LIST_PARAGRAPH.pattern.replace('(?P<words>', '(?:')}\s*)+", re.IGNORECASE | re.DOTALL)


def _list(run: re.Match[str]) -> str:
    items, is_numbered = [], True
    for paragraph in _LIST_PARAGRAPH.finditer(run[0]):
        words = paragraph["words"]
        shown = _IGNORED.search(words)
        sign = _TAGS.sub("", shown[0]) if shown else ""
        bullet = None if shown else _BULLET.match(words)
        if not shown and bullet is None:
            # A paragraph of the list's style without its sign is a paragraph.
            return run[0]
        sign = sign or (bullet["sign"] if bullet else "")
        is_numbered = is_numbered and sign[:1].strip("(").isdigit()
        items.append(words.replace(shown[0], "", 1) if shown else _unbulleted(words, bullet))
    tag = "ol" if is_numbered else "ul"
    return f"<{tag}>{''.join(f'<li>{item.strip()}</li>' for item in items)}</{tag}>"


def _unbulleted(words: str, bullet: re.Match[str] | None) -> str:
    if bullet is None:
        return words
    # Tags that opened before the sign must still open, since they close behind it.
    opened = "".join(re.findall(r"<[^>]*>", bullet[0]))
    return opened + words[bullet.end() :]
