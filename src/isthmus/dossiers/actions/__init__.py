"""The one door through which dossiers change state: admin, command line and the demo all come here.

Every change writes what has to follow it in the same transaction: the ruling, the journal's rows for search and pages.
"""

from isthmus.dossiers.actions.rulings import (
    Correction,
    DecidedMeanwhile,
    EntryGone,
    merge_entries,
    rule,
    settle_report,
    take_apart,
    take_back,
)
from isthmus.dossiers.actions.subjects import (
    AliasKept,
    SubjectInvalid,
    TitleKept,
    add_alias,
    close_dossier,
    keep_subject,
    merge_subjects,
    open_dossier,
    split_alias,
)
from isthmus.dossiers.actions.suggestions import (
    SuggestionDecided,
    accept_as_alias,
    accept_as_subject,
    propose_again,
    refuse_suggestion,
)
from isthmus.dossiers.actions.tone_words import forget_tone_word, keep_tone_word, restore_tone_words

__all__ = [
    "AliasKept",
    "Correction",
    "DecidedMeanwhile",
    "EntryGone",
    "SubjectInvalid",
    "SuggestionDecided",
    "TitleKept",
    "accept_as_alias",
    "accept_as_subject",
    "add_alias",
    "close_dossier",
    "forget_tone_word",
    "keep_subject",
    "keep_tone_word",
    "merge_entries",
    "merge_subjects",
    "open_dossier",
    "propose_again",
    "refuse_suggestion",
    "restore_tone_words",
    "rule",
    "settle_report",
    "split_alias",
    "take_apart",
    "take_back",
]
