"""What is looked at before a campaign goes out: a verdict on each, and what to do. Nothing is asked of the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from html import unescape
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings

from isthmus.kit import text
from isthmus.mailing import audience, headers, letters, message, pictures_sent, splicing
from isthmus.mailing.models import Campaign
from isthmus.publications import context, visibility
from isthmus.publications.models import FormerAddress, Image, Publication

Verdict = Literal["ok", "note", "blocks"]
# Gmail cuts a message whose HTML is longer than 102 kB, and the links for leaving with it.
MAX_BYTES = 100_000
_MAX_SUBJECT_CHARS = 70
_HREF = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
_LINKED_PIECE = re.compile(r'linktype="publication"[^>]*\bid="([0-9]+)"|\bid="([0-9]+)"[^>]*linktype="publication"')
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one thing. sentence: for an editor: what is so and, where it is not well, what to do."""

    what: str
    verdict: Verdict
    sentence: str


_Found = tuple[Verdict, str]


class _Draft:
    """A campaign as it would go out, built once for all that look at it.

    at: when it goes out; what is released by then counts as released.
    """

    def __init__(self, campaign: Campaign, now: datetime, at: datetime | None) -> None:
        self.campaign, self.now, self.at = campaign, now, at or now

    @cached_property
    def letter(self) -> splicing.Letter:
        """As `letters` composes it, with a web address as long as the real one."""
        return letters.campaign(self.campaign, web_path="/mail/" + (self.campaign.web_slug or "letter") + "/")

    @cached_property
    def sample(self) -> bytes:
        """The whole message as one person would get it."""
        return message.sample(message.built(self.letter), "reader@example.org")

    @cached_property
    def pieces(self) -> set[int]:
        """Numbers of all publications that it shows or links to."""
        return set(_chosen(self.campaign)) | set(_linked(self.campaign))

    @cached_property
    def images(self) -> dict[int, Image]:
        """Pictures in blocks of its own, by number."""
        return Image.objects.in_bulk(pictures_sent.of_campaign(self.campaign))


def of_campaign(campaign: Campaign, *, now: datetime, at: datetime | None = None) -> list[Finding]:
    """Everything that is looked at, in the order an editor would; at: when it is to go out, else now."""
    draft = _Draft(campaign, now, at)
    return [Finding(what, *look(draft)) for what, look in _CHECKS]


def blocking(campaign: Campaign, *, now: datetime, at: datetime | None = None) -> list[Finding]:
    """What stops it from being sent."""
    return [finding for finding in of_campaign(campaign, now=now, at=at) if finding.verdict == "blocks"]


def _subject(draft: _Draft) -> _Found:
    subject = headers.clean(draft.campaign.title)
    if not subject:
        return "blocks", "The subject is empty: write one."
    if len(subject) > _MAX_SUBJECT_CHARS:
        return "note", f"The subject has {len(subject)} characters, and telephones show some 40: put first what counts."
    return "ok", f"“{subject}”."


def _content(draft: _Draft) -> _Found:
    if not draft.campaign.body.raw_data:
        return "blocks", "There is nothing in it yet: add a block."
    words = len(draft.letter.text.split())
    return "ok", f"{words} words, and a text part for programs that show no HTML."


def _audience(draft: _Draft) -> _Found:
    if not draft.campaign.audience:
        return "blocks", "Nobody is chosen: say who gets it, under Audience."
    found = audience.of_subjects(draft.campaign.audience, now=draft.now)
    if not found.n_reached:
        return "blocks", "Nobody would get it: there is no confirmed subscriber whom that audience reaches."
    return "ok", f"{text.plural(found.n_reached, 'person', 'people')} would get it if it went out now."


def _sender(draft: _Draft) -> _Found:
    options = settings.ISTHMUS
    if not options.mail_server:
        return "note", "No mail server is set, so mails wait in the mailbox for nobody: set the option mail_server."
    if not options.mail_from:
        return "blocks", "No sender is set: set the option mail_from."
    return "ok", f"It comes from {options.mail_from}."


def _proof(draft: _Draft) -> _Found:
    """What receivers compare (SPF, DKIM, DMARC) as far as options tell; the records themselves stand in the DNS."""
    options = settings.ISTHMUS
    domain = headers.split_sender(options.mail_from)[1].partition("@")[2]
    if not options.mail_server or not domain:
        return "note", "Not looked at, since nothing leaves this machine yet."
    bounce = headers.split_sender(options.mail_bounce_address)[1].partition("@")[2] or domain
    unknown = "Whether the DNS names your mail server (SPF) and has key and policy (DKIM, DMARC) cannot be seen here."
    if not _is_aligned(bounce, domain):
        return "note", (
            f"Bounces go to {bounce} and the sender is at {domain}, so SPF does not count for DMARC: "
            f"use an address below {domain}. {unknown}"
        )
    if not options.mail_dkim_selector:
        return "note", f"Isthmus does not sign (mail_dkim_selector is empty): see that your mail server does. {unknown}"
    return "ok", f"Signed for {domain} with the selector {options.mail_dkim_selector}, and bounces align. {unknown}"


