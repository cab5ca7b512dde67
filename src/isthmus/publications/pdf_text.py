"""The text of a PDF, read in a throw-away process with limits: whatever the file does, the server goes on.

Knows nothing of rows; `attached_text` keeps what is found here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isthmus.kit.child import ChildFailed, Reason, run_limited
from isthmus.kit.errors import IsthmusError

MAX_BYTES = 200 * 1024 * 1024
MAX_PAGES, MAX_CHARS = 2000, 2_000_000
CPU_S = 20
# The child ends by itself before it is ended, so that a long report is found by all that was read of it.
_ENOUGH_S = 15.0
# Not a page of text: what pypdf makes of a font without letters, or of a page number on each scan.
_MIN_LETTERS_EACH = 10
_ENCRYPTED, _UNREADABLE = "encrypted", "unreadable"
_SAID = {
    _ENCRYPTED: "it opens only with a password",
    _UNREADABLE: "none of its pages can be read",
}
_WHY: dict[Reason, str] = {
    "memory": "reading it takes more memory than a file may have",
    "time": f"reading it takes more than {CPU_S} seconds",
    "crash": "reading it broke the reader down",
    "error": "it is damaged or no PDF",
}
# Letters that were pressed into one sign; NFKC would also change signs that an author chose.
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# No database, page or feed can hold these: NUL and other control signs, halves of a sign, and what is none.
_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LETTER = re.compile(r"[^\W\d_]")
_DIVIDED = re.compile(r"[^\W\d_][-\u2010\u00ad]\Z")
# A line that leaves over a quarter of the width free ends its paragraph, or is a heading.
_FULL_LINE = 0.75


class PdfRefused(IsthmusError):
    """The file gives no text; the message is the reason as the end of a sentence, in an editor's words."""


@dataclass(frozen=True, slots=True)
class PdfText:
    """What was read. text: one paragraph a line, empty for a scan. n_pages_read is smaller where the text was cut."""

    text: str
    n_pages: int
    n_pages_read: int


def pdf_text(path: Path) -> PdfText:
    """The text of a PDF, of 2,000 pages and 2,000,000 characters at most.

    Costs a tenth of a second a page, in a process of its own with 512 MB and 20 s. Raises: PdfRefused.
    """
    if path.stat().st_size > MAX_BYTES:
        raise PdfRefused(f"it is larger than {MAX_BYTES // 1024**2} MB")
    try:
        reply = run_limited(_extract, str(path), cpu_s=CPU_S)
    except ChildFailed as error:
        raise PdfRefused(_WHY[error.reason]) from error
    return _checked(reply)


def pdf_text_here(path: Path) -> tuple[PdfText, dict[str, str]]:
    """The text and what the file says of itself (title, author, language), read by a process that is limited already.

    Elsewhere call `pdf_text`. The values of the file are as they stand there, and may be anything. Raises: PdfRefused.
    """
    try:
        reply, said = _extract(str(path)), _said_of_itself(path)
    except MemoryError:
        raise
    # Whatever a hostile file makes the library raise, it is no PDF that we read.
    except Exception as error:
        raise PdfRefused(_WHY["error"]) from error
    return _checked(reply), said


def _checked(reply: Any) -> PdfText:
    """What the child said, believed in nothing. Raises: PdfRefused."""
    match reply:
        case str():
            raise PdfRefused(_SAID.get(reply, _WHY["crash"]))
        case [int(n_pages), int(n_read), str(text)]:
            return PdfText(cleaned(text[:MAX_CHARS]), max(0, min(n_pages, 10**6)), max(0, min(n_read, MAX_PAGES)))
        case _:
            raise PdfRefused(_WHY["crash"])


def cleaned(text: str) -> str:
    """The text without signs that no page can show; empty if it has hardly a letter."""
    plain = _NOT_TEXT.sub("", text.translate(_LIGATURES)).strip()
    return plain if len(_LETTER.findall(plain[:10_000])) >= _MIN_LETTERS_EACH else ""


def paragraphs(page_text: str) -> Iterator[str]:
    """The lines of a page put together to paragraphs, with words that were divided at a line's end made whole.

    A PDF knows lines and no paragraphs: one ends where a line is much shorter than the page's long lines.
    """
    lines = [line.strip() for line in page_text.splitlines()]
    lengths = sorted(len(line) for line in lines if line)
    # Not the longest: that may be a running head, or a table's row.
    width = lengths[len(lengths) * 9 // 10] if lengths else 0
    paragraph = ""
    for line in lines:
        paragraph = _with_line(paragraph, line)
        if paragraph and len(line) < width * _FULL_LINE:
            yield paragraph
            paragraph = ""
    if paragraph:
        yield paragraph


def _with_line(paragraph: str, line: str) -> str:
    if _DIVIDED.search(paragraph) and line[:1].islower():
        # forty-one becomes fortyone now and then; search finds it by either spelling, and coop-eration by neither.
        return paragraph[:-1] + line
    return f"{paragraph} {line}" if paragraph and line else paragraph or line


# --- inside the child ----------------------------------------------------------------------------


def _extract(path: str) -> str | list[Any]:
    """`[pages, pages read, text]`, or one of the reasons in `_SAID`. Runs in the child alone."""
    # Here, so that the server never loads the library that reads hostile files.
    import pypdf

    reader = pypdf.PdfReader(path)
    if reader.is_encrypted and not _is_opened(reader):
        return _ENCRYPTED
    n_pages = len(reader.pages)
    texts, n_broken = _page_texts(reader.pages[:MAX_PAGES])
    if texts and n_broken == len(texts):
        return _UNREADABLE
    return [n_pages, len(texts), "\n".join(text for text in texts if text)]


def _said_of_itself(path: Path) -> dict[str, str]:
    """Title, author, subject, keywords, made_at and language, each a text, without those that are empty."""
    import pypdf

    reader = pypdf.PdfReader(str(path))
    if reader.is_encrypted and not _is_opened(reader):
        return {}
    about = reader.metadata or {}
    keys = {"title": "/Title", "author": "/Author", "subject": "/Subject", "keywords": "/Keywords",
            "made_at": "/CreationDate"}  # fmt: skip
    said = {name: _NOT_TEXT.sub("", str(about.get(key) or "")).strip() for name, key in keys.items()}
    said["language"] = str(reader.trailer["/Root"].get("/Lang") or "")
    return {name: value for name, value in said.items() if value}


def _is_opened(reader: Any) -> bool:
    """Whether it opens without a password, as files do whose owner only forbids printing."""
    from pypdf.errors import DependencyError

    try:
        return bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError):
        return False


def _page_texts(pages: Iterable[Any]) -> tuple[list[str], int]:
    """The texts of the pages until there is enough or time is up, and how many of them could not be read."""
    texts: list[str] = []
    n_chars = n_broken = 0
    begun_s = time.process_time()
    for page in pages:
        try:
            texts.append("\n".join(paragraphs(page.extract_text())))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 -- whatever a hostile page makes the library raise, the other pages count
            texts.append("")
            n_broken += 1
        n_chars += len(texts[-1])
        if n_chars >= MAX_CHARS or time.process_time() - begun_s > _ENOUGH_S:
            break
    return texts, n_broken
