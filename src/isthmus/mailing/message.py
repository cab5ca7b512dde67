"""The bytes of each delivery: the mailing's template, spliced with a person's address, reasons and signed links.

`sending` asks `render` for what it is about to hand over. Whoever makes a mailing builds its letter with `built` and
keeps it with `freeze`; digests and confirmations are composed here when they are due, once for all who get the same.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from isthmus.kit import clock, html
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import addresses, headers, links, reasons
from isthmus.mailing import dkim as _dkim
from isthmus.mailing.models import Delivery, Mailing, Told
from isthmus.mailing.models.people import EVERYTHING
from isthmus.mailing.splicing import Letter, Sender, Template, build, in_body, in_header
from isthmus.mailing.transports import Envelope
from isthmus.publications import context

# A button that nobody pressed for so long belongs to nobody.
CONFIRM_WITHIN = timedelta(days=7)
# Templates kept in memory, some 50 kB each; a digest has one for every list of pieces that somebody gets.
_MOST_KEPT = 64

_kept: OrderedDict[Hashable, Template] = OrderedDict()


class MessageMissing(IsthmusError):
    """A mailing that was never given its message."""


@dataclass(frozen=True, slots=True)
class _Person:
    """One delivery and who it is for."""

    delivery: int
    mailing: int
    kind: str
    subscriber: int
    email: str
    because: str


def sender() -> Sender:
    """Who sends the institute's mail, from its options and site settings."""
    options, site = settings.ISTHMUS, context.current_site()
    name, address = headers.split_sender(options.mail_from)
    domain = options.mail_list_domain or address.partition("@")[2] or urlsplit(site.public_url).hostname or "localhost"
    return Sender(
        name=name or site.name,
        address=address or f"isthmus@{domain}",
        reply_to=headers.split_sender(options.mail_reply_to)[1],
        list_domain=domain,
    )


def built(letter: Letter) -> Template:
    """The letter as the institute sends it, ready to be frozen or spliced."""
    return build(letter, sender())


def freeze(mailing: Mailing, template: Template) -> None:
    """Keep the built message with its mailing: what is sent does not change while it is sent."""
    mailing.message = template.to_bytes()
    mailing.save(update_fields=["message"])


def render(delivery_ids: Collection[int]) -> dict[int, Envelope]:
    """The envelopes of these deliveries, whatever mailings they belong to; two queries and what the mailings need.

    Left out are deliveries with nothing to send: of an erased person, of a digest whose pieces were all withdrawn.
    Raises: MessageMissing, TemplateBroken, dkim.KeyUnusable: no message of the mailing can go out.
    """
    people = _people(delivery_ids)
    template_of = _templates(people)
    shared = _Shared.now(people)
    return {
        person.delivery: shared.envelope(person, template_of[person.delivery])
        for person in people
        if person.delivery in template_of
    }


def sample(template: Template, email: str) -> bytes:
    """The message as it looks to somebody who is no subscriber: for its size, and for the pre-flight of a campaign."""
    person = _Person(0, 0, Mailing.Kind.TEST, 0, email, EVERYTHING)
    return _Shared.now([person]).envelope(person, template).message


def _people(delivery_ids: Collection[int]) -> list[_Person]:
    rows = Delivery.objects.filter(pk__in=list(delivery_ids), subscriber__isnull=False).order_by("pk")
    columns = ("pk", "mailing_id", "mailing__kind", "subscriber_id", "subscriber__email", "because")
    return [_Person(*row) for row in rows.values_list(*columns)]


def _templates(people: Sequence[_Person]) -> dict[int, Template]:
    """The template of each delivery that has one."""
    of_digests = [person for person in people if person.kind == Mailing.Kind.DIGEST]
    found = _digest_templates(of_digests)
    for person in people:
        if person.kind == Mailing.Kind.CONFIRMATION:
            found[person.delivery] = _confirmation_template()
        elif person.kind != Mailing.Kind.DIGEST:
            found[person.delivery] = _frozen(person.mailing)
    return found


def _frozen(mailing: int) -> Template:
    def read() -> Template:
        stored = Mailing.objects.filter(pk=mailing).values_list("message", flat=True).first()
        if not stored:
            raise MessageMissing(f"Mailing {mailing} has no message: cancel it and make it anew.")
        return Template.from_bytes(stored)

    return _keep(("frozen", mailing), read)


def _confirmation_template() -> Template:
    from isthmus.mailing import letters

    site = context.current_site()
    return _keep(("confirmation", site.name, site.logo_url, site.stylesheet_url), lambda: built(letters.confirmation()))


def _digest_templates(people: Sequence[_Person]) -> dict[int, Template]:
    """One template for all of a mailing who get the same pieces; pieces withdrawn meanwhile are left out."""
    from isthmus.mailing import letters
    from isthmus.publications import visibility

    if not people:
        return {}
    pieces: dict[int, list[int]] = defaultdict(list)
    told = Told.objects.filter(delivery__in=[person.delivery for person in people])
    for delivery, publication in told.order_by("publication_id").values_list("delivery_id", "publication_id"):
        pieces[delivery].append(publication)
    visible = visibility.visible_ids({number for numbers in pieces.values() for number in numbers})
    found = {}
    for person in people:
        numbers = tuple(number for number in pieces[person.delivery] if number in visible)
        if numbers:
            make = _digest_maker(letters.digest, person.mailing, numbers)
            found[person.delivery] = _keep(("digest", person.mailing, numbers), make)
    return found


