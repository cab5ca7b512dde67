"""The log as people and as programs read it, from a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

_CODE = """
import logging.config, sys
from isthmus.kit import logs
logging.config.dictConfig(logs.configuration(sys.argv[1]))
log = logging.getLogger("isthmus.server.worker")
log.info("nobody has to read this")
try:
    raise ValueError("the disk\\nis full")
except ValueError:
    log.exception("The job %s failed", "release", extra={"job": "release"})
"""


def _log_of(form: str) -> list[str]:
    ended = subprocess.run([sys.executable, "-c", _CODE, form], capture_output=True, text=True, check=True)
    return ended.stderr.splitlines()


def test_a_program_gets_one_object_a_line_with_its_time_and_place():
    (line,) = _log_of("json")

    said = json.loads(line)

    assert (said["level"], said["logger"], said["message"]) == (
        "ERROR", "isthmus.server.worker", "The job release failed"
    )  # fmt: skip
    assert said["job"] == "release"
    assert "the disk\nis full" in said["exc_info"]
    assert abs((datetime.fromisoformat(said["time"]) - datetime.now(UTC)).total_seconds()) < 600


def test_a_person_gets_a_line_and_the_trace():
    lines = _log_of("text")

    assert lines[0].endswith("ERROR isthmus.server.worker: The job release failed")
    assert lines[-1] == "is full"
