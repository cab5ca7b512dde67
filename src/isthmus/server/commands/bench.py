"""`isthmus bench`: measurements that a program outside judges."""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from isthmus.kit.errors import UsageError


def add(commands: Any) -> None:
    """Declare the commands."""
    bench = commands.add_parser("bench", help="measure the search", description="Measurements of the search.")
    actions = bench.add_subparsers(title="commands", metavar="COMMAND", required=True)
    relevance = actions.add_parser(
        "relevance",
        help="rank a judged collection and write what came out",
        description="Indexes FOLDER/corpus.jsonl as the site indexes its pieces, in a place of its own, asks the "
        "questions in FOLDER/queries.jsonl word for word, and writes 100 hits for each as a TREC run. "
        "Needs no institute.",
    )
    relevance.add_argument("folder", type=Path, metavar="FOLDER", help="where corpus.jsonl and queries.jsonl are")
    relevance.add_argument(
        "--run", dest="to", type=Path, required=True, metavar="FILE", help="where the run is written"
    )
    relevance.add_argument("--words-only", action="store_true", help="rank as without the extra isthmus[semantic]")
    relevance.set_defaults(run=_relevance)


def _relevance(arguments: argparse.Namespace) -> int:
    from isthmus.kit.progress import progress
    from isthmus.kit.text import plural
    from isthmus.server import institute

    folder, to = arguments.folder.resolve(), arguments.to.resolve()
    _check(folder, to)
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as scratch:
        # An institute of its own, though nothing is published in it: whoever adds to the index may ask the database.
        institute.forget_options()
        institute.make(Path(scratch) / "institute", name="Bench", url="")
        from isthmus.search import judged

        with progress(judged.n_texts(folder), "indexed") as tick:
            done = judged.run(folder, to, on_progress=tick, with_meaning=not arguments.words_only)
    how = "words and meaning" if done.with_meaning else "words alone"
    print(
        f"{plural(done.n_queries, 'question', 'questions')} asked of {plural(done.n_documents, 'text', 'texts')}, "
        f"ranked by {how}: {to}"
    )
    return 0


def _check(folder: Path, to: Path) -> None:
    """Before the institute is made, which takes a quarter of a minute. Raises: UsageError."""
    for name in ("corpus.jsonl", "queries.jsonl"):
        if not (folder / name).is_file():
            raise UsageError(f"{folder / name} is not there: name the folder with corpus.jsonl and queries.jsonl.")
    if to.is_dir() or not to.parent.is_dir():
        raise UsageError(f"The run {to} cannot be written: name a file in a directory that is there.")
