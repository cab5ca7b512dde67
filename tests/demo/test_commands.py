"""The command from outside: a first start, what it prints, and a second start on the same directory."""

import contextlib
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def served(command: list[str], directory: Path, port: int) -> Iterator[str]:
    """The demo while it runs, with what it printed until it was ready."""
    child = subprocess.Popen(
        [*command, "--dir", str(directory), "demo", "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    printed = ""
    try:
        for line in child.stdout or ():
            printed += line
            if "Stop the demo" in line:
                break
        yield printed
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(timeout=30)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def test_demo_is_made_once_and_shows_its_three_addresses(isthmus_command: list[str], tmp_path: Path):
    port = free_port()
    with served(isthmus_command, tmp_path / "demo", port) as first:
        site, flagship, admin = re.findall(rf"http://localhost:{port}/\S*", first)
        assert "Total Index: 59 publications." in fetched(site)
        assert "By Robert E. Hale" in fetched(flagship)
        assert "password" in fetched(admin)
        assert re.search(r"goes live in (8[0-9]|90) seconds", first)
        assert "third summit" not in first.lower()
        assert "Given before" in fetched(f"{site}soundings/the-list-and-the-pier/")

    with served(isthmus_command, tmp_path / "demo", port) as second:
        assert "Making the demo" not in second
        assert re.search(r"editor@merrow\.example +(\S+)", second)[1] not in first
