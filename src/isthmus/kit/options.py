"""Every option of Isthmus: one table, read from `isthmus.toml`, `ISTHMUS_*` variables and secret files.

The fields of `Options` are the table; documentation, the first `isthmus.toml` and the checks are made from them.
No other module reads a setting from the file or from the environment.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from dataclasses import field as dataclass_field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from isthmus.kit import files
from isthmus.kit.errors import UsageError
from isthmus.kit.option_values import (
    absolute_url,
    database_address,
    host_name,
    language_tag,
    mail_sender,
    network,
    one_line,
    parse,
    shown,
    toml,
)
from isthmus.kit.publication_kinds import DEFAULT_KINDS, Kind, KindError, kinds_from

FILE_NAME = "isthmus.toml"
PREFIX = "ISTHMUS_"
# Read by others: where the institute is, and what only our own tests set.
_NOT_OPTIONS = ("ISTHMUS_DIR", "ISTHMUS_TEST_")


class OptionsError(UsageError):
    """An option that does not exist or cannot have the value given; Isthmus does not start."""


@dataclass(frozen=True)
class Option:
    """One row of the table.

    kind: str, int, float, bool, choice, url, zone, list or kinds.
    minimum, maximum: bounds, both inclusive, of a number.
    check: raises ValueError, with what to write instead, for a text (or an item of a list) that cannot be meant.
    secret: never shown in messages.
    """

    name: str
    kind: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    secret: bool = False
    check: Callable[[str], None] | None = None

    @property
    def variable(self) -> str:
        """Its environment variable; the same with `_FILE` names a file that holds the value."""
        return PREFIX + self.name.upper()


def _option(kind: str, default: Any, help: str, **more: Any) -> Any:
    return dataclass_field(default=default, metadata={"kind": kind, "help": help, **more})


@dataclass(frozen=True)
class Options:
    """What the operator decided, each value checked; lists are tuples, `_s` seconds, `_ms` milliseconds."""

    directory: Path
    name: str = _option("str", "Institute", "The institute's name until the editors set one.", check=one_line)
    public_url: str = _option(
        "url",
        "",
        "Where readers find the site, no path; used in feeds, sitemap, canonical links and mail. "
        "Empty means `http://localhost:PORT`.",
        check=absolute_url,
    )
    admin_base_url: str = _option(
        "url",
        "",
        "Where editors find `/admin/`, used in mails to them. Empty means `public_url`.",
        check=absolute_url,
    )
    language: str = _option(
        "str",
        "en",
        "Language of the site's own words and of pieces that name none.",
        check=language_tag,
    )
    time_zone: str = _option("zone", "UTC", "The institute's zone, by its IANA name, such as `Asia/Seoul`.")
    database: str = _option(
        "str",
        "sqlite",
        "`sqlite` (a file in `data/`) or `postgresql://user:password@host:5432/name`.",
        secret=True,
        check=database_address,
    )
    sqlite_journal: str = _option(
        "choice",
        "auto",
        "`auto` takes the rollback journal where the linked SQLite has the WAL-reset bug, else WAL.",
        choices=("auto", "wal", "rollback"),
    )
    listing_page_size: int = _option("int", 20, "Publications on one page of a listing.", minimum=5, maximum=100)
    excerpt_max_chars: int = _option(
        "int",
        280,
        "Characters of the excerpt under a title in listings and feeds.",
        minimum=40,
        maximum=2000,
    )
    feed_items: int = _option("int", 20, "Publications in one feed.", minimum=1, maximum=200)
    search_commit_interval_ms: int = _option(
        "int",
        500,
        "How long changes wait to be committed to the search index together.",
        minimum=10,
        maximum=60_000,
    )
    worker_poll_interval_ms: int = _option(
        "int", 1000, "How often the worker looks for work that is due.", minimum=100, maximum=60_000
    )
    lease_s: int = _option(
        "int",
        60,
        "After how long without a sign of life a worker's task goes to another.",
        minimum=5,
        maximum=3600,
    )
    trusted_proxies: tuple[str, ...] = _option(
        "list",
        (),
        "Networks whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`.",
        check=network,
    )
    login_attempts: int = _option(
        "int",
        5,
        "Failed logins of one account before it must wait; of one network, four times as many.",
        minimum=1,
        maximum=100,
    )
    login_window_s: int = _option("int", 900, "How long failed logins are remembered.", minimum=60, maximum=86_400)
    mail_from: str = _option(
        "str",
        "",
        "Sender of the institute's mail. Empty: mail goes to `data/outbox/`.",
        check=mail_sender,
    )
    upload_max_bytes: int = _option(
        "int",
        50 * 1024 * 1024,
        "Largest file an editor may upload.",
        minimum=1024,
        maximum=5 * 1024**3,
    )
    image_max_pixels: int = _option(
        "int",
        64_000_000,
        "Largest picture, width times height.",
        minimum=10_000,
        maximum=400_000_000,
    )
    embed_hosts: tuple[str, ...] = _option(
        "list",
        (
            "www.youtube-nocookie.com",
            "www.youtube.com",
            "player.vimeo.com",
            "w.soundcloud.com",
            "open.spotify.com",
            "embed.podcasts.apple.com",
            "datawrapper.dwcdn.net",
        ),
        "Hosts whose players and charts may stand in a piece; any other becomes a link.",
        check=host_name,
    )
    kinds: dict[str, Kind] = dataclass_field(
        default_factory=lambda: dict(DEFAULT_KINDS),
        metadata={
            "kind": "kinds",
            "help": "Kinds of publication, each a table `[kinds.<name>]`; see below.",
        },
    )


def _table() -> Iterator[Option]:
    for field in fields(Options):
        if field.metadata:
            default = field.default if field.default is not MISSING else DEFAULT_KINDS
            yield Option(name=field.name, default=default, **field.metadata)


OPTIONS: tuple[Option, ...] = tuple(_table())
_BY_NAME = {option.name: option for option in OPTIONS}


def load(directory: Path, environ: Mapping[str, str]) -> Options:
    """The options of the institute in `directory`: default < isthmus.toml < ISTHMUS_NAME < ISTHMUS_NAME_FILE.

    A missing file means defaults; an empty variable counts as not set.
    Raises: OptionsError, naming the file or variable, the value, and what to write instead.
    """
    values = _from_file(directory / FILE_NAME)
    values |= _from_environment(environ)
    return Options(directory=directory, **values)


def reference_markdown() -> str:
    """The tables of options and kinds for docs/reference/options.md."""
    rows = ["| Option | Variable | Default | What it is |", "| --- | --- | --- | --- |"]
    for option in OPTIONS:
        default, variable = shown(option.default), f"`{option.variable}`"
        if option.kind == "kinds":
            default, variable = "see below", "—"
        rows.append(f"| `{option.name}` | {variable} | {default} | {_explained(option)} |")
    rows += ["", "| Kind | Label | Fields |", "| --- | --- | --- |"]
    for kind in DEFAULT_KINDS.values():
        declared = ", ".join(f"`{field.name}` ({field.type})" for field in kind.fields) or "—"
        rows.append(f"| `{kind.name}` | {kind.label}, {kind.plural} | {declared} |")
    return "\n".join(rows) + "\n"


def write_initial(path: Path, name: str, url: str) -> None:
    """Write a first isthmus.toml: name and address set, every other option there as a comment with its default.

    url: empty leaves `public_url` at its default.
    Raises: OptionsError for an impossible name or address; kit.files.DiskFull.
    """
    given = {"name": name} | ({"public_url": url} if url else {})
    checked = {key: _value(_BY_NAME[key], value, where="The command line") for key, value in given.items()}
    lines = ["# The options of this institute. A line that starts with # shows a default.", ""]
    for option in OPTIONS:
        if option.kind == "kinds":
            continue
        is_set = option.name in checked
        value = toml(checked[option.name] if is_set else option.default)
        lines += [f"# {_explained(option)}", f"{'' if is_set else '# '}{option.name} = {value}", ""]
    lines += ["# A kind of publication of your own, with its fields:", *_KIND_EXAMPLE]
    files.write_durably(path, "\n".join(lines).encode())


_KIND_EXAMPLE = (
    "# [kinds.brief]",
    '# label = "Policy brief"',
    '# plural = "Policy briefs"',
    '# fields = [{ name = "number", label = "Number", type = "number" }]',
    "",
)


def _explained(option: Option) -> str:
    if option.choices:
        return f"{option.help} One of: {', '.join(option.choices)}."
    if option.minimum is not None:
        return f"{option.help} From {option.minimum} to {option.maximum}."
    return option.help


def _from_file(path: Path) -> dict[str, Any]:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OptionsError(f"{path} cannot be read ({error.strerror}): give this user the right to read it.") from error
    except UnicodeDecodeError as error:
        raise OptionsError(f"{path} is not UTF-8 text at byte {error.start}: save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise OptionsError(f"{path} is not valid TOML: {error}; correct that place.") from error
    return {name: _from_toml(name, value, path) for name, value in written.items()}


def _from_toml(name: str, value: Any, path: Path) -> Any:
    option = _known(name, where=str(path), names=list(_BY_NAME))
    if option.kind != "kinds":
        return _value(option, value, where=str(path))
    try:
        return kinds_from(value)
    except KindError as error:
        raise OptionsError(f"{path}: {error}") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    # In name order NAME comes before NAME_FILE, so the secret file wins.
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and not variable.startswith(_NOT_OPTIONS) and environ[variable]:
            option, is_file = _for_variable(variable)
            text = _secret_in(Path(environ[variable]), variable) if is_file else environ[variable]
            values[option.name] = _value(option, text, where=variable)
    return values


def _for_variable(variable: str) -> tuple[Option, bool]:
    name = variable.removeprefix(PREFIX).lower()
    names = [option.name for option in OPTIONS if option.kind != "kinds"]
    if name == "kinds":
        raise OptionsError(f"{variable} cannot be used: write the kinds as tables [kinds.<name>] in {FILE_NAME}.")
    if name not in names and name.removesuffix("_file") in names:
        return _BY_NAME[name.removesuffix("_file")], True
    return _known(name, where="The environment", names=names, variable=variable), False


def _known(name: str, *, where: str, names: list[str], variable: str = "") -> Option:
    if name in names:
        return _BY_NAME[name]
    near = [_BY_NAME[found].variable if variable else found for found in get_close_matches(name, names, n=1)]
    instead = f"did you mean {near[0]}?" if near else "remove it, or see the list in docs/reference/options.md."
    raise OptionsError(f"{where} sets {variable or name}, which is not an option: {instead}")


def _secret_in(path: Path, variable: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OptionsError(f"{variable} names {path}, which cannot be read as text: {error}; correct it.") from error


def _value(option: Option, value: Any, *, where: str) -> Any:
    try:
        return parse(
            value,
            option.kind,
            choices=option.choices,
            minimum=option.minimum,
            maximum=option.maximum,
            check=option.check,
        )
    except ValueError as error:
        said = "a value (kept secret here)" if option.secret else toml(value)
        raise OptionsError(f"{where} sets {option.name} to {said}, which cannot be: write {error}.") from error
