"""What people, series and categories share: a visible change leaves a journal row, and old addresses lead on."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models, transaction

from isthmus.kit import collecting


class Journaled(models.Model):
    """Saves the row, its journal row, its former address and its media uses in one transaction.

    journal_kind: the first part of the journal's subject, or `site` where no single subject fits.
    public_fields: the fields that a reader can see the effect of.
    """

    journal_kind: ClassVar[str]
    public_fields: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any) -> Self:
        """The row, noted by whoever gathers what a page shows."""
        row: Self = super().from_db(db, field_names, values)
        collecting.note(row.subject)
        return row

    def prepare(self) -> None:
        """Fill in what follows from other fields; called before every save."""

    def media_ids(self) -> set[tuple[str, int]]:
        """`("image", id)` and `("document", id)` of what the public page of this row shows."""
        return set()

    @property
    def subject(self) -> str:
        """The journal's name for this row: `person:3`, or `site`."""
        return "site" if self.journal_kind == "site" else f"{self.journal_kind}:{self.pk}"

    def also_changed(self, before: Any) -> Iterable[str]:
        """The journal's names of other rows that look otherwise now. before: this row as it was."""
        return ()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; leave a journal row if the public can see the difference."""
        from isthmus.publications import recording

        with transaction.atomic():
            self.prepare()
            before = recording.public_row(self)
            super().save(*args, **kwargs)
            recording.record_row(self, before)
