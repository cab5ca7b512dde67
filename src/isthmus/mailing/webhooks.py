"""What a provider tells us of mail it sent: bounces and complaints, by webhook, checked and read by django-anymail.

Only the provider that sends for us is listened to, and only if its messages are signed or carry our password. Which
delivery an event is about stands in what we sent along with the message; the recipient must be that delivery's.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from isthmus.kit import clock
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import dsn, links, returns
from isthmus.mailing.addresses import AddressInvalid
from isthmus.mailing.models import Delivery, Returned
from isthmus.mailing.returns import Kind, Verdict

log = logging.getLogger(__name__)

PREFIX = "/mail/hooks/"
_PROVIDER = "provider:"
_MESSAGE_ID = re.compile(r"<?d([0-9]{1,18})\.([0-9]{1,18})@[^\s<>@]{1,255}>?", re.ASCII)
# Anymail's seven words. Sent, delivered, opened and clicked are nobody's business here, and are not kept.
_KINDS = {
    "complained": Kind.COMPLAINT,
    "unsubscribed": Kind.LEAVE,
    "autoresponded": Kind.AUTO_REPLY,
    "deferred": Kind.NOTICE,
    "failed": Kind.NOTICE,
}
# Why a provider refused by itself, mostly since it had bounced or been complained of before.
_REASONS = {
    "invalid": Kind.HARD,
    "bounced": Kind.HARD,
    "spam": Kind.COMPLAINT,
    "unsubscribed": Kind.LEAVE,
    "timed_out": Kind.SOFT,
}
_PASSING = re.compile(r"\b(soft|transient|temporar)", re.IGNORECASE)


class HookUnusable(IsthmusError):
    """The webhook of the provider cannot be listened to; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a provider says of one message, in anymail's words. words: the receiving server's, or the provider's."""

    what: str
    reason: str
    recipient: str
    words: str
    tags: tuple[str, ...]


@require_http_methods(["POST", "HEAD"])
def hook(request: HttpRequest, provider: str) -> HttpResponse:
    """Keep what a provider reports. 200 when all of it is durable; 400 for what it did not sign; else 404."""
    if provider != sends_for_us():
        raise Http404
    try:
        view = listener(provider)
    except HookUnusable as error:
        log.error("%s", error)
        raise Http404 from error
    if request.method == "HEAD":
        return HttpResponse()
    events = _events(view, request)
    if events is None:
        return HttpResponse("This is not signed by the provider, or cannot be read.\n", "text/plain", 400)
    for event in events:
        _keep(event, provider)
    return HttpResponse()


def trouble() -> str:
    """A sentence for `isthmus doctor` about a provider's webhook; empty where all is well or no provider is used."""
    try:
        if name := sends_for_us():
            listener(name)
    except HookUnusable as error:
        return str(error)
    return ""


def sends_for_us() -> str:
    """The provider that sends for us, in django-anymail's words; empty for none."""
    server = settings.ISTHMUS.mail_server
    return server.removeprefix(_PROVIDER) if server.startswith(_PROVIDER) else ""


def listener(provider: str) -> Any:
    """Anymail's view for this provider's reports, with the settings of `mail_provider`. Raises: HookUnusable."""
    try:
        module = import_module(f"anymail.webhooks.{provider}")
    except ImportError as error:
        raise HookUnusable(
            f"Bounces that {provider} reports are not heard: install `isthmus[providers]`, and see that it is one of "
            "django-anymail's names."
        ) from error
    found = [
        value for name, value in vars(module).items() if name.endswith(("TrackingWebhookView", "CombinedWebhookView"))
    ]
    given = settings.ISTHMUS.mail_provider
    try:
        view = found[0](**(json.loads(given) if given else {}))
    except (ImproperlyConfigured, ImportError, IndexError, ValueError, TypeError) as error:
        missing = (str(error).splitlines() or [type(error).__name__])[0]
        raise HookUnusable(
            f"Bounces that {provider} reports are not heard ({missing}): write what it needs into mail_provider."
        ) from error
    # Anymail only warns where anybody could report bounces, and so unsubscribe everybody.
    if view.warn_if_no_basic_auth and not view.basic_auth:
        raise HookUnusable(
            f"Bounces that {provider} reports are not heard, since anybody could forge them: write "
            f'"webhook_secret": "user:password" into mail_provider, and the same into the address at {provider}.'
        )
    return view


