"""`isthmus mail bounce`: one returned message from standard input, as a mail server's pipe hands it over."""

import argparse
import sys
from typing import Any

from isthmus.kit.errors import IsthmusError
from isthmus.server.commands.opening import open_institute, say

# sysexits.h: what mail servers understand. After 75 they keep the message and try again; after any other failure they
# would throw it away, since nobody is told of a bounce that bounces.
_NO_MESSAGE, _TRY_AGAIN = 65, 75


def add(actions: Any) -> None:
    """Declare the command below `mail`."""
    parser = actions.add_parser(
        "bounce",
        help="take one returned message from standard input",
        description="Reads one returned message from standard input and does what it says, if it came back to an "
        "address that Isthmus signed. For a mail server's pipe: it answers nobody, and exits with 75 where "
        "the message should be kept and tried again.",
    )
    parser.add_argument(
        "--recipient", metavar="ADDRESS", help="whom the mail server had it for; else Delivered-To and the like say it"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Take it; 0 once it is kept, 65 for no message at all, 75 for whatever may pass."""
    try:
        return _take(arguments)
    except IsthmusError as error:
        return _again(str(error))
    except Exception as error:  # noqa: BLE001 -- whatever fails here, the mail server must keep the message
        return _again(_sentence(error))


def _take(arguments: argparse.Namespace) -> int:
    open_institute(arguments)
    from isthmus.kit import clock
    from isthmus.mailing import returns

    raw = sys.stdin.buffer.read(returns.MAX_BYTES)
    if not raw.strip():
        say("isthmus: There is no message on standard input: pipe one into `isthmus mail bounce`.")
        return _NO_MESSAGE
    # The rest is not kept, but a mail server takes a pipe that closes early for a failure.
    while sys.stdin.buffer.read(1024 * 1024):
        pass
    row = returns.take(raw, source="pipe", envelope_to=arguments.recipient, now=clock.now())
    print(f"Kept as returned mail {row.pk}: {row.get_kind_display()}. {row.did}".rstrip())
    return 0


def _again(sentence: str) -> int:
    say(f"isthmus: {sentence}")
    return _TRY_AGAIN


def _sentence(error: Exception) -> str:
    if "django" in sys.modules:
        from isthmus.server.failures import sentence_for

        if sentence := sentence_for(error):
            return sentence
    return f"The message was not taken ({type(error).__name__}: {error}): it is tried again."
