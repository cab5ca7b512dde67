"""`isthmus chronology`: what is mined from the archive, and the temporal tagger over documents in a file.

The tagger needs no institute and reads one JSON object a line.
"""

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from secrets import token_hex
from typing import Any

from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.kit.files import disk_full_said
from isthmus.kit.progress import progress
from isthmus.kit.text import plural
from isthmus.server.commands.opening import open_institute


def add(commands: Any) -> None:
    """Declare the command and what stands below it."""
    parser = commands.add_parser("chronology", help="dates in texts, and the chronology made of them")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    tag = actions.add_parser(
        "tag",
        help="add the dates of each document of a JSON-lines file",
        description="Reads documents, one JSON object a line, with `text`, and writes them again with `timex`: for "
        "each expression of time its place, TIMEX3 type and value, the interval as EDTF, how it was found and what the "
        "sentence makes of it. `dct` is the day of publication as YYYY-MM-DD; without one nothing relative is "
        "resolved. `language` is English unless given; of others only dates written in full are read.",
    )
    tag.add_argument("source", type=Path, metavar="IN.jsonl", help="the documents")
    tag.add_argument("target", type=Path, metavar="OUT.jsonl", help="where to write them; replaced when all are done")
    tag.set_defaults(run=run)
    for name, act, told in (
        ("status", _status, "say how many texts were read, and what is to be read again"),
        ("rebuild", _rebuild, "read every text anew; what editors decided stays"),
    ):
        action = actions.add_parser(name, help=told, description=f"{told[0].upper()}{told[1:]}.")
        action.add_argument("--json", action="store_true", help="answer as JSON")
        action.set_defaults(run=act)


def _status(arguments: argparse.Namespace) -> int:
    open_institute(arguments)
    from isthmus.dossiers.keeper import Keeper

    found = Keeper().status()
    if arguments.json:
        print(json.dumps(asdict(found)))
        return 0
    print(found.sentence)
    return 0


def _rebuild(arguments: argparse.Namespace) -> int:
    open_institute(arguments, upgrade=True)
    from isthmus.dossiers.keeper import Keeper
    from isthmus.publications import visibility

    with progress(visibility.total(), "read") as tick:
        n_read = Keeper().rebuild(on_progress=tick)
    said = f"{plural(n_read, 'text was', 'texts were')} read anew."
    print(json.dumps({"n_read": n_read}) if arguments.json else said)
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Tag every document; the target appears whole or not at all."""
    source, target = arguments.source, arguments.target
    if not source.is_file():
        raise UsageError(f"{source} is not there: give a file of documents, one JSON object a line.")
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent} is not a directory: make it, or write the result elsewhere.")
    beside = target.with_name(f".{target.name[:200]}.{token_hex(6)}.part")
    try:
        with disk_full_said(target), beside.open("w", encoding="utf-8") as out:
            n_documents = sum(_written(document, out) for document in _documents(source))
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    print(f"{plural(n_documents, 'document', 'documents')} tagged into {target}")
    return 0


def _documents(source: Path) -> Iterator[dict[str, Any]]:
    """Each document; an empty line is none. Raises: IsthmusError naming the line that is no document."""
    with source.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _document(line, f"{source}, line {number}")


def _document(line: bytes, where: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise IsthmusError(f"{where} is not JSON ({error}): mend the line or take it out.") from error
    if not isinstance(document, dict) or not isinstance(document.get("text"), str):
        raise IsthmusError(f"{where} is not an object with a `text`: add one or take the line out.")
    return document


def _written(document: dict[str, Any], out: Any) -> int:
    out.write(json.dumps(document | {"timex": timex(document)}, ensure_ascii=True) + "\n")
    return 1


def timex(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The expressions of one document as the evaluator and the reader of a chronology want them."""
    from isthmus.dossiers.extract import Expression, tag

    def record(found: Expression) -> dict[str, Any]:
        first, after = found.interval or (None, None)
        return {
            "start": found.start, "end": found.end, "text": found.quote, "type": found.kind, "value": found.value,
            "mod": found.mod, "edtf": found.edtf, "first": first and first.isoformat(),
            "after": after and after.isoformat(), "precision": found.precision, "grade": found.grade,
            "modality": found.modality, "anchor": found.anchor, "rule": found.rule,
        }  # fmt: skip

    language = document.get("language")
    published_on = _day(document.get("dct"))
    expressions = tag(
        document["text"], published_on=published_on, language=language if isinstance(language, str) else "en"
    )
    return [record(found) for found in expressions]


def _day(text: object) -> date | None:
    """The day of a date or date and time; None for anything that is not one."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        pass
    try:
        return date.fromisoformat(str(text)[:8])
    except ValueError:
        return None
