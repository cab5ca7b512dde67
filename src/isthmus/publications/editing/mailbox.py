"""The mailbox: until a mail server is set, every mail is a file in the outbox, and administrators read it here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy as mail_policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

# One screenful; a message is parsed only when its page is shown.
_PER_PAGE = 50
# A mail of ours is some 30 kB; more than this is cut, so that one file cannot fill the memory.
_MAX_BYTES = 1_000_000
_NAME = re.compile(r"[0-9A-Za-z.-]{1,80}\.eml")


@dataclass(frozen=True, slots=True)
class Mail:
    """One file of the outbox."""

    name: str
    to: str
    subject: str
    written_at: datetime
    text: str

    @property
    def url(self) -> str:
        """Where it is read."""
        return reverse("isthmus_mail", args=[self.name])


def may_read(user: Any) -> bool:
    """Mails may hold links that let people in, so they are for those who keep the logins."""
    return bool(user.is_active and user.has_perm("isthmus_publications.change_user"))


def mailbox(request: HttpRequest) -> HttpResponse:
    """All mails, the newest first. Raises: PermissionDenied."""
    _require(request)
    files = sorted(_outbox().glob("*.eml"), reverse=True)
    page = Paginator(files, _PER_PAGE).get_page(request.GET.get("p"))
    return render(request, "isthmus/admin/mailbox.html", {"page": page, "mails": [_read(path) for path in page]})


def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail as plain text. Raises: Http404 for a name that is none of the outbox; PermissionDenied."""
    _require(request)
    path = _outbox() / name
    if not _NAME.fullmatch(name) or not path.is_file() or path.is_symlink():
        raise Http404("There is no such mail in the outbox.")
    return render(request, "isthmus/admin/mail.html", {"mail": _read(path)})


def _require(request: HttpRequest) -> None:
    if not may_read(request.user):
        raise PermissionDenied


def _outbox() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _read(path: Path) -> Mail:
    with path.open("rb") as file:
        raw = file.read(_MAX_BYTES)
    parsed = BytesParser(policy=mail_policy.default).parsebytes(raw)
    written_at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return Mail(path.name, str(parsed["To"] or ""), str(parsed["Subject"] or "(no subject)"), written_at, _text(parsed))


def _text(parsed: EmailMessage) -> str:
    """The plain part; of a mail with HTML only, its source: nothing of a mail is ever rendered here."""
    part = parsed.get_body(preferencelist=("plain", "html"))
    try:
        return str(part.get_content()) if part else ""
    except (LookupError, ValueError, KeyError):
        return "This mail cannot be shown as text."
