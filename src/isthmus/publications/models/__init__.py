"""The institute's rows: fields, constraints and facts about one row; no reading across rows here."""

from isthmus.publications.models.addresses import FormerAddress, Withdrawal
from isthmus.publications.models.categories import Category, CategoryAxis
from isthmus.publications.models.journal import FollowerCursor, JournalEntry
from isthmus.publications.models.media import Document, FileText, Image, MediaUse, Rendition
from isthmus.publications.models.pages import HomePage, StandardPage
from isthmus.publications.models.people import Person
from isthmus.publications.models.publication import Attachment, Byline, Publication
from isthmus.publications.models.series import Series
from isthmus.publications.models.site import SiteSettings
from isthmus.publications.models.users import User

__all__ = [
    "Attachment",
    "Byline",
    "Category",
    "CategoryAxis",
    "Document",
    "FileText",
    "FollowerCursor",
    "FormerAddress",
    "HomePage",
    "Image",
    "JournalEntry",
    "MediaUse",
    "Person",
    "Publication",
    "Rendition",
    "Series",
    "SiteSettings",
    "StandardPage",
    "User",
    "Withdrawal",
]
