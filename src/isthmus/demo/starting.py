"""What each start of the demo makes anew: the piece that goes live while one watches, and the editor's password.

And once, a subscriber who is told of that piece by a mail in the outbox.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from isthmus.demo import loading
from isthmus.demo.entries import PieceEntry
from isthmus.mailing import actions as mailing_actions
from isthmus.mailing import addresses, links
from isthmus.mailing.models import Subscriber
from isthmus.publications import actions, roles
from isthmus.publications.models import Publication, User, Withdrawal

EDITOR_EMAIL = "editor@merrow.example"
# Plainly invented: nobody can have an address below example.org (RFC 2606), and the demo writes files only.
SUBSCRIBER_EMAIL = "carol@example.org"
# It finds the piece that goes live while one watches, so that the mail names it as its reason.
FOLLOWED_SEARCH = "search?q=%22third+summit%22"

# No letters or digits that look alike: four groups of four out of 24 are 73 bits.
_LETTERS = "abcdefghijkmnpqrstuvwxyz"


def renew_scheduled(entry: PieceEntry, *, now: datetime) -> datetime:
    """Schedule the piece for its number of seconds after `now`, and leave no trace of its last appearance.

    Returns the instant it is due. Readers who met the former one would be told "withdrawn" by its address, so that
    mark is removed as well; the journal tells the index to drop it.
    """
    assert entry.release_in_s is not None
    due_at = now + timedelta(seconds=entry.release_in_s)
    with transaction.atomic():
        for former in Publication.objects.filter(slug=entry.slug, series__slug=entry.series):
            former.delete()
        piece = loading.save_unreleased(entry)
        Withdrawal.objects.filter(path=piece.path).delete()
        actions.schedule(piece, due_at)
    return due_at


def renew_editor() -> str:
    """A new password for the demo's editor, who may do everything; returns it."""
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    with transaction.atomic():
        user = User.objects.filter(email=EDITOR_EMAIL).first() or User(email=EDITOR_EMAIL)
        user.first_name, user.last_name, user.is_active = "Alice", "of the Merrow Institute", True
        user.set_password(password)
        user.save()
        roles.assign(user, "administrator")
    return password


def keep_subscriber(*, now: datetime) -> None:
    """Have somebody who follows everything and a search, at once; by the doors readers come in by, at the first start.

    Who has left since, because somebody tried that out, is left alone.
    """
    if Subscriber.objects.filter(email_key=addresses.parse(SUBSCRIBER_EMAIL).key).exists():
        return
    with transaction.atomic():
        wishes = [("everything", "at_once"), (FOLLOWED_SEARCH, "at_once")]
        mailing_actions.sign_up(SUBSCRIBER_EMAIL, choices=wishes, form="the demo's own", network="", now=now)
        carol = Subscriber.objects.get(email_key=addresses.parse(SUBSCRIBER_EMAIL).key)
        path = links.confirm_path(carol.pk, settings.DATA / "secrets", expires_at=now + timedelta(minutes=1))
        mailing_actions.confirm(path.split("/")[-2], now=now)


def flagship_path() -> str:
    """The address of the piece to read first; the front page where an editor has removed it."""
    piece = Publication.objects.filter(slug=loading.FLAGSHIP, live=True).first()
    return piece.path if piece else "/"
