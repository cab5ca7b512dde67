"""Which tests xdist keeps in one process: those of a file, and all stories of one site.

An institute or a served site that a module or a story stands on is made once then, and not in each process. The mark
`xdist_group` would say it test by test, but pytest 9.2 no longer reads what xdist 3.8 writes for it.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from xdist.scheduler import LoadFileScheduling

_STORIES = PurePosixPath("tests/stories")
_USES_DEMO = {"test_demo.py", "test_every_page.py", "test_review_queue.py", "test_search.py"}


class BySite(LoadFileScheduling):
    """Shares out whole files, and the stories by the site they look at; the largest first."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """The name of the group that a test belongs to; nodeid: as pytest prints it."""
    path = PurePosixPath(nodeid.partition("::")[0])
    if path.parent == _STORIES:
        return "stories of the demo" if path.name in _USES_DEMO else "stories of an institute"
    return str(path)


def scheduler(config: Any, log: Any) -> BySite | None:
    """For `--dist loadfile`; None for any other way, which xdist then goes itself."""
    return BySite(config, log) if config.getvalue("dist") == "loadfile" else None
