"""Where letters stand on the site, below /mail/."""

from django.urls import path

from isthmus.mailing import web_copies

urlpatterns = [
    path("", web_copies.archive, name="letters"),
    path("<slug:slug>/", web_copies.letter, name="letter"),
]
