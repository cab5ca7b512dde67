"""Bad input, by the thousand, to the real engine and over HTTP: nothing dies, nothing takes long, nothing is a 5xx."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client

from isthmus.search.keeper import Keeper
from tests.search.fuzzing import questions
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