def event_of(given: Any) -> Event:
    """Anymail's event in the few words that count."""
    words = " ".join(str(word) for word in (given.mta_response, given.description, given.reject_reason) if word)
    tags = [*(given.metadata or {}).values()] if isinstance(given.metadata, Mapping) else []
    return Event(
        what=str(given.event_type),
        reason=str(given.reject_reason or ""),
        recipient=str(given.recipient or ""),
        words=" ".join(words.split())[:500],
        tags=tuple(str(tag)[:400] for tag in [*tags[:20], given.message_id or ""]),
    )


def kind_of(event: Event) -> Returned.Kind | None:
    """What kind of thing came back; None for what is no return, such as a delivery or an opening."""
    if event.what in _KINDS:
        return _KINDS[event.what]
    if event.what not in ("bounced", "rejected"):
        return None
    if event.what == "rejected":
        # Blocked and the like are about us: three of those must not suppress everybody.
        return _REASONS.get(event.reason, Kind.NOTICE)
    if dsn.first_code(event.words):
        return Kind(dsn.severity("", event.words))
    is_hard = event.reason in ("bounced", "invalid") and not _PASSING.search(event.words)
    return Kind.HARD if is_hard else Kind.SOFT


def delivery_of(event: Event) -> int | None:
    """The delivery an event is about: by an address we signed, or by our Message-ID and the person it went to."""
    secrets = settings.DATA / "secrets"
    signed = (links.read_verp(tag, secrets) for tag in event.tags)
    if (number := next((number for number in signed if number is not None), None)) is not None:
        return number
    return next((number for number in map(_numbered(event.recipient), event.tags) if number is not None), None)


def _numbered(recipient: str) -> Any:
    try:
        hashed = returns.hash_of(recipient)
    except AddressInvalid:
        hashed = ""

    def number(tag: str) -> int | None:
        found = _MESSAGE_ID.fullmatch(tag.strip())
        if found is None or not hashed:
            return None
        same = Delivery.objects.filter(pk=int(found[1]), mailing_id=int(found[2]), subscriber__address_hash=hashed)
        return int(found[1]) if same.exists() else None

    return number


def _events(view: Any, request: HttpRequest) -> list[Any] | None:
    """What a signed report holds; None for anything else."""
    view.setup(request)
    try:
        view.run_validators(request)
        return list(view.parse_events(request))
    except SuspiciousOperation as error:
        log.warning("A report to %s was turned away: %s", request.path, str(error)[:300])
    # Anymail takes a body apart as it comes, and says what is missing in as many ways as there are providers.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, ImproperlyConfigured) as error:
        log.warning("A report to %s cannot be read: %s", request.path, repr(error)[:300])
    return None


def _keep(given: Any, provider: str) -> None:
    event = event_of(given)
    kind = kind_of(event)
    if kind is not None:
        raw = _raw(given, event, provider)[: returns.MAX_BYTES]
        number = delivery_of(event)
        verdict = Verdict(kind if number else Kind.UNKNOWN, number, event.words)
        returns.keep(raw, verdict, source=provider, now=clock.now())


def _raw(given: Any, event: Event, provider: str) -> bytes:
    """The event as it came; the same bytes when the provider reports it again."""
    values = {
        "provider": provider,
        "event": event.what,
        "id": given.event_id,
        "recipient": event.recipient,
        "at": given.timestamp,
        "as it came": _plain(given.esp_event),
    }
    return json.dumps(values, default=str, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    lists: Iterable[tuple[str, list[str]]] | None = value.lists() if hasattr(value, "lists") else None
    return dict(lists) if lists is not None else value
