"""What must hold whichever door a deletion comes through: Wagtail's bulk deletion asks no view and no model."""

from __future__ import annotations

from typing import Any

from django.db.models import ProtectedError
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from isthmus.dossiers.signals import subject_merged
from isthmus.mailing import dossiers
from isthmus.mailing.models import Campaign, Mailing


@receiver(pre_delete, sender=Campaign, dispatch_uid="isthmus_campaign_deleted")
def _campaign_is_deleted(instance: Campaign, **_: Any) -> None:
    """One that people have stays, with its web copy; a turn that only waits goes with it, having nothing to say."""
    from isthmus.mailing import campaigns

    if campaigns.is_begun(instance):
        raise ProtectedError("A letter that was sent is not deleted: people have it.", {instance})
    Mailing.objects.filter(campaign=instance, state__in=[Mailing.State.SCHEDULED, Mailing.State.HELD]).delete()


@receiver(subject_merged, dispatch_uid="isthmus_followed_dossier_merged")
def _dossier_is_merged(gone: int, into: int, **_: Any) -> None:
    dossiers.merged(gone=gone, into=into)
