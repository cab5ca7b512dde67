"""The `isthmus` command: what can be typed, and how failures are said. Nothing heavy is loaded before it is needed."""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from isthmus import __version__
from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError
from isthmus.server.commands import ADD
from isthmus.server.commands.serve import port

_DESCRIPTION = "The publishing house of a policy research institute."
_EPILOG = "DIR is the institute's directory: ISTHMUS_DIR, else the current one. `isthmus COMMAND --help` tells more."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 failed, 2 asked for in a way that cannot work."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if not hasattr(arguments, "run"):
        parser.print_help(sys.stderr)
        return 2
    if arguments.dir is None and arguments.run is not _demo:
        arguments.dir = Path(os.environ.get("ISTHMUS_DIR") or ".")
    try:
        return int(arguments.run(arguments))
    except IsthmusError as error:
        return _say(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _say("Stopped.", 130)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain again while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 -- a traceback is for the log, not for the operator
        return _unexpected(error, arguments.dir or Path())


def build_parser() -> argparse.ArgumentParser:
    """Everything that can be typed; docs/reference/commands.md is written from it."""
    parser = _Parser(prog="isthmus", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"isthmus {__version__}")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="the institute's directory")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in ADD:
        add(commands)
    _add_demo(commands)
    return parser


class _Parser(argparse.ArgumentParser):
    """argparse that says what was probably meant, in one sentence."""

    def error(self, message: str) -> NoReturn:
        """End with 2."""
        for group in self._groups():
            if message == f"the following arguments are required: {group.metavar}":
                message = f"say what to do, one of {', '.join(group.choices)}"
        end = "" if message.endswith("?") else "."
        self.exit(2, f"isthmus: {message[:1].upper()}{message[1:]}{end} See `{self.prog} --help`.\n")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """The arguments; what is not understood is answered with what was probably meant."""
        words = list(sys.argv[1:] if args is None else args)
        if (before := self._unknown_before_command(words)) is not None:
            self.error(self._about(before))
        found, unknown = self.parse_known_args(words, namespace)
        if unknown:
            self.error(self._about(unknown[0]))
        return found

    def _unknown_before_command(self, words: list[str]) -> str | None:
        """argparse would take the value of an unknown option for the command, and complain of that."""
        at = 0
        while at < len(words) and words[at].startswith("-"):
            name, is_joined, _ = words[at].partition("=")
            known = [action for option, action in self._option_string_actions.items() if option.startswith(name)]
            if not known:
                return words[at]
            at += 1 if is_joined or known[0].nargs == 0 else 2
        return None

    def _about(self, word: str) -> str:
        name = word.partition("=")[0]
        if not word.startswith("-"):
            return f"{word!r} is one word too many, put words that belong together into quotation marks"
        if name in self._option_string_actions:
            return f"{name} stands before the command, as in `{self.prog} {name} DIR serve`"
        options = [option for parser in self._all_parsers() for option in parser._option_string_actions]
        near = get_close_matches(name, options, n=1)
        return f"there is no {word}" + (f", did you mean {near[0]}?" if near else "")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        names = [str(name) for name in action.choices]
        near = get_close_matches(str(value), names, n=1)
        instead = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        what = "command" if isinstance(action, argparse._SubParsersAction) else str(action.metavar or action.dest)
        self.error(f"there is no {what.lower()} {value!r}, {instead}")

    def _all_parsers(self) -> list[argparse.ArgumentParser]:
        return [self, *(parser for group in self._groups() for parser in group.choices.values())]

    def _groups(self) -> list[Any]:
        return [action for action in self._actions if isinstance(action, argparse._SubParsersAction)]


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser(
        "demo",
        help="show the invented institute, with a login for its editor",
        description="Makes and serves an invented institute, kept between starts in ~/.local/share/isthmus/demo or in "
        "the DIR given with --dir; one piece is released 90 seconds after each start.",
    )
    demo.add_argument("--port", type=port, default=8000, metavar="N", help="the port on 127.0.0.1")
    demo.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    from isthmus.demo import commands

    return commands.demo(arguments)


def _say(sentence: str, status: int) -> int:
    sys.stdout.flush()
    print(f"isthmus: {sentence}", file=sys.stderr)
    return status


def _unexpected(error: Exception, directory: Path) -> int:
    """Say in a sentence what nobody foresaw; the traceback goes to the institute's log."""
    if (sentence := _known_cause(error)) is not None:
        return _say(sentence, 1)
    said = str(error).strip().splitlines()
    what = f"{type(error).__name__}: {said[0][:200]}" if said else type(error).__name__
    log = _log(directory, "".join(traceback.format_exception(error)))
    return _say(f"Something failed that should not have ({what}): {log}.", 1)


def _known_cause(error: Exception) -> str | None:
    # Only where the database was loaded can the database have failed.
    if "django" in sys.modules:
        from isthmus.server.failures import sentence_for

        if (sentence := sentence_for(error)) is not None:
            return sentence
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}; see that it is there and that this user may use it."
    return None


def _log(directory: Path, text: str) -> str:
    """Append to data/logs/errors.log; says where the details are, or gives them itself if there is no place."""
    path = directory / "data" / "logs" / "errors.log"
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"--- {clock.now():%Y-%m-%d %H:%M:%S} UTC, isthmus {__version__}\n{text}")
    except OSError:
        print(text, file=sys.stderr)
        return "please report it with the lines above"
    return f"please report it with the end of {path}"


if __name__ == "__main__":
    sys.exit(main())
