"""Mail as files: until a mail server is set, every message is a whole `.eml` file in `data/outbox/`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from secrets import token_hex

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from isthmus.kit import clock, files


class Outbox(BaseEmailBackend):
    """Django's mail backend for an institute that has no mail server yet."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each message durably; returns how many. Raises: kit.files.DiskFull, unless told to fail silently."""
        directory = Path(settings.EMAIL_FILE_PATH)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        n_written = 0
        for message in email_messages:
            if not message.recipients():
                continue
            try:
                files.write_durably(directory / _name(), message.message().as_bytes(linesep="\r\n"), mode=0o600)
                n_written += 1
            except (OSError, files.DiskFull):
                if not self.fail_silently:
                    raise
        return n_written


def written(directory: Path) -> Iterable[Path]:
    """The messages in an outbox, oldest first."""
    return sorted(directory.glob("*.eml"))


def _name() -> str:
    return f"{clock.now():%Y%m%dT%H%M%S.%fZ}-{token_hex(4)}.eml"
