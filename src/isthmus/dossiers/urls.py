"""The public addresses of dossiers and chronologies; a file's form comes before the second slug of a pair."""

from django.urls import path, re_path

from isthmus.dossiers import views

_FORM = r"entries\.(?P<form>csv|json|ics)"

urlpatterns = [
    path("chronology/", views.chronology, name="chronology"),
    path("chronology/feed/", views.chronology_file, {"form": "feed"}),
    path("chronology/reported/", views.reported),
    re_path(r"^chronology/report/(?P<about>[a-z]+)/(?P<key>[0-9a-f]{8,32})/$", views.report),
    re_path(rf"^chronology/{_FORM}$", views.chronology_file),
    path("dossiers/", views.index, name="dossiers"),
    path("dossiers/<str:slug>/", views.subject, name="dossier"),
    path("dossiers/<str:slug>/feed/", views.subject_file, {"form": "feed"}),
    re_path(rf"^dossiers/(?P<slug>[^/]+)/{_FORM}$", views.subject_file),
    path("dossiers/<str:first>/<str:second>/", views.pair, name="dossier-pair"),
    path("dossiers/<str:first>/<str:second>/feed/", views.pair_file, {"form": "feed"}),
    re_path(rf"^dossiers/(?P<first>[^/]+)/(?P<second>[^/]+)/{_FORM}$", views.pair_file),
]
