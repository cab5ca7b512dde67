"""Pure functions from text to mentions, each with its place in the text. No database, no Django, no other package."""

from isthmus.dossiers.extract.expression import Expression, Grade, Kind, Modality
from isthmus.dossiers.extract.moments import Unit
from isthmus.dossiers.extract.sentences import sentence_around, sentence_starts
from isthmus.dossiers.extract.tagger import tag

__all__ = ["Expression", "Grade", "Kind", "Modality", "Unit", "sentence_around", "sentence_starts", "tag"]
