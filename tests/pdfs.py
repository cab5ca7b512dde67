"""PDFs for tests, written by hand: what a real program writes, and what none would."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Mapping


def pdf(*pages: str) -> bytes:
    """A PDF with these pages; each line of text is a line on the page."""
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    kids = []
    for n, text in enumerate(pages):
        page, content = 10 + 2 * n, 11 + 2 * n
        kids.append(f"{page} 0 R")
        objects[page] = _page(content)
        objects[content] = stream(_shown(text))
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(pages)} >>".encode()
    return assembled(objects)


def _page(content: int) -> bytes:
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
        f"/Resources << /Font << /F1 3 0 R >> >> /Contents {content} 0 R >>"
    ).encode()


def _shown(text: str) -> bytes:
    lines = (line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in text.split("\n"))
    moves = " 0 -14 Td ".join(f"({line}) Tj" for line in lines)
    return f"BT /F1 11 Tf 50 800 Td {moves} ET".encode("latin-1")


def stream(content: bytes, extra: str = "") -> bytes:
    """A stream object."""
    return f"<< /Length {len(content)} {extra} >>\nstream\n".encode() + content + b"\nendstream"


def assembled(objects: Mapping[int, bytes]) -> bytes:
    """A file of these objects; number 1 is the catalogue."""
    parts, places = [b"%PDF-1.7\n"], {}
    for number, content in sorted(objects.items()):
        places[number] = sum(map(len, parts))
        parts.append(f"{number} 0 obj\n".encode() + content + b"\nendobj\n")
    start = sum(map(len, parts))
    parts.append(_table(places))
    parts.append(f"trailer\n<< /Size {max(places) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return b"".join(parts)


def _table(places: Mapping[int, int]) -> bytes:
    lines = ["xref", "0 1", "0000000000 65535 f "]
    for number, place in places.items():
        lines += [f"{number} 1", f"{place:010} 00000 n "]
    return ("\n".join(lines) + "\n").encode()


def encrypted(*pages: str, password: str) -> bytes:
    """The same, locked; an empty password opens by itself, as where only printing is forbidden."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(*pages)))
    writer.encrypt(user_password=password, owner_password="of the owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_page_loop() -> bytes:
    """A tree of pages that contains itself."""
    return assembled({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"})


def with_many_pages(levels: int) -> bytes:
    """A tree where each level names the next ten times: 10 ** levels pages in some hundred bytes a level."""
    objects = {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2 + levels: b"<< /Type /Page /MediaBox [0 0 9 9] >>"}
    for level in range(levels):
        kids = f"{3 + level} 0 R " * 10
        objects[2 + level] = f"<< /Type /Pages /Kids [{kids}] /Count {10 ** (levels - level)} >>".encode()
    return assembled(objects)


def with_bomb(n_bytes: int) -> bytes:
    """One page whose content is that long when it is unpacked, from a thousandth of it."""
    line = b"(a) Tj " * 10_000
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(part) for part in _repeated(line, n_bytes)) + packer.flush()
    return assembled(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [10 0 R] /Count 1 >>",
            3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            10: _page(11),
            11: stream(packed, "/Filter /FlateDecode"),
        }
    )


def _repeated(part: bytes, n_bytes: int) -> Iterable[bytes]:
    return (part for _ in range(n_bytes // len(part)))
