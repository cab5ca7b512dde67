"""Public pages hold no state of anybody; the admin has all of Django's guards; every answer has its headers."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from isthmus.publications import roles
from isthmus.publications.models import User
from isthmus.server.security import SecurityHeaders

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    from isthmus.publications.setup import prepare_site

    prepare_site("The Institute")


@pytest.fixture
def alice(site):
    user = User.objects.create_user("alice@institute.example", "correct horse battery")
    roles.assign(user, "administrator")
    return user


@pytest.fixture
def alices_browser(alice):
    browser = Client(enforce_csrf_checks=True)
    page = browser.get("/admin/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]
    answer = browser.post(
        "/admin/login/", {"username": alice.email, "password": "correct horse battery", "csrfmiddlewaretoken": token}
    )
    assert answer.status_code == 302
    return browser


def test_a_public_page_is_the_same_for_somebody_who_is_logged_in(alices_browser):
    hers, anybodys = alices_browser.get("/about/"), Client().get("/about/")

    assert hers.status_code == 200
    assert hers.content == anybodys.content
    assert hers.headers == anybodys.headers


@pytest.mark.parametrize("path", ["/", "/about/", "/no-such-page/", "/healthz", "/feed/"])
def test_a_public_answer_sets_no_cookie_and_varies_by_none(site, path):
    answer = Client().get(path)

    assert not answer.cookies
    assert "cookie" not in answer.headers.get("Vary", "").lower()


def test_a_public_page_costs_no_query_about_sessions_or_users(alices_browser):
    with CaptureQueriesContext(connection) as queries:
        alices_browser.get("/about/")

    tables = ('"django_session"', 'FROM "isthmus_publications_user"')
    assert len(queries) > 0
    assert not [query["sql"] for query in queries if any(table in query["sql"] for table in tables)]


def test_a_login_stays_below_admin(alices_browser):
    assert {cookie["path"] for cookie in alices_browser.cookies.values()} == {"/admin/"}
    assert alices_browser.get("/admin/").status_code == 200


def test_a_form_below_admin_without_its_token_is_refused(alices_browser):
    answer = alices_browser.post("/admin/logout/")

    assert answer.status_code == 403
    assert "could not be accepted" in answer.content.decode()
    assert alices_browser.get("/admin/").status_code == 200


def test_the_admin_sends_strangers_to_the_login(site):
    answer = Client().get("/admin/reports/site-history/")

    assert answer.status_code == 302
    assert answer.url.startswith("/admin/login/")


@pytest.mark.parametrize(
    ("headers", "is_refused"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Origin": "http://testserver"}, False),
        ({"Origin": settings.PUBLIC_URL}, False),
        ({}, False),
    ],
)
def test_only_our_own_pages_and_programs_may_post(site, headers, is_refused):
    answer = Client().post("/no-such-form/", headers=headers)

    assert (answer.status_code == 403) is is_refused


@pytest.mark.parametrize("path", ["/", "/no-such-page/", "/healthz", "/static/isthmus/site.css"])
def test_the_public_policy_allows_nothing_inline_and_nobody_to_frame(site, path):
    headers = Client().get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))

    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    own = "'none'" if path.startswith("/static/") else "'self'"
    assert {policy.get(name, "'none'") for name in ("script-src", "style-src", "form-action")} == {own}
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    if own == "'self'":
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]


def test_the_admin_may_frame_itself_and_load_nothing_from_elsewhere(alices_browser):
    policy = alices_browser.get("/admin/").headers["Content-Security-Policy"]

    assert "frame-ancestors 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "http:" not in policy
    assert "default-src 'self'" in policy


def test_fonts_and_pictures_may_stand_elsewhere_and_pages_not(site):
    assert Client().get("/static/isthmus/site.css").headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert Client().get("/").headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_https_is_insisted_on_only_where_the_site_has_it(site, settings):
    assert "Strict-Transport-Security" not in Client().get("/").headers

    settings.PUBLIC_URL = "https://institute.example"

    assert "max-age=31536000" in Client().get("/").headers["Strict-Transport-Security"]


def test_a_preview_keeps_the_public_policy_but_may_stand_in_the_editors_frame():
    public = SecurityHeaders(lambda request: HttpResponse())

    answer = SecurityHeaders(lambda request: public(RequestFactory().get("/")))(
        RequestFactory().get("/admin/publications/preview/")
    )

    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/files/1/x.pdf", "/admin/media/x.svg"])
def test_the_policy_of_a_view_wins_over_that_of_the_site(path):
    answer = SecurityHeaders(lambda request: HttpResponse(headers={"Content-Security-Policy": "sandbox"}))(
        RequestFactory().get(path)
    )

    assert answer.headers["Content-Security-Policy"] == "sandbox"


@pytest.mark.parametrize(
    "path", ["/documents/1/x.pdf", "/images/abc/1/width-10/x.png", "/media/x.pdf", "/_util/login/"]
)
def test_wagtails_own_public_addresses_do_not_exist(site, path):
    assert Client().get(path).status_code == 404


def test_a_forged_host_changes_no_byte_of_a_public_page(site):
    assert Client().get("/about/", headers={"Host": "evil.example"}).content == Client().get("/about/").content


def test_a_compressed_page_has_the_same_bytes_each_time(site):
    first, second = (Client().get("/about/", headers={"Accept-Encoding": "gzip"}) for _ in range(2))

    assert first.headers["Content-Encoding"] == "gzip"
    assert first.content == second.content


def test_a_page_the_reader_has_is_not_sent_again(site):
    etag = Client().get("/about/").headers["ETag"]

    assert Client().get("/about/", headers={"If-None-Match": etag}).status_code == 304