def _is_aligned(one: str, other: str) -> bool:
    """One is the other or below it, which is all that DMARC's relaxed mode asks (RFC 7489, 3.1)."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _size(draft: _Draft) -> _Found:
    size = max(draft.letter.n_html_bytes, 0)
    said = f"{len(draft.sample) / 1000:.0f} kB, of which the HTML is {size / 1000:.0f} kB"
    if size > MAX_BYTES:
        return "blocks", f"It has {said}; Gmail cuts what is above {MAX_BYTES // 1000} kB: shorten it."
    return "ok", f"{said}; pictures are not counted, since they are loaded."


def _pieces(draft: _Draft) -> _Found:
    hidden = draft.pieces - visibility.visible_ids(draft.pieces)
    later = {row.pk: row for row in Publication.objects.filter(pk__in=hidden)}
    too_late = [later.get(number) for number in hidden if not _is_out_by(later.get(number), draft.at)]
    if None in too_late:
        return "blocks", "A piece in it was deleted: take it out."
    if too_late:
        titles = sorted(row.draft_title for row in too_late if row)
        return "blocks", f"“{titles[0]}” is not public: release it first, or take it out ({len(titles)} in all)."
    if hidden:
        return "note", f"{text.plural(len(hidden), 'piece is', 'pieces are')} released before this goes out."
    return "ok", f"{text.plural(len(draft.pieces), 'piece', 'pieces')}, all of them public."


def _is_out_by(piece: Publication | None, at: datetime) -> bool:
    revision = piece.scheduled_revision if piece is not None else None
    return revision is not None and revision.approved_go_live_at <= at


def _links(draft: _Draft) -> _Found:
    urls = [unescape(url) for url in _HREF.findall(draft.letter.html)]
    typed = [url for url in urls if draft.letter.marks.nonce not in url]
    broken = [url for url in typed if not _is_whole(url)]
    if broken:
        return "blocks", f"“{text.shorten(broken[0], 60)}” leads nowhere from a mail: write the whole address."
    hidden = [url for url in typed if _leads_to_hidden(url)]
    if hidden:
        return "blocks", f"{text.shorten(hidden[0], 80)} is not public: release it first, or take the link out."
    host = urlsplit(context.current_site().public_url).hostname or ""
    if host in _LOCAL_HOSTS:
        verdict: Verdict = "blocks" if settings.ISTHMUS.mail_server else "note"
        return verdict, f"Links lead to {host}, which only this machine can open: set the option public_url."
    return "ok", f"{text.plural(len(set(typed)), 'address', 'addresses')}, all of them whole."


def _is_whole(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.netloc) if parts.scheme in ("http", "https") else parts.scheme in ("mailto", "tel")


def _leads_to_hidden(url: str) -> bool:
    """Whether it is the address of a piece of ours that readers would not find; only addresses with a piece's slug."""
    parts = urlsplit(url)
    if parts.netloc != urlsplit(context.current_site().public_url).netloc:
        return False
    segments = parts.path.strip("/").split("/")
    if len(segments) != 2 or FormerAddress.objects.filter(path=parts.path).exists():
        return False
    at_path = Publication.objects.filter(slug=segments[1])
    here = at_path.filter(series=None) if segments[0] == "publications" else at_path.filter(series__slug=segments[0])
    found = list(here.values_list("pk", flat=True))
    return bool(found) and not visibility.visible_ids(found)


def _image_words(draft: _Draft) -> _Found:
    blocks = [block["value"] for block in draft.campaign.body.raw_data if block["type"] == "image"]
    shown = [block for block in blocks if block.get("image") in draft.images]
    bare = [block for block in shown if not (block.get("alt") or draft.images[block["image"]].alt_text)]
    if bare:
        return "note", (
            f"{text.plural(len(bare), 'picture has', 'pictures have')} no words for people who do not see it: "
            "add some, unless it says nothing."
        )
    if not shown:
        return "ok", "There are no pictures."
    return "ok", f"{text.plural(len(shown), 'picture', 'pictures')}, each with words for people who do not see it."


def _image_gate(draft: _Draft) -> _Found:
    lost = pictures_sent.of_campaign(draft.campaign) - draft.images.keys()
    if lost:
        return "blocks", "A picture in it was deleted: choose another."
    public = set(visibility.images().filter(pk__in=draft.images).values_list("pk", flat=True))
    if waiting := len(draft.images.keys() - public):
        return "note", (
            f"{text.plural(waiting, 'picture is', 'pictures are')} public from the moment it is sent, "
            "and missing from a test mail before."
        )
    return "ok", "Readers can load every picture."


def _leaving(draft: _Draft) -> _Found:
    names = message.built(draft.letter).names
    if not {"unsubscribe", "leave"} <= names:
        return "blocks", "It has no link to leave the list: the institute's own template of mail lost it; put it back."
    return "ok", "One press leaves the list, in the mail and in the mail program."


def _postal(draft: _Draft) -> _Found:
    if settings.ISTHMUS.mail_postal_address:
        return "ok", settings.ISTHMUS.mail_postal_address
    return "note", "No postal address stands at its foot, and many countries ask for one: set mail_postal_address."


_CHECKS: tuple[tuple[str, Callable[[_Draft], _Found]], ...] = (
    ("Subject", _subject),
    ("Content", _content),
    ("Audience", _audience),
    ("Sender", _sender),
    ("Proof of sender", _proof),
    ("Size", _size),
    ("Publications", _pieces),
    ("Links", _links),
    ("Words for pictures", _image_words),
    ("Pictures", _image_gate),
    ("Leaving", _leaving),
    ("Postal address", _postal),
)


def _chosen(campaign: Campaign) -> Iterator[int]:
    """The publications of its blocks."""
    for block in campaign.body.raw_data:
        if block["type"] == "publications":
            yield from (number for item in block["value"] if (number := _number(item)))


def _number(item: object) -> int:
    value = item.get("value") if isinstance(item, dict) else item
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else 0


def _linked(campaign: Campaign) -> Iterable[int]:
    """The publications that its text links to."""
    for block in campaign.body.raw_data:
        if block["type"] == "text":
            yield from (int(first or second) for first, second in _LINKED_PIECE.findall(block["value"] or ""))
