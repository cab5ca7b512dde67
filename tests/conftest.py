"""What every test stands on: an institute directory, a migrated database, no network, a clock that can be held.

Directory and database must be named before Django reads its settings, so that happens when this file is imported.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests import database, network, outside

# How long one example takes says more about the machine than about the code.
hypothesis_settings.register_profile("isthmus", deadline=None)
hypothesis_settings.load_profile("isthmus")

# An operator's own options must not reach the tests; what only tests set begins with ISTHMUS_TEST_. The journal mode
# is let through, because CI runs the suite in both.
for _name in list(os.environ):
    if _name.startswith("ISTHMUS_") and not _name.startswith("ISTHMUS_TEST_") and _name != "ISTHMUS_SQLITE_JOURNAL":
        del os.environ[_name]

INSTITUTE_DIR = Path(tempfile.mkdtemp(prefix="isthmus-test-"))
atexit.register(shutil.rmtree, INSTITUTE_DIR, ignore_errors=True)
os.environ["ISTHMUS_DIR"] = str(INSTITUTE_DIR)
os.environ["DJANGO_SETTINGS_MODULE"] = "isthmus.server.settings"
if database.POSTGRES_URL:
    os.environ["ISTHMUS_DATABASE"] = database.url_of_this_run(database.POSTGRES_URL)


_USES_DATABASE = {"db", "transactional_db", "django_db_setup"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--outside",
        choices=("no", "if-there", "must"),
        default="no",
        help="tests that need Chromium: skip them, run them if it is there, or fail without it",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings now that they can be read; pytest-django sets Django up after this."""
    from django.conf import settings

    config.addinivalue_line("markers", "database: touches the database; set by itself, for CI's run on PostgreSQL")
    (INSTITUTE_DIR / "data").mkdir(exist_ok=True)
    # Real password hashing costs 0.2 s a login by design; no test is about it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Read and done with: a test process started beside this one would find it before it has a directory of its own.
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_report_header() -> str:
    return f"isthmus: {database.described()}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Files and sites stay together."""
    from tests import grouping

    return grouping.scheduler(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what touches the database; skip, with the reason, what this machine or this command cannot run."""
    reasons = outside.reasons(wanted=config.getoption("--outside"))
    for item in items:
        if _USES_DATABASE & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db"):
            item.add_marker("database")
        for mark, reason in reasons.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: object) -> Iterator[None]:
    """The migrated database of this run, copied from a template; a transactional test leaves a fresh copy behind."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database.prepare()
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database.drop()


@pytest.fixture(scope="session")
def give_tables(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    """Saves a command that makes an institute the migrating, which takes 8 s and minutes under load (SQLite alone).

    Asked for by name and not by argument: a test that only makes an institute elsewhere is none of the database's.
    """
    if not database.POSTGRES_URL:
        request.getfixturevalue("django_db_setup")
        return database.give_tables
    return lambda _: None


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    with network.loopback_only():
        yield


@pytest.fixture(autouse=True)
def _no_settings_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages keep the site's settings for a second, and the end of a test rolls rows back without a signal.

    Within a test they are kept for good: a busy machine has a second end between two requests whose queries count.
    What a search keeps for a row of the journal goes too: under a frozen clock two tests have rows alike.
    """
    from isthmus.kit import collecting
    from isthmus.publications import context, further
    from isthmus.search import names, pieces, standing

    monkeypatch.setattr(context, "_kept", None)
    monkeypatch.setattr(further, "_kept", None)
    monkeypatch.setattr(context, "_FRESH_S", 3600.0)
    monkeypatch.setattr(names, "_kept", None)
    monkeypatch.setattr(pieces, "_kept", None)
    monkeypatch.setattr(standing, "_counted", None)
    collecting.forget()


@pytest.fixture
def clock() -> Iterator[object]:
    """A Monday morning in November that lasts until the test moves it: `clock.advance(timedelta(...))`."""
    from isthmus.kit.clock import frozen

    with frozen(datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) as held:
        yield held


@pytest.fixture
def alice(db: None) -> object:
    """Alice the editor, with a login: the role publisher, so that she may release."""
    return _with_login("alice@institute.example", role="publisher")


@pytest.fixture
def bob(db: None) -> object:
    """Bob her colleague, with a login: the role author, so that he may write and not release."""
    return _with_login("bob@institute.example", role="author")


def _with_login(email: str, *, role: str) -> object:
    from isthmus.publications import roles
    from isthmus.publications.models import User

    user = User.objects.create_user(email, "correct horse battery staple")
    roles.assign(user, role)
    return user


@pytest.fixture(scope="session")
def institute_dir() -> Path:
    """The institute directory all tests of this run share; a test that changes options makes one of its own."""
    return INSTITUTE_DIR


@pytest.fixture(scope="session")
def isthmus_command() -> list[str]:
    """The command as a child process is given it, without relying on PATH."""
    return [sys.executable, "-c", "import sys; from isthmus.cli import main; sys.exit(main())"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A running Chromium, driven by playwright; pages and contexts are each test's own."""
    with outside.chromium() as browser:
        yield browser
