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

from isthmus.kit.errors import UsageError
from isthmus.kit.option_values import (
    absolute_url,
    database_address,
    host_name,
    language_tag,
    mail_sender,
    mail_server,
    network,
    one_line,
    parse,
    time_of_day,
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
        "int", 60, "After how long without a sign of life a worker's task goes to another.", minimum=5, maximum=3600
    )
    trusted_proxies: tuple[str, ...] = _option(
        "list",
        (),
        "Networks whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`.",
        check=network,
    )
    cache_purge_url: str = _option(
        "url",
        "",
        "Where a cache before this site, such as Varnish, is told by PURGE which pages changed: "
        "`http://127.0.0.1:6081`. Empty: there is none.",
        check=absolute_url,
    )
    front_memory_max_bytes: int = _option(
        "int",
        64 * 1024 * 1024,
        "Memory for pages that are sent without asking Django; those beyond it come from disk.",
        minimum=1024 * 1024,
        maximum=64 * 1024**3,
    )
    log_format: str = _option(
        "choice",
        "text",
        "How the log is written: `text` for people, `json` for programs, an object a line.",
        choices=("text", "json"),
    )
    access_log: str = _option(
        "str",
        "",
        "File for a line a request in the combined format, such as `data/logs/access.log`, or `stdout`. Empty: none.",
        check=one_line,
    )
    access_log_addresses: bool = _option("bool", False, "Whether the access log says which address asked.")
    login_attempts: int = _option(
        "int",
        5,
        "Failed logins of one account before it must wait; of one network, four times as many.",
        minimum=1,
        maximum=100,
    )
    login_window_s: int = _option("int", 900, "How long failed logins are remembered.", minimum=60, maximum=86_400)
    second_factor: str = _option(
        "choice",
        "optional",
        "Who must log in with a second step (an authenticator app): `all`, `publishers` (whoever may release, send or "
        "keep logins), or nobody who has not set one up.",
        choices=("optional", "publishers", "all"),
    )
    audit_keep_days: int = _option(
        "int",
        730,
        "How long the audit log is kept, in days; the database refuses to lose an entry before 30.",
        minimum=30,
        maximum=36_500,
    )
    mail_from: str = _option(
        "str",
        "",
        "Sender of the institute's mail. Empty: mail goes to `data/outbox/`.",
        check=mail_sender,
    )
    mail_server: str = _option(
        "str",
        "",
        "Where mail is handed over: `smtp://user:password@host:587` (STARTTLS if offered; `smtps://` for TLS from the "
        "start, `smtp+tls://` to insist on STARTTLS), `provider:NAME` for one of django-anymail's, or empty for files "
        "in `data/outbox/`.",
        secret=True,
        check=mail_server,
    )
    mail_provider: str = _option(
        "str",
        "",
        'The provider\'s settings as JSON, such as `{"api_key": "…", "webhook_secret": "user:password"}`.',
        secret=True,
    )
    mail_connections: int = _option(
        "int", 4, "Connections to the mail server kept open while mail is sent.", minimum=1, maximum=50
    )
    mail_rate_per_s: int = _option(
        "int", 0, "Most messages handed over in a second; 0 for as many as go.", minimum=0, maximum=100_000
    )
    mail_list_domain: str = _option(
        "str",
        "",
        "Domain of List-Id and Message-ID. Empty means that of `mail_from`, else of `public_url`.",
    )
    mail_bounce_address: str = _option(
        "str",
        "",
        "Where bounces come back to, such as `bounce@mail.example.org`, whose `bounce+…` must arrive there too. "
        "Empty means the sender, unsigned.",
        check=mail_sender,
    )
    mail_bounce_maildir: str = _option("str", "", "A Maildir that returned mail is read from; empty for none.")
    mail_reply_to: str = _option("str", "", "Where answers of readers go. Empty means `mail_from`.", check=mail_sender)
    mail_postal_address: str = _option(
        "str", "", "The institute's postal address, printed at the foot of every mail; many countries ask for it."
    )
    mail_dkim_selector: str = _option(
        "str", "", "Selector of the DKIM record; empty where the mail server signs. Needs `isthmus[dkim]`."
    )
    mail_dkim_key: str = _option(
        "str", "", "The DKIM private key, PEM; best as `ISTHMUS_MAIL_DKIM_KEY_FILE`.", secret=True
    )
    mail_campaign_uncertain: str = _option(
        "choice",
        "wait",
        "What becomes of a campaign's uncertain deliveries: `wait` for the editor, or send `again` by itself.",
        choices=("wait", "again"),
    )
    digest_at: str = _option(
        "str", "07:00", "When daily and weekly digests go out, in the institute's zone.", check=time_of_day
    )
    digest_weekday: str = _option(
        "choice",
        "monday",
        "Day of the weekly digest.",
        choices=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    )
    sign_ups_per_network: int = _option(
        "int", 20, "Confirmations sent in a day to sign-ups from one network.", minimum=1, maximum=100_000
    )
    sign_ups_per_day: int = _option("int", 2000, "Confirmations sent in a day in all.", minimum=1, maximum=1_000_000)
    upload_max_bytes: int = _option(
        "int", 50 * 1024 * 1024, "Largest file an editor may upload.", minimum=1024, maximum=5 * 1024**3
    )
    image_max_pixels: int = _option(
        "int", 64_000_000, "Largest picture, width times height.", minimum=10_000, maximum=400_000_000
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


def checked_value(name: str, value: Any, *, where: str) -> Any:
    """The value of an option as the program uses it. Raises: OptionsError, which begins with `where`."""
    return _value(_BY_NAME[name], value, where=where)
