"""Bad input, by the thousand, to the real engine and over HTTP: nothing dies, nothing takes long, nothing is a 5xx."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client

from isthmus.search.engine import Engine, Sort
from isthmus.search.engines.fake import Disk, FakeEngine
from isthmus.search.engines.tantivy import TantivyEngine
from isthmus.search.keeper import Keeper
from isthmus.search.language import parse
from isthmus.search.query import Query
from tests.search.fuzzing import documents, questions
from tests.search.notes import tariff_notes

ROOT = Path(__file__).parents[2]
MAX_MS = 500
SEEDS = {2_000: 4, 100_000: 20_260_401}


@pytest.mark.slow
@pytest.mark.parametrize("n", [2_000, pytest.param(100_000, marks=pytest.mark.large)])
def test_no_question_kills_the_engine_or_takes_long(n: int, tmp_path: Path):
    asked = tmp_path / "asked"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "isthmus.server.settings", "FUZZING_ASKED": str(asked)}

    child = subprocess.run(
        [sys.executable, "-W", "ignore", "-X", "faulthandler", "-m", "tests.search.fuzzing", str(SEEDS[n]), str(n)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert child.returncode == 0, f"question {asked.read_text()} of seed {SEEDS[n]}: {child.stderr[-2000:]}"
    said = json.loads(child.stdout)
    assert said["asked"] == n
    # CPU, not the clock: other work on the machine is not the question's fault.
    assert said["worst_ms"] < MAX_MS, said["worst"]
    # Questions that find nothing would show little.
    assert said["found"] > n / 4


def address(question: str) -> str:
    """The question as a browser sends it; lone surrogates as a program might, in the bytes UTF-8 forbids."""
    return quote(question.encode("utf-8", "surrogatepass"))


def located(engine: Engine, query: Query) -> list[int]:
    return [hit.id for hit in engine.search(query, limit=100, sort=Sort.NEWEST, with_texts=False).hits]


@pytest.mark.slow
def test_two_engines_find_the_same_for_any_question():
    pieces = list(documents(random.Random(1)))[:60]
    real, fake = TantivyEngine.create(None), FakeEngine(Disk())
    real.apply(pieces, (), seq=1)
    fake.apply(pieces, (), seq=1)

    queries = [parse(question) for question in questions(11, 250) if len(question) < 3000]
    differing = [ascii(query.text)[:200] for query in queries if located(real, query) != located(fake, query)]

    assert differing == []


@pytest.mark.slow
@pytest.mark.parametrize("n", [150, pytest.param(2_000, marks=pytest.mark.large)])
def test_no_question_is_an_error_over_http(keeper: Keeper, n: int):
    tariff_notes(25)
    keeper.tick()
    client = Client(raise_request_exception=False)

    wrong = []
    for number, question in enumerate(questions(7, n)):
        path = ("/search/", "/search/feed/", "/api/v1/search", "/api/v1/suggest")[number % 4]
        answer = client.get(f"{path}?q={address(question[:20_000])}")
        if answer.status_code != 200:
            wrong.append((path, answer.status_code, ascii(question)[:100]))

    assert wrong == []
