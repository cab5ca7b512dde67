"""The words people agree to. What a form shows is what is kept as evidence: both come from here.

A changed sentence, or another name of the institute, is a new version by itself: the version holds a hash of the text.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from isthmus.mailing.models import ConsentWording
from isthmus.publications.context import current_site

_MONTH = "2026-11"
_TEXT = (
    "{name} may send me mail about what I chose here, as often as I chose. I can change this or leave at any time "
    "by the link in every mail. My address is used for nothing else and given to nobody."
)


def text() -> str:
    """What somebody agrees to by signing up now."""
    return _TEXT.format(name=current_site().name)


def current(now: datetime) -> ConsentWording:
    """The row of today's words, made at their first use."""
    words = text()
    version = f"{_MONTH}-{hashlib.sha256(words.encode()).hexdigest()[:8]}"
    row, _ = ConsentWording.objects.get_or_create(version=version, defaults={"text": words, "since": now})
    return row
