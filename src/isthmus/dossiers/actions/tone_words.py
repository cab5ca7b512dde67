"""What editors say of verbs: it goes before the shipped words, and can be forgotten again."""

from __future__ import annotations

from django.db import transaction

from isthmus.dossiers.models import Tone, ToneWord
from isthmus.kit.errors import UsageError

_MAX_CHARS = 60


def keep_tone_word(word: str, tone: str) -> ToneWord:
    """Say how a verb in its plain form sounds; a known one is changed. Raises: UsageError."""
    word = " ".join(word.lower().split())
    if not word or len(word) > _MAX_CHARS or tone not in Tone.values:
        raise UsageError(
            f"Write a verb of at most {_MAX_CHARS} characters, such as “call for”, and choose how it sounds."
        )
    return ToneWord.objects.update_or_create(word=word, defaults={"tone": tone})[0]


def forget_tone_word(number: int) -> None:
    """Let the shipped list say again how the verb of that number sounds."""
    ToneWord.objects.filter(pk=number).delete()


def restore_tone_words() -> int:
    """Forget what editors said about verbs, so that the shipped words hold again; returns how many were forgotten."""
    with transaction.atomic():
        return sum(1 for word in ToneWord.objects.all() if word.delete())
