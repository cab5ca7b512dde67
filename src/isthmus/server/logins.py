"""People who may log in, as the command line makes them; the admin has its own forms."""

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from isthmus.kit.errors import IsthmusError, UsageError
from isthmus.publications import roles


class LoginExists(IsthmusError):
    """Somebody has this address already."""


def add(email: str, *, role: str, password: str) -> None:
    """Give somebody a login with a role.

    role: author, editor, publisher or administrator.
    Raises: LoginExists; UsageError for an impossible address, a weak password or a role that is not there.
    """
    email = email.strip().lower()
    _check(email, password)
    users = get_user_model().objects
    with transaction.atomic():
        if users.filter(email__iexact=email).exists():
            raise LoginExists(f"{email} has a login already: change its role or password in /admin/ under Users.")
        user = users.create_user(email, password)
        roles.assign(user, role)


def _check(email: str, password: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise UsageError(f"{email!r} is no mail address: write one such as alice@institute.example.") from error
    try:
        validate_password(password)
    except ValidationError as error:
        raise UsageError(f"This password will not do: {' '.join(error.messages)}") from error
