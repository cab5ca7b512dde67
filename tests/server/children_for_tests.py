"""Run by tests: a supervisor with two children that write their process numbers into a directory."""

import os
import signal
import sys
import time
from pathlib import Path

from isthmus.server import supervisor
from isthmus.server.supervisor import Child, Supervisor


def _child(place: Path, *, is_deaf: bool = False):
    def run():
        if is_deaf:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        else:
            signal.signal(signal.SIGTERM, lambda *_: (place.with_suffix(".stopped").touch(), os._exit(0)))
        place.write_text(str(os.getpid()))
        while True:
            time.sleep(0.05)

    return run


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    supervisor.STOP_WAIT_S = 1.0
    children = [
        Child("kind", _child(directory / "kind")),
        Child("other", _child(directory / "other", is_deaf="deaf" in sys.argv)),
    ]
    sys.exit(Supervisor(children).run())
