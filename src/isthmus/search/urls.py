"""The addresses of the search."""

from django.urls import path, re_path

from isthmus.search import views

urlpatterns = [
    path("search/", views.results, name="search"),
    path("search/feed/", views.feed, name="search-feed"),
    path("search/help/", views.help_page, name="search-help"),
    path("api/v1/search", views.api, name="api-search"),
    re_path(r"^api(?:/|$)", views.no_such_api),
    path("opensearch.xml", views.description, name="opensearch"),
]
