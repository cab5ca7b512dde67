"""Keys of the installation: made once, 0600, in data/secrets; they travel in the backup."""

import secrets
from pathlib import Path

from isthmus.kit import files


def django_key(directory: Path) -> str:
    """The key that signs sessions; made when the institute's directory exists and has none yet.

    Without an institute (printing help, running checks) a key that lives as long as the process.
    """
    path = directory / "django.key"
    if path.is_file():
        return path.read_text(encoding="ascii").strip()
    key = secrets.token_urlsafe(50)
    if directory.is_dir():
        files.write_durably(path, key.encode("ascii"), mode=0o600)
    return key
