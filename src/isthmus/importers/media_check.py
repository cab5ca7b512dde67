"""What a stranger's picture or file is, found out in a throw-away process before anything here opens it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, UnidentifiedImageError

_FORMATS = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp", "AVIF": ".avif"}
# The first bytes of files we offer; what is packed in a .zip is not looked into, since nobody here opens it.
_SIGNS = {
    ".pdf": b"%PDF-", ".docx": b"PK\x03\x04", ".odt": b"PK\x03\x04", ".epub": b"PK\x03\x04", ".pptx": b"PK\x03\x04",
    ".xlsx": b"PK\x03\x04", ".zip": b"PK\x03\x04", ".csv": b"", ".txt": b"",
}  # fmt: skip
_CHUNK = 1 << 20


def looked_at(paths: list[str], max_pixels: int, start: int) -> Iterator[tuple[str, str, str]]:
    """Runs in the child: (kind, ending or reason, SHA-1) of each file from `start` on.

    kind: image, document, or refused with the reason.
    """
    Image.MAX_IMAGE_PIXELS = max_pixels
    for path in paths[start:]:
        yield _look(Path(path), max_pixels)


def _look(path: Path, max_pixels: int) -> tuple[str, str, str]:
    try:
        ending = path.suffix.lower()
        if ending in _SIGNS:
            return _look_at_file(path, ending)
        with Image.open(path) as picture:
            form = _FORMATS.get(picture.format or "")
            width, height = picture.size
            if form is None:
                return "refused", "not a picture we show", ""
            if width * height > max_pixels:
                return "refused", f"more than {max_pixels:,} pixels", ""
            # A picture cut short opens, and fails only when somebody wants to see it.
            picture.load()
        return "image", form, _hash(path)
    except Image.DecompressionBombError:
        return "refused", f"more than {max_pixels:,} pixels", ""
    except (UnidentifiedImageError, SyntaxError):
        return "refused", "no picture", ""
    except (OSError, ValueError, MemoryError) as error:
        return "refused", f"broken ({type(error).__name__})", ""


def _look_at_file(path: Path, ending: str) -> tuple[str, str, str]:
    with path.open("rb") as file:
        head = file.read(1024)
    # Some tools put a line before the sign of a PDF, and readers look for it in the first kilobyte.
    is_right = _SIGNS[ending] in head if ending == ".pdf" else head.startswith(_SIGNS[ending])
    if not is_right or (not _SIGNS[ending] and b"\x00" in head):
        return "refused", f"not what its name says ({ending})", ""
    return "document", ending, _hash(path)


def _hash(path: Path) -> str:
    """As Wagtail counts it, so that a file that is here already is known."""
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            digest.update(part)
    return digest.hexdigest()
