"""Addresses of campaigns and sent mail below /admin/mail/; Wagtail adds the login, each view asks for the right."""

from django.urls import path

from isthmus.mailing import campaign_pages, mailing_pages

_CAMPAIGN = "campaigns/<int:campaign_id>/"
_MAILING = "sent/<int:mailing_id>/"

urlpatterns = [
    path(_CAMPAIGN, campaign_pages.campaign, name="isthmus_campaign"),
    path(f"{_CAMPAIGN}preview/", campaign_pages.preview, name="isthmus_campaign_preview"),
    path(f"{_CAMPAIGN}test/", campaign_pages.test, name="isthmus_campaign_test"),
    path(f"{_CAMPAIGN}send/", campaign_pages.send, name="isthmus_campaign_send"),
    path(f"{_CAMPAIGN}schedule/", campaign_pages.schedule, name="isthmus_campaign_schedule"),
    path(f"{_CAMPAIGN}again/", campaign_pages.again, name="isthmus_campaign_again"),
    path("sent/", mailing_pages.mailings, name="isthmus_mailings"),
    path(_MAILING, mailing_pages.mailing, name="isthmus_mailing"),
    path(f"{_MAILING}counts/", mailing_pages.counts, name="isthmus_mailing_counts"),
    path(f"{_MAILING}pause/", mailing_pages.pause, name="isthmus_mailing_pause"),
    path(f"{_MAILING}resume/", mailing_pages.resume, name="isthmus_mailing_resume"),
    path(f"{_MAILING}cancel/", mailing_pages.cancel, name="isthmus_mailing_cancel"),
    path(f"{_MAILING}people/", mailing_pages.people, name="isthmus_mailing_people"),
    path(f"{_MAILING}people.csv", mailing_pages.people_csv, name="isthmus_mailing_csv"),
    path("growth/", mailing_pages.charts, name="isthmus_mail_charts"),
]
