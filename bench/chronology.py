"""The temporal tagger: value F1 and gross errors on marked texts, its cost; and the cost of reading a whole archive.

`make bench-chronology` scores every *.jsonl with `timex` in the folder that DATA names, or in `chronology` there, with
the evaluate.py beside them (TempEval-3's definitions); without DATA, generated sentences whose dates are known. The
archive is real-archive.jsonl.gz in DATA or in `archives` there or beside it, else generated.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import given
import measure
import mining

from isthmus.dossiers.extract import sentence_starts

_ISTHMUS = Path(sys.executable).parent / "isthmus"
_N_SENTENCES = 20_000
# What HeidelTime reaches on the same files by the same scorer; measured, not depended on.
_PEER = {"timebank": "above HeidelTime's 79.5", "aquaint": "above HeidelTime's 72.9"}


def main() -> None:
    """Score, time, weigh; write the table."""
    texts = given.marked_texts()
    with tempfile.TemporaryDirectory(prefix="isthmus-bench-") as name:
        scratch = Path(name)
        golds = sorted(path for path in texts.glob("*.jsonl") if _is_marked(path)) if texts else []
        golds = golds or [_generated(scratch / "generated.jsonl")]
        rows: list[tuple[str, str, str]] = []
        for gold in golds:
            rows += _scored(gold, scratch, texts / "evaluate.py" if texts else None)
        rows += _cost(golds, scratch)
        rows += mining.rows(scratch)
    command = "DATA=DIR make bench-chronology" if texts else "make bench-chronology"
    print(measure.record("Chronology", command, rows))


def _is_marked(path: Path) -> bool:
    with path.open(encoding="utf-8") as lines:
        return "timex" in json.loads(next(lines, "{}"))


def tagged(source: Path, target: Path) -> Path:
    """Run the command as an operator would, over texts without their answers. Raises: CalledProcessError."""
    bare = target.with_suffix(".bare")
    with bare.open("w", encoding="utf-8") as out:
        for document in _documents(source):
            out.write(json.dumps({name: document[name] for name in ("id", "dct", "text")}) + "\n")
    subprocess.run([_ISTHMUS, "chronology", "tag", bare, target], check=True, stdout=subprocess.DEVNULL)
    return target


def _documents(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _scored(gold: Path, scratch: Path, evaluator: Path | None) -> list[tuple[str, str, str]]:
    found = tagged(gold, scratch / f"{gold.stem}.out")
    if evaluator is None or not evaluator.exists():
        right, total = _share_right(gold, found)
        return [(f"{gold.stem}: expressions found and right ({total})", f"{100 * right / total:.1f} %", "100 %")]
    words = [sys.executable, str(evaluator), str(gold), str(found), "--json"]
    report = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    value_f1 = f"{report['value']['F1']:.1f}"
    return [
        (f"{gold.stem}: value F1 ({report['gold']} expressions)", value_f1, _PEER.get(gold.stem, "")),
        (f"{gold.stem}: P, R", f"{report['value']['P']:.1f}, {report['value']['R']:.1f}", ""),
        (f"{gold.stem}: calendar F1", f"{report['calendar']['F1']:.1f}", ""),
        (f"{gold.stem}: wholly wrong places", f"{report['calendar_gross_error_rate']:.1f} %", "3 to 6 % at most"),
    ]  # fmt: skip


def _share_right(gold: Path, found: Path) -> tuple[int, int]:
    wanted = [{(one["start"], one["end"], one["value"]) for one in document["timex"]} for document in _documents(gold)]
    got = [{(one["start"], one["end"], one["value"]) for one in document["timex"]} for document in _documents(found)]
    pairs = list(zip(wanted, got, strict=True))
    return sum(len(one & other) for one, other in pairs), sum(len(one | other) for one, other in pairs)


def _cost(golds: list[Path], scratch: Path) -> list[tuple[str, str, str]]:
    """The whole command over some 20,000 sentences: start, reading, tagging, writing."""
    documents = [document for gold in golds for document in _documents(gold)]
    n_once = sum(len(sentence_starts(document["text"])) for document in documents)
    times = max(1, _N_SENTENCES // n_once)
    source = scratch / "long.jsonl"
    with source.open("w", encoding="utf-8") as out:
        for _ in range(times):
            out.writelines(json.dumps(document) + "\n" for document in documents)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    tagged(source, scratch / "long.out")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    n = times * n_once
    return [
        (f"sentences a CPU second ({n}, the command's start included)", f"{n / cpu_s:.0f}", "1000"),
        ("memory of the process, at most", f"{after.ru_maxrss / 1024:.0f} MB", "100 MB"),
    ]  # fmt: skip


def _generated(path: Path) -> Path:
    """Documents whose dates follow from how they were made; the same ones every time."""
    chance = random.Random(5)
    with path.open("w", encoding="utf-8") as out:
        for number in range(400):
            published = date(2005, 1, 1) + timedelta(days=chance.randrange(6000))
            out.write(json.dumps(_document(number, published, chance)) + "\n")
    return path


def _document(number: int, published: date, chance: random.Random) -> dict[str, Any]:
    text, timex = "", []
    for _ in range(12):
        day = published - timedelta(days=chance.randrange(400, 20_000))
        words, value = chance.choice(_phrases(day, published))
        opening = (
            chance.choice(("Alice met Bob ", "The council sat ", "Talks were held ", "Carol resigned ")) + words[0]
        )
        start = len(text) + len(opening)
        timex.append({"start": start, "end": start + len(words[1]), "type": "DATE", "value": value, "text": words[1]})
        text += f"{opening}{words[1]}. "
    return {"id": str(number), "dct": published.isoformat(), "text": text.strip(), "timex": timex}


def _phrases(day: date, published: date) -> list[tuple[tuple[str, str], str]]:
    """Ways to write a day or to point from the publication, each with its value."""
    last_month = published.replace(day=1) - timedelta(days=1)
    return [
        (("on ", f"{day.day} {day:%B} {day.year}"), day.isoformat()),
        (("on ", f"{day:%B} {day.day}, {day.year}"), day.isoformat()),
        (("on ", f"{day:%A}, {day.day} {day:%B} {day.year}"), day.isoformat()),
        (("on ", day.isoformat()), day.isoformat()),
        (("in ", f"{day:%B} {day.year}"), f"{day:%Y-%m}"),
        (("in ", f"early {day:%B} {day.year}"), f"{day:%Y-%m}"),
        (("in ", str(day.year)), str(day.year)),
        (("in ", f"the {day.year // 10 * 10}s"), str(day.year // 10)),
        (("", "yesterday"), (published - timedelta(days=1)).isoformat()),
        (("", "last month"), f"{last_month:%Y-%m}"),
        (("", "last year"), str(published.year - 1)),
        (("", "ten days ago"), (published - timedelta(days=10)).isoformat()),
        (("on ", f"{published - timedelta(days=3):%A}"), (published - timedelta(days=3)).isoformat()),
    ]


if __name__ == "__main__":
    main()
