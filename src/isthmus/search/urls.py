"""The addresses of the search."""

from django.urls import path, re_path

from isthmus.search import api, views

urlpatterns = [
    path("search/", views.results, name="search"),
    path("search/feed/", views.feed, name="search-feed"),
    path("search/help/", views.help_page, name="search-help"),
    path("api/v1/search", api.search, name="api-search"),
    path("api/v1/suggest", api.suggest, name="api-suggest"),
    path("api/v1/suggest/browser", api.suggest_for_browsers, name="api-suggest-browser"),
    path("api/v1/docs", api.documentation, name="api-docs"),
    path("api/v1/openapi.json", api.description, name="api-description"),
    re_path(r"^api(?:/|$)", api.nothing_here),
    path("opensearch.xml", api.opensearch, name="opensearch"),
]
