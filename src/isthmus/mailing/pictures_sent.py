"""The pictures of letters: in people's mail from the moment one is sent, so public from then on, and not before."""

from __future__ import annotations

from isthmus.mailing.models import Campaign
from isthmus.publications import recording


def of_campaign(campaign: Campaign) -> set[int]:
    """The numbers of the pictures in its blocks; those of its publications are their own."""
    blocks = (block for block in campaign.body.raw_data if block["type"] == "image")
    return {int(block["value"]["image"]) for block in blocks if block["value"].get("image")}


def make_public(campaign: Campaign) -> None:
    """Let the gate show them, in the transaction that starts the campaign."""
    recording.rewrite_media_uses(f"campaign:{campaign.pk}", {("image", number) for number in of_campaign(campaign)})