def _digest_maker(
    compose: Callable[[Mailing, Sequence[int]], Letter], mailing: int, numbers: tuple[int, ...]
) -> Callable[[], Template]:
    return lambda: built(compose(Mailing.objects.defer("message").get(pk=mailing), numbers))


def _keep(key: Hashable, make: Callable[[], Template]) -> Template:
    """The template kept under this key, made where it is not; the one unused longest is let go."""
    template = _kept.pop(key, None) or make()
    _kept[key] = template
    if len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)
    return template


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all messages of one round have in common."""

    at: datetime
    date: bytes
    sender: Sender
    public_url: str
    secrets: Path
    bounces_to: str
    reason_of: Mapping[tuple[str, str], dict[str, bytes]]

    @classmethod
    def now(cls, people: Sequence[_Person]) -> _Shared:
        now = clock.now()
        return cls(
            at=now,
            date=format_datetime(now).encode(),
            sender=sender(),
            public_url=context.current_site().public_url,
            secrets=settings.DATA / "secrets",
            bounces_to=headers.split_sender(settings.ISTHMUS.mail_bounce_address)[1],
            reason_of=_reasons(people),
        )

    def envelope(self, person: _Person, template: Template) -> Envelope:
        """One person's message and the addresses on its envelope."""
        wire, needs_utf8 = _on_the_wire(person.email)
        message = template.splice(self._values(person, template, wire))
        options = settings.ISTHMUS
        if options.mail_dkim_selector:
            domain = self.sender.address.partition("@")[2]
            signer = _dkim.signer(domain, options.mail_dkim_selector, options.mail_dkim_key)
            message = signer.signed(message, at=self.at)
        return Envelope(self._return_path(person.delivery), wire, message, needs_utf8)

    def _return_path(self, delivery: int) -> str:
        return links.verp(delivery, self.bounces_to, self.secrets) if self.bounces_to else self.sender.address

    def _values(self, person: _Person, template: Template, wire: str) -> dict[str, bytes]:
        """A person's own, by the names of the marks; what this template has no place for is not made."""
        leave = self._leave_url(person) if template.names & {"leave", "unsubscribe"} else ""
        make: dict[str, Callable[[], bytes]] = {
            "to": lambda: in_header(wire),
            "date": lambda: self.date,
            "messageid": lambda: in_header(f"<d{person.delivery}.{person.mailing}@{self.sender.list_domain}>"),
            "unsubscribe": lambda: in_header(self._ways_to_leave(leave, person.delivery)).replace(b", ", b",\r\n "),
            "leave": lambda: in_body(leave),
            "preferences": lambda: in_body(self._link(links.preferences_path(person.subscriber, self.secrets))),
            "confirm": lambda: in_body(self._confirm_url(person.subscriber)),
        }
        own = {name: make[name]() for name in template.names if name in make}
        return {**own, **self.reason_of[person.kind, person.because]}

    def _link(self, path: str) -> str:
        return links.absolute(path, self.public_url)

    def _leave_url(self, person: _Person) -> str:
        """One press: what the mail was about, or all of it for a digest, which many subjects may have filled."""
        subject = EVERYTHING if person.kind == Mailing.Kind.DIGEST else person.because or EVERYTHING
        return self._link(links.one_click_path(person.subscriber, subject, self.secrets))

    def _ways_to_leave(self, leave: str, delivery: int) -> str:
        by_mail = f"<mailto:{self._return_path(delivery)}?subject=unsubscribe>" if self.bounces_to else ""
        return ", ".join(way for way in (f"<{leave}>", by_mail) if way)

    def _confirm_url(self, subscriber: int) -> str:
        return self._link(links.confirm_path(subscriber, self.secrets, expires_at=self.at + CONFIRM_WITHIN))


def _on_the_wire(email: str) -> tuple[str, bool]:
    """The address as it goes out. Nearly all are ASCII and as they were parsed; parsing again costs 100 µs."""
    if email.isascii():
        return email, False
    address = addresses.parse(email)
    return address.wire, address.needs_utf8


def _reasons(people: Sequence[_Person]) -> dict[tuple[str, str], dict[str, bytes]]:
    """The words after "because" as both parts hold them, by kind of mailing and subject."""
    found: dict[tuple[str, str], dict[str, bytes]] = {}
    for kind in {person.kind for person in people}:
        subjects = {person.because for person in people if person.kind == kind}
        said = reasons.words(subjects, is_campaign=kind in (Mailing.Kind.CAMPAIGN, Mailing.Kind.TEST))
        for subject, words in said.items():
            found[kind, subject] = {"becausehtml": in_body(html.escape(words)), "becausetext": in_body(words)}
    return found
