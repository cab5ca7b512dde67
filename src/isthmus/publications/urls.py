"""The public addresses of publications, as docs/reference/addresses.md lists them; the last two catch the rest."""

from django.urls import path, re_path, register_converter
from django.urls.converters import IntConverter

from isthmus.publications import feeds, media_views, sitemaps, views


class _Number(IntConverter):
    """A number that every database can hold, even as the number of a part, in its one way of writing."""

    regex = "0|[1-9][0-9]{0,8}"


register_converter(_Number, "number")

urlpatterns = [
    path("", views.home, name="home"),
    path("theme.css", views.stylesheet),
    path("robots.txt", sitemaps.robots),
    path("sitemap.xml", sitemaps.index),
    path("sitemap-publications-<number:number>.xml", sitemaps.publications),
    path("sitemap-pages.xml", sitemaps.pages),
    path("images/<number:pk>/<str:version>/<number:width>.<str:form>", media_views.image),
    path("files/<number:pk>/<str:name>", media_views.document),
    path("feed/", feeds.site_feed, name="feed"),
    path("publications/", views.all_publications, name="publications"),
    path("publications/feed/", feeds.site_feed),
    path("publications/<str:slug>/", views.piece_without_series),
    path("series/", views.series_index),
    path("people/", views.people),
    path("people/<str:slug>/", views.person),
    path("people/<str:slug>/feed/", feeds.person_feed),
    path("categories/", views.categories),
    path("categories/<str:axis>/<str:slug>/", views.category),
    path("categories/<str:axis>/<str:slug>/feed/", feeds.category_feed),
    re_path(r"^(?P<series_slug>[^/]+)/(?P<slug>[^/]+)/cite\.(?P<form>bib|ris)$", views.citation),
    path("<str:slug>/", views.first_segment),
    path("<str:slug>/feed/", feeds.series_feed),
    path("<str:series_slug>/<str:slug>/", views.two_segments),
    re_path(r"^(?P<path>.+)$", views.other_page),
]
