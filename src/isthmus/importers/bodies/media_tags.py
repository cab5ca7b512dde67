"""Players written as HTML (audio, video, object, embed) as frames for the allow-list, or as links.

The sanitizer drops these tags with all that is inside; what they pointed at is saved here before.
"""

from __future__ import annotations

import html as _stdlib
import re
from urllib.parse import parse_qs, urlsplit

_PLAYER = re.compile(
    r"<(audio|video|object)\b[^>]*>(?P<inside>.*?)</\1\s*>|<embed\b[^>]*>(?:\s*</embed\s*>)?", re.I | re.S
)
_SOURCE = re.compile(r"\s(?:src|data|value|href)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_PARAM = re.compile(r"<param\b[^>]*\bname\s*=\s*[\"']?(?:movie|src|url|filename)[\"']?[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<(?:source|embed|audio|video|object|param)\b[^>]*>", re.IGNORECASE)
_YOUTUBE = re.compile(r"(?:^|\.)(?:youtube(?:-nocookie)?\.com|youtu\.be)$")
_VIMEO = re.compile(r"(?:^|\.)vimeo\.com$")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_\-]{6,20}")


def without_players(html: str) -> str:
    """The body with every player as a frame or a link that can be cleaned."""
    return _PLAYER.sub(_instead, html) if "<" in html else html


def _instead(found: re.Match[str]) -> str:
    address = _address_in(found[0])
    inside = found["inside"] or ""
    kept = "".join(re.findall(r"<a\b[^>]*>.*?</a\s*>", inside, re.IGNORECASE | re.DOTALL))
    if not address:
        return kept
    return player(address) or kept


def _address_in(markup: str) -> str:
    params = _PARAM.findall(markup)
    for tag in [*params, *_TAG.findall(markup)]:
        value = _SOURCE.search(tag if not params else re.sub(r"\bname\s*=\s*[\"']?\w+[\"']?", "", tag))
        address = _stdlib.unescape(next((part for part in value.groups() if part), "")) if value else ""
        if address.startswith(("http://", "https://", "//", "/")):
            return f"https:{address}" if address.startswith("//") else address
    return ""


def player(address: str, *, title: str = "") -> str:
    """A frame for a film on a host that has frames, else a link named by its title or by itself.

    The sanitizer keeps the frame where the host is on the allow-list, and makes it a link where not.
    """
    address = _stdlib.unescape(address.strip())
    frame = frame_address(address)
    named = f' title="{_stdlib.escape(title)}"' if title else ""
    if frame:
        return f'<iframe src="{_stdlib.escape(frame)}"{named}></iframe>'
    words = title or address
    return f'<a href="{_stdlib.escape(address)}">{_stdlib.escape(words)}</a>' if address else ""


def frame_address(address: str) -> str:
    """The address a frame shows a film at; empty for hosts we know no frames of."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    if _YOUTUBE.search(host):
        number = _youtube_id(parts.path, parts.query)
        return f"https://www.youtube.com/embed/{number}" if number else ""
    if _VIMEO.search(host):
        last = parts.path.rstrip("/").rpartition("/")[2]
        number = last if last.isdigit() else parse_qs(parts.query).get("clip_id", [""])[0]
        return f"https://player.vimeo.com/video/{number}" if number.isdigit() else ""
    return ""


def _youtube_id(path: str, query: str) -> str:
    asked = parse_qs(query).get("v", [""])[0]
    last = path.rstrip("/").rpartition("/")[2].partition("&")[0]
    for number in (asked, last):
        if _VIDEO_ID.fullmatch(number) and number not in ("watch", "playlist", "channel", "videoseries"):
            return number
    return ""
