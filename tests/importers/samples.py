"""Invented export files for the tests of the importers."""
# ruff: noqa: E501 -- a saved page has a paragraph a line

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isthmus.importers import reading
from isthmus.importers.cleaned import Cleaned, from_plain
from isthmus.importers.source_item import Skipped

PAGE = """\
Search All Site Content

Total Index: 212 publications.

Subscribe to our Mailing List!

Sign up for our mailing list to keep up to date on all the latest developments.

The Lantern

Ferries Stop between Aldmark and Ostrand, but the Minister Keeps Writing

Published March 4, 2019
Author: Alice Moore
Category: Fisheries

By Alice B. Moore

The ferries across the narrows have not sailed since the autumn, and nobody in either capital expects them to sail before the thaw.

The minister, who wrote four letters last year, has written two more.  Neither was answered, as far as anybody knows.

What the Letters Say, and What They Leave “Open”

The letters were short and polite.  They named no dates.

Alice B. Moore is a Senior Fellow at the Institute of the Narrows.  She was harbour master of Ostrand.  The views expressed here are her own.

Photo from the Harbour Archive, Creative Commons.

Return to the Lantern

Stay Informed
Register to receive updates from the Institute
"""


def record(number: int, **fields: Any) -> dict[str, Any]:
    """One record of a generated archive; fields replace or add."""
    return {
        "id": f"notes/{number}",
        "source": "narrows",
        "title": f"Note {number} from the narrows",
        "authors": ["Alice Moore"] if number % 2 else ["Bob Hale", "Carol Finch"],
        "published": f"201{number % 10}-03-0{number % 9 + 1}T10:00:00+09:00",
        "categories": ["Notes"],
        "tags": [f"tag {number % 5}"],
        "html": f"<p>Canary{number} sings of the narrows.</p><h2>Why</h2><p>Nobody knows.</p>",
        **fields,
    }


def write_records(path: Path, records: list[dict[str, Any]]) -> Path:
    """A JSON-lines file of these records."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in records), "utf-8")
    return path


def write_wordpress(path: Path, numbers: range) -> Path:
    """A WordPress export of so many invented posts, each with a link to another."""
    items = [
        f"<item><title>Post {n}</title><link>https://narrows.example/{n}/</link><wp:post_id>{n + 1}</wp:post_id>"
        f"<wp:post_date>2019-03-04 10:00:00</wp:post_date><wp:post_type>post</wp:post_type><wp:status>publish</wp:status>"
        f"<content:encoded><![CDATA[Canary{n} sings.\n\n"
        f'<a href="https://narrows.example/{(n * 7) % len(numbers)}/">There</a>]]></content:encoded></item>\n'
        for n in numbers
    ]
    head = '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><link>https://narrows.example</link>\n'
    path.write_text(f"{head}{''.join(items)}</channel></rss>", "utf-8")
    return path


def cleaned_in(folder: Path, files: Mapping[str, str | bytes]) -> dict[str, Cleaned | Skipped]:
    """What an import of a folder with these files makes of each item, by title; of a loss, by its place."""
    for name, words in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(words if isinstance(words, bytes) else words.encode())
    paths, unknown = reading.files_of(folder, source=None)
    house = ("UTC", "en", ("post", "report", "event"), ("www.youtube.com",))
    found: list[Cleaned | Skipped] = list(unknown)
    for batch in reading.clean_files(
        [(str(path), name) for path, name in paths.items()], house, {}, 0, 0, [], str(folder)
    ):
        found += [Skipped(*rest) if kind == "skipped" else from_plain(rest[0]) for kind, *rest in batch]
    # The throw-away process needs no collections; this one does.
    gc.enable()
    return {item.title if isinstance(item, Cleaned) else item.where: item for item in found}
