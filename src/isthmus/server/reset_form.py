"""Wishes for a new password, counted: whoever asks again and again fills neither a mailbox nor the disk."""

from collections.abc import Iterable
from typing import Any

from wagtail.admin.forms.auth import PasswordResetForm

from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.server import login_throttle


class CountedPasswordResetForm(PasswordResetForm):
    """The admin's form; beyond the limit it answers as ever and mails nobody, as for an unknown address."""

    def get_users(self, email: str) -> Iterable[Any]:
        """Who is mailed. Counted for unknown addresses too, so that both cost the same."""
        if not login_throttle.may_mail_reset(email):
            return ()
        found = list(super().get_users(email))
        for user in found:
            audit.note(Act.PASSWORD_RESET_ASKED, subject=f"user:{user.pk}", said=user.email)
        return found
