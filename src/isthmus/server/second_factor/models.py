"""What is remembered of a login's second step; neither the app's secret nor a recovery code is."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SecondFactor(models.Model):
    """The authenticator app of one login.

    salt: the secret is made of it and of the key in `data/secrets/` (`codes.secret_of`).
    key_mark: of the key it was set up with; another key there means that no code can be right.
    last_step: the half minute, counted from 1970, of the newest code that was taken; none up to it is taken again.
    n_wrong: wrong codes since the last right one.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="second_factor")
    salt = models.CharField(max_length=64)
    key_mark = models.CharField(max_length=16)
    last_step = models.BigIntegerField()
    n_wrong = models.PositiveIntegerField(default=0)
    set_up_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"second step of {self.user_id}"


class RecoveryCode(models.Model):
    """One code for the day the phone is lost; the row goes when it is used. code_hash: keyed, in hex."""

    second_factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["second_factor", "code_hash"], name="isthmus_recovery_code_once"),
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.second_factor_id}"
