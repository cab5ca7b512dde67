"""What an editor does with a campaign: try it, schedule it, send it, stop it, send it to those it did not reach.

A campaign is a row that may be edited; each turn of it is a Mailing, `campaign:5:1`, whose message and audience are
frozen when it starts. Who may do what is asked by the views.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from isthmus.kit import text
from isthmus.kit.errors import UsageError
from isthmus.mailing import addresses, audience, ledger, letters, message, noted, pictures_sent, preflight
from isthmus.mailing.models import Campaign, Delivery, Mailing, Subscriber, Subscription
from isthmus.mailing.models.people import EVERYTHING
from isthmus.publications.audit.kinds import Act

# A letter that was to be read at nine may be wrong at noon: after this an editor is asked.
LATE_AFTER = timedelta(hours=1)
_TURN, _TEST = Mailing.Kind.CAMPAIGN, Mailing.Kind.TEST
_State = Mailing.State
# Of web copies; the other is the address that providers report to.
_TAKEN_SLUGS = ("hooks",)


class CampaignRefused(UsageError):
    """Something that cannot be done with a campaign as it stands; the sentence says why and what to do."""


def turns(campaign: Campaign) -> QuerySet[Mailing]:
    """Its mailings, the first one first, without their messages; tests are none."""
    return Mailing.objects.filter(campaign=campaign, kind=_TURN).defer("message").order_by("pk")


def begun() -> QuerySet[Mailing]:
    """Turns of which at least one message may have left, or can at any moment."""
    tried = Delivery.objects.filter(mailing=OuterRef("pk"), n_tries__gt=0)
    at_work = Q(state__in=[_State.SENDING, _State.PAUSED, _State.FINISHED])
    return Mailing.objects.filter(at_work | Q(Exists(tried)), kind=_TURN)


def is_begun(campaign: Campaign) -> bool:
    """Whether people may have it: then it is edited no more, and its web copy is public."""
    return begun().filter(campaign=campaign).exists()


def start(campaign: Campaign, *, now: datetime) -> Mailing:
    """Send it now: freeze its message and its audience; returns the turn that is being sent.

    One that waits for its time starts instead of waiting. Raises: CampaignRefused, with what the pre-flight found.
    """
    _refuse_if_blocked(campaign, now=now)
    with transaction.atomic():
        campaign = _locked(campaign)
        mailing = _waiting(campaign) or _new_turn(campaign, starts_at=now, now=now)
        Mailing.objects.filter(pk=mailing.pk).update(state=_State.SENDING, starts_at=now, held_because="")
        mailing = _frozen(campaign, mailing, now=now)
        noted.began(mailing)
    return mailing


def schedule(campaign: Campaign, *, at: datetime, zone: str, now: datetime) -> Mailing:
    """Have it start by itself; it is frozen at that moment. A second time moves it.

    zone: IANA name of the zone the editor meant. Raises: CampaignRefused, for a time that is past too.
    """
    if at <= now:
        raise CampaignRefused("That time is past: choose a later one, or send it now.")
    _refuse_if_blocked(campaign, now=now, at=at)
    with transaction.atomic():
        campaign = _locked(campaign)
        mailing = _waiting(campaign) or _new_turn(campaign, starts_at=at, now=now)
        if mailing.state != _State.SCHEDULED:
            raise CampaignRefused("It waits for your decision: send it now, or cancel it first.")
        Mailing.objects.filter(pk=mailing.pk).update(starts_at=at, title=campaign.title)
        Campaign.objects.filter(pk=campaign.pk).update(starts_at=at, starts_zone=zone)
        mailing.refresh_from_db(fields=["starts_at", "title"])
        noted.began(mailing)
    return mailing


def start_due(now: datetime) -> int:
    """Start the campaigns whose time has come, or hold them where it passed unseen; how many. The worker calls this."""
    due = Mailing.objects.filter(kind=_TURN, state=_State.SCHEDULED, starts_at__lte=now)
    return sum(_start_scheduled(number, now) for number in due.order_by("starts_at").values_list("pk", flat=True))


def pause(mailing: Mailing) -> None:
    """Stop sending for now; what is on the wire ends. Raises: CampaignRefused where it is not being sent."""
    if not ledger.pause(mailing):
        raise CampaignRefused(f"It cannot be paused: it is {mailing.get_state_display()}.")


def resume(mailing: Mailing, *, now: datetime) -> None:
    """Go on; one that was held before anybody got it starts now, as the campaign stands now.

    Raises: CampaignRefused where it is neither paused nor held, or the pre-flight finds something.
    """
    if mailing.state == _State.HELD and mailing.campaign is not None and not begun().filter(pk=mailing.pk).exists():
        start(mailing.campaign, now=now)
    elif not ledger.resume(mailing):
        raise CampaignRefused(f"It cannot go on: it is {mailing.get_state_display()}.")


def cancel(mailing: Mailing, *, now: datetime) -> None:
    """Send it to nobody more. Raises: CampaignRefused where it has ended."""
    if not ledger.cancel(mailing, now=now):
        raise CampaignRefused(f"It cannot be cancelled: it is {mailing.get_state_display()}.")
    if mailing.kind == _TURN and mailing.campaign_id and not begun().filter(campaign_id=mailing.campaign_id).exists():
        Campaign.objects.filter(pk=mailing.campaign_id).update(starts_at=None, starts_zone="")


def send_again(campaign: Campaign, *, reasons: Collection[str], now: datetime) -> Mailing:
    """One more turn of the same message, to those it did not reach for these reasons.

    reasons: of audience.WHY_UNREACHED. Raises: CampaignRefused while a turn is not at its end, or for nobody.
    """
    with transaction.atomic():
        campaign = _locked(campaign)
        last = begun().filter(campaign=campaign).order_by("-pk").first()
        if last is None or turns(campaign).filter(finished_at__isnull=True).exists():
            raise CampaignRefused("It is not at its end yet: wait until everybody had their turn.")
        missed = audience.unreached(campaign)
        because = {pk: subject for reason in reasons for pk, subject in missed.get(reason, {}).items()}
        if not because:
            raise CampaignRefused("There is nobody left whom it did not reach for that reason.")
        mailing = _new_turn(campaign, starts_at=now, now=now, state=_State.SENDING, message=last.message)
        mailing = ledger.prepare_for(mailing, because, now=now, because=because)
        noted.began(mailing)
    return mailing


def send_test(campaign: Campaign, *, email: str, now: datetime) -> Mailing:
    """The letter as it stands, marked as a test, to the editor who asks; nobody else is written to.

    email: of their login. Raises: AddressInvalid; CampaignRefused for an address that is suppressed.
    """
    with transaction.atomic():
        reader = _reader(email, now)
        letter = letters.campaign(campaign)
        mailing = Mailing.objects.create(
            key=f"test:{campaign.pk}:{reader.pk}:{now:%Y%m%dT%H%M%S%f}",
            kind=_TEST, title=f"Test of {campaign.title}"[:500], campaign=campaign, created_at=now, starts_at=now,
        )  # fmt: skip
        message.freeze(mailing, message.built(replace(letter, subject=f"Test: {letter.subject}")))
        mailing = ledger.prepare_for(mailing, [reader.pk], now=now, because={reader.pk: EVERYTHING})
        if mailing.excluded:
            raise CampaignRefused(f"{email} is suppressed, so no test was sent: lift that first, under Subscribers.")
        noted.note(Act.TEST_SENT, mailing)
    return mailing


def _reader(email: str, now: datetime) -> Subscriber:
    """The editor as somebody who can be written to; who is no subscriber becomes none, and is not counted as one."""
    from isthmus.mailing.actions import hash_of

    address = addresses.parse(email)
    known = {"email": address.email, "address_hash": hash_of(address.key), "domain": address.domain, "created_at": now}
    return Subscriber.objects.get_or_create(email_key=address.key, defaults=known)[0]


def _locked(campaign: Campaign) -> Campaign:
    return Campaign.objects.select_for_update().get(pk=campaign.pk)


def _waiting(campaign: Campaign) -> Mailing | None:
    """The turn that waits for its time or an editor, before anybody got it. Raises: CampaignRefused if one began."""
    if is_begun(campaign):
        raise CampaignRefused("It was sent already: copy it to write anew, or send it to those not reached.")
    return turns(campaign).filter(state__in=[_State.SCHEDULED, _State.HELD]).first()


def _new_turn(
    campaign: Campaign, *, starts_at: datetime, now: datetime, state: str = _State.SCHEDULED, message: bytes = b""
) -> Mailing:
    turn = turns(campaign).count() + 1
    try:
        with transaction.atomic():
            return Mailing.objects.create(
                key=f"campaign:{campaign.pk}:{turn}", kind=_TURN, title=campaign.title, campaign=campaign, state=state,
                message=message, created_at=now, starts_at=starts_at,
            )  # fmt: skip
    except IntegrityError as error:
        raise CampaignRefused("Somebody else is sending it at this moment: look at its page again.") from error


def _frozen(campaign: Campaign, mailing: Mailing, *, now: datetime) -> Mailing:
    """Build the message, choose the people, make the pictures public: all or nothing, in the caller's transaction."""
    if not campaign.web_slug:
        campaign.web_slug = _free_slug(campaign)
        campaign.save(update_fields=["web_slug"])
    mailing.deliveries.all().delete()  # Of one that was held; nobody of them was written to.
    mailing.refresh_from_db(fields=["state", "starts_at", "held_because"])
    mailing.title, mailing.n_candidates, mailing.excluded = campaign.title, 0, {}
    mailing.save(update_fields=["title", "n_candidates", "excluded"])
    message.freeze(mailing, message.built(letters.campaign(campaign, web_path=web_path(campaign))))
    pictures_sent.make_public(campaign)
    subjects = audience.in_order(campaign.audience)
    return ledger.prepare(mailing, subjects=subjects, paces=Subscription.Pace.values, now=now)


