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
from django.views.decorators.clickjacking import xframe_options_sameorigin

# One screenful; a message is parsed only when its page is shown.
_PER_PAGE = 50
# A mail of ours is some 30 kB; more than this is cut, so that one file cannot fill the memory.
_MAX_BYTES = 1_000_000
_NAME = re.compile(r"[0-9A-Za-z.-]{1,80}\.eml")
_FORMS = {"html": "As it looks", "text": "As text", "source": "As it is written"}
# A mail is shown in a frame that is nobody's origin: it runs nothing, sends nothing, loads only our own pictures. Its
# links open beside it, as they do in a mail program.
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_MAIL_POLICY = (
    "default-src 'none'; img-src {pictures} data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    f"frame-ancestors 'self'; sandbox {_SANDBOX}"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """One file of the outbox."""

    name: str
    to: str
    subject: str
    written_at: datetime
    sender: str
    text: str
    html: str
    source: str

    @property
    def forms(self) -> dict[str, str]:
        """The ways it can be looked at, each with its label, the best first."""
        return {form: label for form, label in _FORMS.items() if form != "html" or self.html}

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
    """One mail: as it looks, as text, or as it is written. Raises: Http404 for none of the outbox; PermissionDenied."""
    found = _found(request, name)
    asked = request.GET.get("as", "")
    form = asked if asked in found.forms else next(iter(found.forms))
    return render(request, "isthmus/admin/mail.html", {"mail": found, "form": form, "sandbox": _SANDBOX})


@xframe_options_sameorigin
def mail_frame(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML of one mail, for the frame it is looked at in. Raises: as `mail`, and Http404 for a mail without any."""
    html = _found(request, name).html
    if not html:
        raise Http404("This mail has no HTML.")
    # Without an address of its own, "base" only has links open outside of the frame.
    response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    pictures = f"'self' {settings.PUBLIC_URL}"
    response.headers["Content-Security-Policy"] = _MAIL_POLICY.format(pictures=pictures)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _found(request: HttpRequest, name: str) -> Mail:
    _require(request)
    path = _outbox() / name
    if not _NAME.fullmatch(name) or not path.is_file() or path.is_symlink():
        raise Http404("There is no such mail in the outbox.")
    return _read(path)


def _require(request: HttpRequest) -> None:
    if not may_read(request.user):
        raise PermissionDenied


def _outbox() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _read(path: Path) -> Mail:
    with path.open("rb") as file:
        raw = file.read(_MAX_BYTES)
    parsed = BytesParser(policy=mail_policy.default).parsebytes(raw)
    return Mail(
        name=path.name,
        to=str(parsed["To"] or ""),
        subject=str(parsed["Subject"] or "(no subject)"),
        written_at=datetime.fromtimestamp(path.stat().st_mtime, tz=UTC),
        sender=str(parsed["From"] or ""),
        text=_part(parsed, "plain"),
        html=_part(parsed, "html"),
        source=raw.decode("utf-8", "replace"),
    )


def _part(parsed: EmailMessage, subtype: str) -> str:
    """The words of one form of a mail; empty where it has none."""
    part = parsed.get_body(preferencelist=(subtype,))
    try:
        return str(part.get_content()) if part else ""
    except (LookupError, ValueError, KeyError):
        return "This mail cannot be shown: look at its source."
