"""The text inside attached files: asked for when a file comes, read by a worker, kept beside the file.

The text is public nowhere by itself: it reaches the index only through the Documents of visible publications.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django_tasks import task

from isthmus.kit import clock
from isthmus.publications import journal, visibility
from isthmus.publications.models.media import Document, FileText, MediaUse
from isthmus.publications.pdf_text import MAX_BYTES, PdfRefused, pdf_text

# A queue with a thread of its own: a long report takes 20 s, and no release waits for that.
QUEUE = "files"
# Change what is read, or how, and raise it: every file is then read again.
VERSION = 1
_ASK_AT_ONCE = 1000
# By then every try of a task has ended, and a row that still waits was forgotten.
_FORGOTTEN_AFTER = timedelta(days=1)

State = FileText.State


@dataclass(frozen=True, slots=True)
class _Read:
    """What reading one content gave."""

    state: State
    text: str = ""
    reason: str = ""
    n_pages: int = 0
    n_pages_read: int = 0


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file whose text was read, and the hash of the content it was read from."""

    document_id: int
    content_hash: str


def files_read(publication_ids: Iterable[int]) -> dict[int, list[FileRead]]:
    """For each publication the files it shows or offers that have a text; one query for some thousand.

    By the uses that are written with the row itself: what only a draft names is not among them. Whether the public may
    see the publication is for the caller to know.
    """
    users = {f"pub:{number}": number for number in publication_ids}
    uses = MediaUse.objects.filter(user__in=users, document__file_text__state=State.EXTRACTED).order_by("document_id")
    found: dict[int, list[FileRead]] = {}
    for user, pk, content_hash in uses.values_list("user", "document_id", "document__file_text__content_hash"):
        found.setdefault(users[user], []).append(FileRead(pk, content_hash))
    return found


def text_of(files: Iterable[FileRead]) -> str:
    """The texts of these files, one paragraph a line."""
    numbers = [file.document_id for file in files]
    return "\n".join(FileText.objects.filter(document__in=numbers).order_by("pk").values_list("text", flat=True))


def ask(document: Document) -> None:
    """Have a worker read the file, as part of the caller's transaction; what was read of an earlier file is gone."""
    _ask_many([document.pk])


def ask_for_missing() -> int:
    """Ask for files that nobody has asked for, or that an earlier version read: after an upgrade; returns how many."""
    forgotten = Q(file_text__state=State.WAITING, file_text__asked_at__lt=clock.now() - _FORGOTTEN_AFTER)
    lacking = Q(file_text=None) | Q(file_text__version__lt=VERSION) | forgotten
    with transaction.atomic():
        numbers = list(Document.objects.filter(lacking).order_by("pk").values_list("pk", flat=True)[:_ASK_AT_ONCE])
        _ask_many(numbers)
    return len(numbers)


def _ask_many(numbers: list[int]) -> None:
    now = clock.now()
    rows = [FileText(document_id=number, asked_at=now, version=VERSION) for number in numbers]
    columns = [field.name for field in FileText._meta.fields if not field.primary_key]
    FileText.objects.bulk_create(rows, update_conflicts=True, unique_fields=["document"], update_fields=columns)
    for number in numbers:
        read_file.enqueue(number)


@task(queue_name=QUEUE)
def read_file(document_id: int) -> str:
    """Read one file and keep what it gave; returns the state. Run twice it does nothing the second time.

    Raises: Document.DoesNotExist for one deleted meanwhile; OSError where the file cannot be reached now.
    """
    document = Document.objects.get(pk=document_id)
    name = document.file.name
    try:
        with _copied(document) as (path, content_hash):
            found = _known(content_hash) or _read(document, path)
    except FileNotFoundError:
        content_hash, found = "", _Read(State.REFUSED, reason="the file is not there")
    _keep(document_id, name, content_hash, found)
    return str(found.state)


def _known(content_hash: str) -> _Read | None:
    """What the same content gave under another number, or at an earlier try."""
    rows = FileText.objects.filter(content_hash=content_hash, version=VERSION).exclude(state=State.WAITING)
    row = rows.values("state", "text", "reason", "n_pages", "n_pages_read").first()
    return _Read(**row | {"state": State(row["state"])}) if row else None


def _read(document: Document, path: Path) -> _Read:
    if not _is_pdf(document, path):
        return _Read(State.NOTHING, reason="only the text of PDFs is read")
    try:
        found = pdf_text(path)
    except PdfRefused as refused:
        return _Read(State.REFUSED, reason=str(refused))
    if not found.text:
        reason = "it holds pictures of pages and no text, as scans do"
        return _Read(State.NOTHING, reason=reason, n_pages=found.n_pages, n_pages_read=found.n_pages_read)
    return _Read(State.EXTRACTED, text=found.text, n_pages=found.n_pages, n_pages_read=found.n_pages_read)


def _is_pdf(document: Document, path: Path) -> bool:
    """By its name or its beginning: what calls itself a PDF and is none is worth a word."""
    with path.open("rb") as opened:
        return document.file_extension.lower() == "pdf" or b"%PDF-" in opened.read(1024)


@contextmanager
def _copied(document: Document) -> Iterator[tuple[Path, str]]:
    """The file as a local one and its hash (SHA-256, hexadecimal): storage may be far away, and the file may change."""
    with tempfile.NamedTemporaryFile(prefix="isthmus-read-") as copy:
        with document.file.storage.open(document.file.name, "rb") as opened:
            if opened.size > MAX_BYTES:
                # Enough of it to be refused for its size, whatever its size.
                copy.truncate(MAX_BYTES + 1)
                yield Path(copy.name), ""
                return
            shutil.copyfileobj(opened, copy, 1024 * 1024)
        copy.flush()
        copy.seek(0)
        yield Path(copy.name), hashlib.file_digest(copy, "sha256").hexdigest()


def _keep(document_id: int, name: str, content_hash: str, found: _Read) -> None:
    """Write the row and journal who shows the file, in one transaction; a file replaced meanwhile has its own task."""
    with transaction.atomic():
        document = Document.objects.select_for_update().filter(pk=document_id, file=name).first()
        if document is None:
            return
        before = FileText.objects.filter(document=document).values_list("content_hash", "state").first()
        if before == (content_hash, found.state):
            return
        values = {name: getattr(found, name) for name in ("state", "text", "reason", "n_pages", "n_pages_read")}
        values |= {"content_hash": content_hash, "version": VERSION}
        FileText.objects.update_or_create(document=document, defaults=values, create_defaults=_asked_now(values))
        if found.state is State.EXTRACTED:
            _revise_users(document)


def _asked_now(values: dict[str, object]) -> dict[str, object]:
    return {**values, "asked_at": clock.now()}


def _revise_users(document: Document) -> None:
    """No news: what the piece says has not changed, only what finds it."""
    users = sorted(user for user in visibility.public_users_of(document) if user.startswith("pub:"))
    journal.append_many(journal.Change(user, journal.What.REVISED) for user in users)
