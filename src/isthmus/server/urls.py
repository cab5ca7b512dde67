"""Every address of the site, in the order they are tried.

Wagtail's own addresses for readers (files, pictures, pages) are not among them: they would pass by the gate.
"""

from django.urls import URLPattern, URLResolver, include, path
from wagtail.admin import urls as admin_urls

from isthmus.server import static_files, views

handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("admin/", include("isthmus.server.second_factor.urls")),
    path("admin/", include("isthmus.publications.editing.urls")),
    path("admin/", include(admin_urls)),
    path("static/<path:name>", static_files.serve),
    path("", include("isthmus.search.urls")),
    path("", include("isthmus.dossiers.urls")),
    path("", include("isthmus.mailing.urls")),
    path("mail/", include("isthmus.mailing.web_urls")),
    path("", include("isthmus.publications.urls")),
]
