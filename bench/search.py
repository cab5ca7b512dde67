"""Search: relevance on judged collections, through `isthmus bench relevance`; speed comes beside it.

`make bench-search` takes the collections below the folder that DATA names (DATA/relevance/*/ with corpus.jsonl,
queries.jsonl and qrels.tsv), else a generated one. Fails when relevance falls below its floor.
"""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import TypeAlias

import measure

Qrels: TypeAlias = dict[str, dict[str, int]]
Figures: TypeAlias = tuple[float, float]

_ISTHMUS = Path(sys.executable).parent / "isthmus"
# nDCG@10 and Recall@100 of tuned BM25: words by their stem, query stoplist, title twice in one field. Collections
# without a figure here are measured and held to nothing.
_BM25: dict[str, Figures] = {"cranfield": (0.528, 0.764), "cisi": (0.414, 0.457), "lisa": (0.471, 0.782)}
# Wanted above it on average, and better on each.
_FLOOR, _GOAL = (0.03, 0.04), (0.06, 0.06)
_GENERATED_FLOOR: Figures = (0.90, 0.95)


def main() -> int:
    """Measure, write the table, and say by the exit status whether the floors were kept."""
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as name:
        scratch = Path(name)
        folders = _given() or [_generated(scratch / "generated")]
        figures = {folder.name: _figures(folder, scratch) for folder in folders}
        words = {folder.name: _figures(folder, scratch, "--words-only") for folder in folders}
    rows = [_row(name, figures[name], words[name]) for name in figures]
    held = [name for name in figures if name in _BM25]
    is_kept = all(all(map(float.__gt__, figures[name], _BM25[name])) for name in held)
    if held:
        gains = tuple(fmean(figures[name][i] / _BM25[name][i] - 1 for name in held) for i in (0, 1))
        wanted = " / ".join(f"{floor:+.0%} (goal {goal:+.0%})" for floor, goal in zip(_FLOOR, _GOAL, strict=True))
        rows.append(("above tuned BM25 on average", " / ".join(f"{gain:+.1%}" for gain in gains), wanted))
        is_kept = is_kept and all(map(float.__ge__, gains, _FLOOR))
    elif "generated" in figures:
        is_kept = all(map(float.__ge__, figures["generated"], _GENERATED_FLOOR))
    told = "DATA=DIR make bench-search" if _given() else "make bench-search"
    print(measure.record("Search: relevance", told, [("", "nDCG@10 / Recall@100", ""), *rows]))
    return 0 if is_kept else 1


def _row(name: str, figures: Figures, words: Figures) -> tuple[str, str, str]:
    wanted = _BM25.get(name) or (_GENERATED_FLOOR if name == "generated" else None)
    return f"{name} (by words alone {_pair(words)})", _pair(figures), f"above {_pair(wanted)}" if wanted else ""


def _pair(figures: Figures) -> str:
    return f"{figures[0]:.3f} / {figures[1]:.3f}"


def _given() -> list[Path]:
    root = Path(os.environ["DATA"]) / "relevance" if os.environ.get("DATA") else None
    # Fewer than a hundred texts are for smoke tests: every text is among the first hundred.
    return [path.parent for path in sorted(root.glob("*/qrels.tsv")) if _n_lines(path.parent) > 100] if root else []


def _n_lines(folder: Path) -> int:
    return len((folder / "corpus.jsonl").read_bytes().splitlines())


def _figures(folder: Path, scratch: Path, *more: str) -> Figures:
    """nDCG@10 (gain as judged, log2 discount) and Recall@100 of the product's own run, over all judged questions."""
    run = scratch / "run"
    subprocess.run([_ISTHMUS, "bench", "relevance", folder, "--run", run, *more], check=True, stdout=subprocess.DEVNULL)
    ranked = defaultdict(list)
    for line in run.read_text().splitlines():
        query, _, document, *_ = line.split()
        ranked[query].append(document)
    judged = {query: judgements for query, judgements in _qrels(folder).items() if any(judgements.values())}
    ndcg = [_gain(ranked[query], judgements) for query, judgements in judged.items()]
    recall = [_recall(ranked[query], judgements) for query, judgements in judged.items()]
    return fmean(ndcg), fmean(recall)


def _qrels(folder: Path) -> Qrels:
    found: Qrels = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text().splitlines():
        query, document, grade = line.split()
        found[query][document] = max(0, int(grade))
    return found


def _gain(ranked: list[str], judgements: dict[str, int]) -> float:
    ideal = sorted(judgements.values(), reverse=True)
    return _discounted([judgements.get(document, 0) for document in ranked[:10]]) / _discounted(ideal[:10])


def _discounted(grades: list[int]) -> float:
    return sum(grade / math.log2(place + 2) for place, grade in enumerate(grades))


def _recall(ranked: list[str], judgements: dict[str, int]) -> float:
    relevant = {document for document, grade in judgements.items() if grade}
    return len(relevant & set(ranked[:100])) / len(relevant)


def _generated(folder: Path) -> Path:
    """Texts on 40 made-up topics: each has some of its topic's words and many of everybody's; a question has three."""
    folder.mkdir()
    chance = random.Random(4)
    common = [_made_up(chance) for _ in range(400)]
    topics = [[_made_up(chance) for _ in range(8)] for _ in range(40)]
    texts, qrels, queries = [], [], []
    for topic, words in enumerate(topics):
        for n in range(10):
            drawn = chance.sample(words, 5) + chance.choices(common, k=60)
            chance.shuffle(drawn)
            texts.append({"id": f"{topic}-{n}", "title": drawn[0], "text": " ".join(drawn)})
            qrels.append(f"{topic}\t{topic}-{n}\t1")
        queries.append({"id": str(topic), "text": " ".join(chance.sample(words, 3))})
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in texts))
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in queries))
    (folder / "qrels.tsv").write_text("\n".join(qrels) + "\n")
    return folder


def _made_up(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(3)) + "k"


if __name__ == "__main__":
    sys.exit(main())
