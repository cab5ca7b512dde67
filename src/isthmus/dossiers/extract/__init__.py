"""Pure functions from text to mentions, each with its place in the text. No database, no Django, no other package."""

from typing import TYPE_CHECKING, Any

from isthmus.dossiers.extract.expression import Expression, Grade, Kind, Modality
from isthmus.dossiers.extract.moments import Unit
from isthmus.dossiers.extract.sentences import sentence_around, sentence_starts

if TYPE_CHECKING:
    from isthmus.dossiers.extract.tagger import tag

__all__ = ["Expression", "Grade", "Kind", "Modality", "Unit", "sentence_around", "sentence_starts", "tag"]


def __getattr__(name: str) -> Any:
    """The tagger when it is asked for: its patterns take half a second to compile, a quarter of starting a command."""
    if name == "tag":
        from isthmus.dossiers.extract.tagger import tag

        return tag
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
