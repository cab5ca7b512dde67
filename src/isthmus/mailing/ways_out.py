"""The transport that the options name: a mail server, a provider, or files until there is one."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from isthmus.mailing.transports import Transport

_PROVIDER = "provider:"


def transport() -> Transport:
    """As `mail_server` says. Raises: UsageError for a provider that is unknown, or not installed."""
    server = settings.ISTHMUS.mail_server
    if not server:
        from isthmus.mailing.transports.files import FilesTransport

        return FilesTransport(Path(settings.EMAIL_FILE_PATH))
    n = settings.ISTHMUS.mail_connections
    if server.startswith(_PROVIDER):
        from isthmus.mailing.transports.anymail import AnymailTransport

        given = settings.ISTHMUS.mail_provider
        return AnymailTransport(server.removeprefix(_PROVIDER), json.loads(given) if given else {}, connections=n)
    from isthmus.mailing.transports.smtp import SmtpTransport

    return SmtpTransport(server, hello=_our_name(), connections=n)


def _our_name() -> str:
    """How we introduce ourselves: as the site is called, since asking the network who we are may take seconds."""
    return settings.ISTHMUS.mail_list_domain or urlsplit(settings.PUBLIC_URL).hostname or "localhost"
