"""The addresses of the mailing list; none of them is shown to a person by its token but their own."""

from django.urls import path

from isthmus.mailing import views, webhooks

urlpatterns = [
    path("subscribe/", views.subscribe, name="subscribe"),
    path("subscribe/sent/", views.sent),
    path("subscribe/confirm/<str:token>/", views.confirm),
    path("subscriptions/leave/<str:token>/", views.leave),
    path("subscriptions/<str:token>/", views.preferences),
    path("subscriptions/<str:token>/data.json", views.data),
    path("subscriptions/<str:token>/erase/", views.erase),
    path("mail/hooks/<slug:provider>/", webhooks.hook),
]
