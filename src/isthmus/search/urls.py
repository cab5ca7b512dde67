"""The addresses of the search."""

from django.urls import path

from isthmus.search import views

urlpatterns = [
    path("search/", views.results, name="search"),
    path("search/feed/", views.feed, name="search-feed"),
    path("search/help/", views.help_page, name="search-help"),
    path("api/v1/search", views.api, name="api-search"),
    path("opensearch.xml", views.description, name="opensearch"),
]
