"""One name for the whole set of static files, made of their content, that stands in every address of one.

With the version in the path, relative addresses inside a stylesheet lead to the same version by themselves; hashing
each file's name was rejected, as it needs every stylesheet rewritten and a directory of copies.
"""

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path


def static_version(directories: Iterable[Path], *, packages: Iterable[str]) -> str:
    """Twelve hex digits over all files below the directories and the versions of the packages that bring more.

    Reads the files: some 400 kB take 1 ms. A change made while `serve` runs shows after its next start.
    """
    digest = hashlib.sha256()
    for package in packages:
        digest.update(f"{package} {version(package)}\n".encode())
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(directory)).encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
