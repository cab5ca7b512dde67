"""Addresses below /admin/ that stand before Wagtail's own: the first two must open to whoever owes the second step."""

from django.urls import path

from isthmus.server.second_factor import views

urlpatterns = [
    path("login/", views.Login.as_view()),
    path("second-step/", views.step, name="isthmus_second_step"),
    path("second-step/set-up/", views.set_up, name="isthmus_second_step_set_up"),
    path("second-step/mine/", views.mine, name="isthmus_second_step_mine"),
    path("second-step/mine/codes/", views.renew, name="isthmus_second_step_renew"),
    path("second-step/mine/remove/", views.remove, name="isthmus_second_step_remove"),
    path("second-step/of/<int:user_id>/", views.of, name="isthmus_second_step_of"),
]
