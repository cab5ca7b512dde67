"""What dossiers are made of: the editors' vocabulary, what was mined with it, what people ruled about that.

Only the first and the last are truth. Everything in `mined` can be thrown away and is then made again, equal.
"""

from isthmus.dossiers.models.mined import (
    MatchedVocabulary,
    Mention,
    MinedText,
    Occurrence,
    OccurrenceSubject,
    PageChange,
    Relation,
)
from isthmus.dossiers.models.rulings import ErrorReport, Ruling
from isthmus.dossiers.models.subjects import (
    Alias,
    NamedDate,
    Subject,
    SubjectAddress,
    SubjectKind,
    SubjectTitle,
    Suggestion,
    Tone,
    ToneWord,
    VocabularyMark,
)

__all__ = [
    "Alias",
    "ErrorReport",
    "MatchedVocabulary",
    "Mention",
    "MinedText",
    "NamedDate",
    "Occurrence",
    "OccurrenceSubject",
    "PageChange",
    "Relation",
    "Ruling",
    "Subject",
    "SubjectAddress",
    "SubjectKind",
    "SubjectTitle",
    "Suggestion",
    "Tone",
    "ToneWord",
    "VocabularyMark",
]
