"""The directory that is an institute: finding it, opening it, and making a new one."""

import os
from pathlib import Path

from isthmus.kit import files, option_pages, options
from isthmus.kit.errors import IsthmusError, UsageError

_DATA_FOLDERS = ("index", "edition", "media", "outbox", "logs", "secrets")
_SETTINGS = "isthmus.server.settings"
_THEME_README = """\
This folder is for the institute's own look. Restart `isthmus serve` after a change here.

templates/isthmus/…   a template here is used in place of the one of the same name in Isthmus's own theme
static/…              files served below /static/; static/isthmus/site.css here replaces the theme's stylesheet

Name, logo, colours and menus need no file: they are in the admin under Settings.
"""


class InstituteExists(IsthmusError):
    """`init` was asked to make what is there already."""


def require(directory: Path) -> Path:
    """The directory, absolute, if it holds an institute. Raises: UsageError."""
    directory = directory.resolve()
    if not (directory / options.FILE_NAME).is_file():
        raise UsageError(
            f"There is no institute in {directory}: make one with `isthmus --dir {directory} init --name NAME`, "
            "or name its directory with --dir or ISTHMUS_DIR."
        )
    return directory


def open_django(directory: Path) -> None:
    """Have Django work on the institute in `directory`, as this process's only one.

    Raises: OptionsError, before anything else is loaded.
    """
    os.environ["ISTHMUS_DIR"] = str(directory)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _SETTINGS)
    options.load(directory, os.environ)
    import django

    from isthmus.publications.audit import acting

    acting.be_command_line()
    django.setup()


def forget_options() -> None:
    """Take an operator's ISTHMUS_* variables out of this process: they are about another institute than the next one.

    A throw-away institute would otherwise be made in the operator's own database.
    """
    for name in list(os.environ):
        if name.startswith("ISTHMUS_") and not name.startswith("ISTHMUS_TEST_"):
            del os.environ[name]


def make(directory: Path, *, name: str, url: str) -> None:
    """Make a new institute: directories, keys, database, roles and first pages, the options last.

    The options file is what makes a directory an institute, so a run that was cut short can be repeated.
    Raises: InstituteExists; OptionsError for an impossible name or address; IsthmusError if it cannot be written.
    """
    directory = directory.resolve()
    if (directory / options.FILE_NAME).exists():
        raise InstituteExists(
            f"{directory} already holds an institute: serve it with `isthmus --dir {directory} serve`, "
            "or give another directory with --dir."
        )
    # Before anything is made: a mistyped address leaves no folders behind in a directory of somebody's.
    option_pages.first_options(name, url)
    data = directory / "data"
    _make_folders(directory)
    first = data / f"first-{options.FILE_NAME}"
    option_pages.write_initial(first, name, url)
    os.environ["ISTHMUS_NAME"] = name
    if url:
        os.environ["ISTHMUS_PUBLIC_URL"] = url
    open_django(directory)
    _fill(name)
    os.replace(first, directory / options.FILE_NAME)
    files.sync_directory(directory)


def _fill(name: str) -> None:
    from django.db import connection

    from isthmus.publications.setup import prepare_site
    from isthmus.server.migrating import migrate

    migrate()
    prepare_site(name)
    connection.close()


def _make_folders(directory: Path) -> None:
    try:
        (directory / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
        (directory / "data").chmod(0o700)
        for folder in _DATA_FOLDERS:
            (directory / "data" / folder).mkdir(mode=0o700, exist_ok=True)
        for folder in ("templates", "static"):
            (directory / "theme" / folder).mkdir(parents=True, exist_ok=True)
        if not (directory / "theme" / "README.txt").exists():
            files.write_durably(directory / "theme" / "README.txt", _THEME_README.encode())
    except OSError as error:
        raise IsthmusError(
            f"{error.filename or directory} cannot be made ({error.strerror}): choose a directory you may write to."
        ) from error
