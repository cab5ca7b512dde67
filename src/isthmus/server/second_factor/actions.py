"""What can be done with a login's second step: set it up, pass it, renew its codes, take it away, reset it.

Every try is counted before it is looked at, per login and in the database, so that neither many sessions nor many
requests at once are more tries. Who may do what is asked by the views; each act leaves an entry in the audit log.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from isthmus.kit import text
from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.publications.audit import actions as audit
from isthmus.publications.audit.kinds import Act
from isthmus.publications.models import User
from isthmus.server import login_throttle
from isthmus.server.models import LoginCounter
from isthmus.server.second_factor import codes
from isthmus.server.second_factor.models import RecoveryCode, SecondFactor

# NIST SP 800-63B, 5.2.2: no more than 100 failures in a row; then only a recovery code or a reset helps.
MOST_WRONG = 100


class CodeWrong(UsageError):
    """Not a code of this moment, or one that was used already."""


class TooManyTries(IsthmusError):
    """The login has to wait; the sentence says how long."""


class NobodyThere(UsageError):
    """No login has this address."""


def key() -> str:
    """The installation's key that secrets and hashes are made with."""
    return str(settings.SECRET_KEY)


def set_up(user: User, *, salt: str, typed: str, now: datetime) -> list[str]:
    """Make the app that shows this code the login's own, in the place of one before; the new recovery codes.

    salt: as offered to this session. Raises: CodeWrong, TooManyTries.
    """
    _count_try(user, now)
    step = codes.step_of(typed, codes.secret_of(salt, key()), at=now)
    if step is None:
        raise CodeWrong(_WRONG_AT_FIRST)
    with transaction.atomic():
        SecondFactor.objects.filter(user=user).delete()
        factor = SecondFactor.objects.create(
            user=user, salt=salt, key_mark=codes.key_mark(key()), last_step=step, set_up_at=now
        )
        _forget_tries(user)
        audit.note(Act.SECOND_STEP_SET_UP, subject=f"user:{user.pk}", said=user.email)
        return _renewed(factor)


def pass_step(user: User, *, typed: str, now: datetime) -> SecondFactor:
    """Take a code of the app, or a recovery code, which is gone then; returns what was passed.

    Raises: CodeWrong, TooManyTries.
    """
    _count_try(user, now)
    factor = SecondFactor.objects.get(user=user)
    with transaction.atomic():
        passed = _taken(factor, typed, now)
        said = user.email
        if passed is Act.RECOVERY_CODE_USED:
            said += f", {text.plural(factor.recovery_codes.count(), 'code', 'codes')} left"
        n_wrong = F("n_wrong") + 1 if passed is Act.SECOND_STEP_FAILED else 0
        SecondFactor.objects.filter(pk=factor.pk).update(n_wrong=n_wrong)
        audit.note(passed, subject=f"user:{user.pk}", said=said)
    if passed is Act.SECOND_STEP_FAILED:
        raise CodeWrong(_LOCKED if factor.n_wrong >= MOST_WRONG else _WRONG)
    _forget_tries(user)
    return factor


def renew_recovery_codes(factor: SecondFactor) -> list[str]:
    """Ten new codes; those before count no more."""
    with transaction.atomic():
        audit.note(Act.RECOVERY_CODES_MADE, subject=f"user:{factor.user_id}", said=factor.user.email)
        return _renewed(factor)


def remove(factor: SecondFactor) -> None:
    """Log in by password alone again; whether that may be is asked before."""
    with transaction.atomic():
        audit.note(Act.SECOND_STEP_REMOVED, subject=f"user:{factor.user_id}", said=factor.user.email)
        factor.delete()


def reset(email: str) -> bool:
    """Forget the app of a login whose phone is lost; False if there was none. Raises: NobodyThere."""
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        raise NobodyThere(f"Nobody has a login as {email.strip()}: see the list in /admin/ under Users.")
    with transaction.atomic():
        n_gone, _ = SecondFactor.objects.filter(user=user).delete()
        _forget_tries(user)
        if n_gone:
            audit.note(Act.SECOND_STEP_RESET, subject=f"user:{user.pk}", said=user.email)
    return bool(n_gone)


_WRONG = "This is not the code of this moment, or it was used before: wait for the next one and type that."
_WRONG_AT_FIRST = "This is not the code of this moment: see that the phone's clock is right, and type the newest code."
_LOCKED = "Too many wrong codes were typed: use a recovery code, or ask an administrator to reset your second step."


def _taken(factor: SecondFactor, typed: str, now: datetime) -> Act:
    """What the typed code was. A right one is used up by one statement, so two requests cannot both have it."""
    step = codes.step_of(typed, codes.secret_of(factor.salt, key()), at=now)
    fresh = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step or 0, n_wrong__lt=MOST_WRONG)
    if step is not None and fresh.update(last_step=step):
        return Act.SECOND_STEP_PASSED
    hashed = codes.hash_of(typed, salt=factor.salt, key=key())
    n_gone, _ = RecoveryCode.objects.filter(second_factor=factor, code_hash=hashed).delete()
    return Act.RECOVERY_CODE_USED if n_gone else Act.SECOND_STEP_FAILED


def _renewed(factor: SecondFactor) -> list[str]:
    factor.recovery_codes.all().delete()
    made = codes.new_recovery_codes()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(second_factor=factor, code_hash=codes.hash_of(code, salt=factor.salt, key=key())) for code in made
    )
    return made


def _count_try(user: User, now: datetime) -> None:
    """Raises: TooManyTries."""
    tried = login_throttle.count(_subject(user), limit=settings.ISTHMUS.login_attempts, now=now)
    if tried.wait_until is None:
        return
    if tried.is_first_refusal:
        audit.note(Act.SECOND_STEP_REFUSED, subject=f"user:{user.pk}", said=user.email)
    minutes = login_throttle.minutes(tried.wait_until - now)
    raise TooManyTries(f"Too many codes were tried in vain: wait {minutes} and try again.")


def _forget_tries(user: User) -> None:
    LoginCounter.objects.filter(subject=_subject(user)).delete()


def _subject(user: User) -> str:
    return login_throttle.hashed("second", str(user.pk))
