"""Where the archive being read begins: the folder that the operator named, or that a packed one was opened into.

Sources that read a file for itself need it for two things only: a name of the file that is the same at every import,
and a bound for what they look at beside it.
"""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path

_ROOT: ContextVar[Path | None] = ContextVar("archive root", default=None)


def begin(root: Path) -> None:
    """Say where the archive begins, for all that is read by this process from now on."""
    _ROOT.set(root if root.is_dir() else root.parent)


def root_of(path: Path) -> Path:
    """The folder the archive begins with; that of the file itself where it is read alone."""
    root = _ROOT.get()
    return root if root is not None and path.is_relative_to(root) else path.parent
