"""Two sites for all stories of a run: the demo, and an institute with an archive of its own.

xdist keeps the stories of one site in one of its processes
(tests/grouping.py), or each process would make both sites anew.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import generated
from tests.stories import scheduled, site
from tests.stories.scheduled import Before
from tests.stories.site import Site

PASSWORD = "correct horse battery staple"
# The four test people's logins; Carol and Dan have none.
LOGINS = {"alice": "publisher", "bob": "author"}
N_RECORDS = 120
SAVED_PAGE = Path(__file__).parents[1] / "sample" / "page.txt"
_WITHDRAWN = {
    "id": "gone:1", "source": "gone", "title": "A Note That Was Taken Back", "published": "2020-05-04T10:00:00+00:00",
    "authors": ["Carol Finch"], "html": "<p>Canarygone sings no more.</p>",
}  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "told_last: a story that waits for a minute to come, after all others")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The story that waits for a minute to come is told last."""
    here = Path(__file__).parent
    stories = [item for item in items if item.path.parent == here]
    waiting = [item for item in stories if item.get_closest_marker("told_last")]
    items[:] = [item for item in items if item not in waiting] + waiting


@pytest.fixture(scope="session")
def _demo(isthmus_command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Before]]:
    """The demo from nothing at all, as a newcomer has it.

    What it says of its scheduled piece is asked at once, while it still can be.
    """
    starting = site.Starting(isthmus_command, tmp_path_factory.mktemp("fresh") / "demo", "demo", said="Stop the demo")
    try:
        running = starting.ready()
        yield running, scheduled.before(running)
    finally:
        starting.stop()


@pytest.fixture(scope="session")
def demo(_demo: tuple[Site, Before]) -> Site:
    """The invented institute, as `isthmus demo` serves it."""
    return _demo[0]


@pytest.fixture(scope="session")
def before(_demo: tuple[Site, Before]) -> Before:
    """The demo's channels before its scheduled piece was due."""
    return _demo[1]


@pytest.fixture(scope="session")
def flagship(demo: Site) -> str:
    """The path of the piece the demo shows first."""
    line = next(line for line in demo.printed.splitlines() if "A piece to begin" in line)
    return line.split()[-1].removeprefix(demo.url)


@pytest.fixture(scope="session")
def made(
    isthmus_command: list[str], tmp_path_factory: pytest.TempPathFactory, give_tables: Callable[[Path], None]
) -> Path:
    """An empty institute as `init` leaves it, made once; stories that change it copy it."""
    directory = tmp_path_factory.mktemp("made") / "institute"
    give_tables(directory)
    site.done(isthmus_command, "--dir", directory, "init", "--name", "The Institute of the Narrows")
    return directory


@pytest.fixture(scope="session")
def own(isthmus_command: list[str], made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An institute whose archive was moved in by the command, with logins for Alice and Bob."""
    directory = Path(shutil.copytree(made, tmp_path_factory.mktemp("own") / "institute"))
    move_in(isthmus_command, directory)
    with site.served(isthmus_command, directory) as running:
        yield running


def move_in(command: list[str], directory: Path) -> None:
    """Everything an operator types between `init` and `serve`: three imports, one taken back, two logins."""
    archive = generated.write(directory / "archive.jsonl.gz", n=N_RECORDS)
    site.done(command, "--dir", directory, "import", archive)
    site.done(command, "--dir", directory, "import", SAVED_PAGE)
    gone = directory / "gone.jsonl"
    gone.write_text(json.dumps(_WITHDRAWN) + "\n", encoding="utf-8")
    run = json.loads(site.done(command, "--dir", directory, "import", gone, "--json"))["run"]
    site.done(command, "--dir", directory, "import", "--undo", run)
    password = directory / "password"
    password.write_text(PASSWORD + "\n", encoding="utf-8")
    for name, role in LOGINS.items():
        site.done(command, "--dir", directory, "user", "add", f"{name}@institute.example", "--role", role,
                  "--password-file", password)  # fmt: skip


@pytest.fixture
def visit(chromium: Any) -> Iterator[Any]:
    """Opens a page in a fresh browser context; `visit(width=390, scheme="dark")` and what playwright takes."""
    with contextlib.ExitStack() as opened:

        def visit(*, width: int = 1280, height: int = 900, scheme: str = "light", **options: Any) -> Any:
            context = chromium.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-US", **options
            )
            opened.callback(context.close)
            context.set_default_timeout(20_000)
            return context.new_page()

        yield visit
