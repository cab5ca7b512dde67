"""The grade that the HTTP Observatory would give: its published scoring, over public, admin, API and error pages.

Of its tests these are decided here; redirects, the certificate and what is preloaded are the proxy's and the world's.
Source: MDN, HTTP Observatory, "Tests & Scoring" (2026): start at 100, deduct, add bonuses from 90 on; A+ from 100.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from isthmus.publications.setup import prepare_site
from isthmus.server import headers as server_headers
from tests.publications.editing.people import browser_of, user

pytestmark = pytest.mark.django_db
_BROAD = {"*", "http:", "https:", "ftp:", "http://*", "https://*"}
_PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
_SIX_MONTHS_S = 15_768_000


def policy_of(answer: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in parts}


def csp_points(policy: dict[str, list[str]]) -> int:
    """Of the policy: 10 to -25."""
    default = policy.get("default-src", ["*"])
    script, style, objects = (set(policy.get(f"{name}-src", default)) for name in ("script", "style", "object"))
    if script & (_BROAD | {"'unsafe-inline'", "data:"}) or objects & _BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for sources in policy.values() for source in sources):
        return -20
    if "'unsafe-eval'" in script | style:
        return -10
    if style & (_BROAD | {"'unsafe-inline'", "data:"}):
        return 0
    return 10 if default == ["'none'"] else 5


def cookie_points(answer: Any) -> int:
    """Of the cookies: 5 to -40, the worst one counts."""
    points = []
    for name, cookie in answer.cookies.items():
        if not cookie["secure"]:
            points.append(-40 if "session" in name else -20)
        elif "session" in name and not cookie["httponly"]:
            points.append(-30)
        else:
            points.append(5 if cookie["samesite"] in ("Lax", "Strict") else -20)
    return min(points, default=0)


def score(answer: Any) -> int:
    """The points of one answer over HTTPS."""
    says, policy = answer.headers, policy_of(answer)
    age = re.search(r"max-age=(\d+)", says.get("Strict-Transport-Security", ""))
    framed = policy.get("frame-ancestors")
    points = [
        csp_points(policy),
        cookie_points(answer),
        -50 if "Access-Control-Allow-Credentials" in says else 0,
        0 if age and int(age[1]) >= _SIX_MONTHS_S else -20,
        0 if says.get("X-Content-Type-Options") == "nosniff" else -5,
        5 if framed and not set(framed) & _BROAD else 0 if "X-Frame-Options" in says else -20,
        5 if says.get("Referrer-Policy") in _PRIVATE else -5,
        {"same-origin": 10, "same-site": 10, "cross-origin": 0}.get(says.get("Cross-Origin-Resource-Policy", ""), -5),
    ]
    lost = 100 + sum(one for one in points if one < 0)
    return lost + sum(one for one in points if one > 0) if lost >= 90 else lost


@pytest.fixture
def https(settings):
    """A site at an https address, as `settings` makes its cookies there."""
    settings.PUBLIC_URL = "https://institute.example"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    prepare_site("The Institute")


@pytest.mark.parametrize("path", [
    "/", "/search/?q=trade", "/subscribe/", "/no-such-page/", "/api/v1/search?q=x", "/api/v1/nothing", "/healthz",
    "/robots.txt", "/feed/", "/admin/login/", "/admin/", "/admin/no-such-page/", "/admin/second-step/",
])  # fmt: skip
def test_every_kind_of_page_is_graded_a_plus(https, path):
    assert score(Client(raise_request_exception=False).get(path)) >= 100


@pytest.mark.parametrize("path", ["", "publications/add/", "reports/audit/", "second-step/set-up/", "no-such-page/"])
def test_the_admin_from_within_is_graded_a_plus(https, path):
    answer = browser_of(user("boss", "administrator")).get(f"/admin/{path}")

    assert score(answer) >= 100
    assert all("unsafe" not in source for name, sources in policy_of(answer).items() if name != "style-src"
               for source in sources)  # fmt: skip


def test_a_form_from_elsewhere_is_refused_under_the_same_headers(https):
    answer = Client().post("/subscribe/", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert score(answer) >= 100


def test_the_scoring_sees_what_is_missing(https, monkeypatch):
    monkeypatch.setitem(server_headers._PUBLIC_POLICY, "script-src", "'self' 'unsafe-inline'")

    assert score(Client().get("/")) < 90


@pytest.mark.parametrize(("url", "said"), [
    ("https://institute.example", "__Secure-sessionid __Secure-csrftoken True True"),
    ("http://localhost:8000", "sessionid csrftoken False False"),
])  # fmt: skip
def test_cookies_of_an_https_site_are_taken_from_https_alone(tmp_path, url, said):
    code = (
        "from isthmus.server import settings as s; print(getattr(s, 'SESSION_COOKIE_NAME', 'sessionid'), "
        "getattr(s, 'CSRF_COOKIE_NAME', 'csrftoken'), s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    )
    environment = {**os.environ, "ISTHMUS_DIR": str(tmp_path), "ISTHMUS_PUBLIC_URL": url}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == said
