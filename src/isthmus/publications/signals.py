"""What must happen inside a deletion's own transaction, whichever door the deletion comes through.

Deleting in the admin, in bulk and by cascade never calls the model's `delete()`, but Django always sends
pre_delete inside the transaction that deletes.
"""

from typing import Any

from django.db import transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from isthmus.publications import journal, media_changes, recording
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.publications.journaled import Journaled
from isthmus.publications.models import Document, FormerAddress, Image, MediaUse, Publication, Withdrawal


@receiver(pre_delete, sender=Publication, dispatch_uid="isthmus_publication_deleted")
def _publication_is_deleted(instance: Publication, **_: Any) -> None:
    before = recording.state_of(instance.pk)
    with transaction.atomic():
        MediaUse.objects.filter(user=instance.subject).delete()
        if before.is_visible:
            recording.withdraw_address(instance, path=before.path, keep_link=False)
            journal.append(instance.subject, journal.What.WITHDRAWN)
            audit.note(Act.WITHDRAWN, subject=instance.subject, said=f"{instance.title} (deleted)")


@receiver(pre_delete, dispatch_uid="isthmus_row_deleted")
def _row_is_deleted(sender: type, instance: Any, **_: Any) -> None:
    if issubclass(sender, Journaled):
        with transaction.atomic():
            if recording.shows_media(instance):
                MediaUse.objects.filter(user=instance.subject).delete()
            journal.append(instance.subject, journal.What.WITHDRAWN)


@receiver(pre_delete, sender=Image, dispatch_uid="isthmus_image_deleted")
@receiver(pre_delete, sender=Document, dispatch_uid="isthmus_document_deleted")
def _medium_is_deleted(instance: Image | Document, **_: Any) -> None:
    """What showed it is shown without it from now on; the database takes it out of its rows without asking them."""
    with transaction.atomic():
        media_changes.append_users(instance)


@receiver(pre_delete, sender=Publication, dispatch_uid="isthmus_former_addresses_end")
def _former_addresses_tell_of_the_withdrawal(instance: Publication, **_: Any) -> None:
    """Old addresses of a piece that was public answer 410 like the newest one, instead of vanishing by cascade."""
    was_withdrawn = Withdrawal.objects.filter(publication=instance).exists()
    if not (was_withdrawn or recording.state_of(instance.pk).is_visible):
        return
    for former in FormerAddress.objects.filter(publication=instance):
        recording.withdraw_address(instance, path=former.path, keep_link=False)