def web_path(campaign: Campaign) -> str:
    """Root-relative address of the web copy; empty before there is one."""
    return f"/mail/{campaign.web_slug}/" if campaign.web_slug else ""


def _free_slug(campaign: Campaign) -> str:
    base = text.slug(campaign.title, 100) or "letter"
    taken = set(Campaign.objects.filter(web_slug__startswith=base).values_list("web_slug", flat=True))
    candidates = [base, *(f"{base}-{number}" for number in range(2, len(taken) + len(_TAKEN_SLUGS) + 3))]
    return next(slug for slug in candidates if slug not in taken and slug not in _TAKEN_SLUGS)


def _start_scheduled(number: int, now: datetime) -> int:
    """Start or hold one; 0 where another worker has done so, or an editor has moved it."""
    with transaction.atomic():
        due = Mailing.objects.filter(pk=number, state=_State.SCHEDULED, starts_at__lte=now)
        mailing = due.select_related("campaign").first()
        if mailing is None:
            return 0
        because = _why_held(mailing, now)
        state = _State.HELD if because else _State.SENDING
        if not due.update(state=state, held_because=because):
            return 0
        if mailing.campaign is not None:
            # One that is held has its people too: whoever lets it go on, and by whatever door, sends to them.
            mailing = _frozen(mailing.campaign, mailing, now=now)
        noted.began(mailing)
    return 1


def _why_held(mailing: Mailing, now: datetime) -> str:
    """The sentence an editor reads; empty where it may start."""
    if mailing.campaign is None:
        return "Its campaign was deleted: cancel it."
    if now - mailing.starts_at > LATE_AFTER:
        return "Its time passed by more than an hour while nothing was running: send it now, or cancel it."
    blocking = preflight.blocking(mailing.campaign, now=now)
    return f"The pre-flight stopped it: {blocking[0].sentence}"[:500] if blocking else ""


def _refuse_if_blocked(campaign: Campaign, *, now: datetime, at: datetime | None = None) -> None:
    blocking = preflight.blocking(campaign, now=now, at=at)
    if blocking:
        raise CampaignRefused(blocking[0].sentence)
