"""A provider's own interface, through django-anymail: the one module that knows it.

A provider takes fields and not bytes, so the finished message is read again. Its bounces come back as webhooks, which
find the delivery by the Message-ID that is sent along.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern
from importlib import import_module
from typing import Any

from isthmus.kit.errors import UsageError
from isthmus.mailing.transports import Envelope, Handed, Outcome

# Written from the message's own fields, or by the provider.
_OWN_FIELDS = frozenset({
    "from", "to", "subject", "reply-to", "date", "mime-version", "content-type", "content-transfer-encoding",
    "dkim-signature",
})  # fmt: skip
# Settings of the webhook, which are not the sender's.
_NOT_FOR_SENDING = ("webhook_secret", "webhook_signing_key")
_REFUSED = ("rejected", "invalid", "failed")
_TIMEOUT_S = 60


class AnymailTransport:
    """A provider that django-anymail knows, such as `postmark`."""

    def __init__(self, provider: str, given: Mapping[str, Any], *, connections: int = 4) -> None:
        """given: the provider's settings, as in the option `mail_provider`.

        Raises: UsageError where anymail is not installed, does not know the provider, or misses a setting.
        """
        self._provider = provider
        self._given = {name: value for name, value in given.items() if name not in _NOT_FOR_SENDING}
        self.max_connections = connections
        self._backend()

    @property
    def name(self) -> str:
        """As in the option."""
        return f"provider:{self._provider}"

    def connect(self) -> AnymailConnection:
        """Nothing is opened before the first message."""
        return AnymailConnection(self._backend(), self._provider)

    def _backend(self) -> Any:
        try:
            module = import_module(f"anymail.backends.{self._provider}")
        except ImportError as error:
            raise UsageError(
                f"mail_server = provider:{self._provider} needs a provider of django-anymail: install "
                "`isthmus[providers]`, or write a name from its documentation."
            ) from error
        from django.core.exceptions import ImproperlyConfigured

        try:
            return module.EmailBackend(**{"timeout": _TIMEOUT_S, **self._given})
        except (ImproperlyConfigured, TypeError) as error:
            missing = str(error).splitlines()[0]
            raise UsageError(
                f"mail_provider lacks a setting of {self._provider} ({missing}): write it there."
            ) from error


class AnymailConnection:
    """One session with the provider."""

    def __init__(self, backend: Any, provider: str) -> None:
        self._backend, self._provider = backend, provider

    def hand_over(self, envelope: Envelope) -> Handed:
        """Send one message; what the provider's answer means is in `_failed`."""
        try:
            message = _as_fields(envelope)
        except (ValueError, LookupError) as error:
            return Handed(Outcome.FAILED, _line(f"This message cannot be read again: {error}"))
        try:
            self._backend.send_messages([message])
        except Exception as error:  # noqa: BLE001 -- each provider has its own
            return _failed(error)
        status = message.anymail_status
        said = _line(f"{self._provider}: {', '.join(sorted(status.status or ['unknown']))} {status.message_id or ''}")
        is_refused = bool(status.status) and status.status <= set(_REFUSED)
        return Handed(Outcome.FAILED if is_refused else Outcome.SUBMITTED, said, is_of_address=is_refused)

    def close(self) -> None:
        """Sessions are opened and closed by the backend, message by message."""


def _as_fields(envelope: Envelope) -> Any:
    from anymail.message import AnymailMessage  # type: ignore[import-untyped]

    read = BytesParser(policy=modern).parsebytes(envelope.message)
    assert isinstance(read, EmailMessage)
    text, html = read.get_body(("plain",)), read.get_body(("html",))
    made = AnymailMessage(
        subject=str(read["Subject"] or ""),
        body=text.get_content() if text else "",
        from_email=str(read["From"]),
        to=[envelope.recipient],
        reply_to=[str(read["Reply-To"])] if read["Reply-To"] else None,
        headers={name: str(value) for name, value in read.items() if name.lower() not in _OWN_FIELDS},
        metadata={"isthmus": str(read["Message-ID"]).strip()},
    )
    if html:
        made.attach_alternative(html.get_content(), "text/html")
    return made


def _failed(error: Exception) -> Handed:
    """Answers that are no yes: of the account and the network, of the message, or of nobody knows."""
    from anymail import exceptions  # type: ignore[import-untyped]
    from requests import ConnectionError as NotConnected
    from requests import ConnectTimeout, RequestException

    said = _line(f"{type(error).__name__}: {error}")
    status = getattr(error, "status_code", None)
    if isinstance(error, exceptions.AnymailRecipientsRefused):
        return Handed(Outcome.FAILED, said, is_of_address=True)
    if isinstance(error, exceptions.AnymailInvalidAddress):
        return Handed(Outcome.FAILED, said, is_of_address=True)
    if status in (400, 413, 422):
        return Handed(Outcome.FAILED, said)
    if status is not None and status < 500:
        # 401, 403: the account; 429: too fast; 404: the address of the interface.
        return Handed(Outcome.RELAY_DOWN, said)
    if status == 503:
        return Handed(Outcome.RELAY_DOWN, said)
    if status is not None or isinstance(error, RequestException):
        is_before_the_request = isinstance(error, ConnectTimeout) or _never_connected(error, NotConnected)
        return Handed(Outcome.RELAY_DOWN if is_before_the_request else Outcome.UNCERTAIN, said)
    return Handed(Outcome.RELAY_DOWN, said)


def _never_connected(error: Exception, kind: type[Exception]) -> bool:
    """Whether the connection itself failed; a broken one says the same class, after the request may have been read."""
    return isinstance(error, kind) and "NewConnectionError" in f"{error!r} {error.__cause__!r}"


def _line(text: str) -> str:
    return " ".join(text.split())[:500]
