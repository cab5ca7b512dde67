"""The second step from the browser's side, and every way around it that was thought of."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client

from isthmus.publications import roles
from isthmus.publications.audit.models import Entry
from isthmus.publications.models import User
from isthmus.publications.setup import prepare_site
from isthmus.server.second_factor.models import RecoveryCode, SecondFactor
from tests.server.second_factor.phone import PASSWORD, Phone, enrol, is_in, log_in, type_code

pytestmark = pytest.mark.django_db
LIMIT = django_settings.ISTHMUS.login_attempts


@pytest.fixture(autouse=True)
def site(db, clock):
    prepare_site("The Institute")


@pytest.fixture
def enrolled(alice, clock) -> tuple[User, Phone, list[str]]:
    """Alice, her phone and her recovery codes; half a minute later, so that the first code is used up and gone."""
    phone, codes = enrol(log_in(alice.email))
    clock.advance(timedelta(seconds=30))
    return alice, phone, codes


def _require(settings, whom):
    settings.ISTHMUS = dataclasses.replace(settings.ISTHMUS, second_factor=whom)


def test_without_a_second_step_the_password_is_enough(alice):
    assert is_in(log_in(alice.email))


def test_the_code_of_the_phone_lets_in_and_the_password_alone_does_not(enrolled):
    alice, phone, _ = enrolled
    browser = Client()

    answer = browser.post("/admin/login/", {"username": alice.email, "password": PASSWORD, "next": "/admin/images/"})
    assert answer.url == "/admin/second-step/?next=%2Fadmin%2Fimages%2F"
    assert not is_in(browser)

    answer = browser.post(answer.url, {"code": phone.code(), "next": "/admin/images/"})
    assert answer.url == "/admin/images/"
    assert is_in(browser)


def test_setting_up_shows_a_picture_without_styles_and_ten_codes(alice):
    browser = log_in(alice.email)
    page = browser.get("/admin/second-step/set-up/").content.decode()

    assert "<svg" in page
    assert "style=" not in page.split("<svg")[1].split("</svg>")[0]
    _, codes = enrol(browser)
    assert len(set(codes)) == 10
    assert is_in(browser)


@pytest.mark.parametrize(("whom", "role", "is_asked"), [
    ("optional", "administrator", False), ("publishers", "administrator", True), ("publishers", "publisher", True),
    ("publishers", "editor", False), ("all", "author", True),
])  # fmt: skip
def test_the_option_says_who_must_set_one_up_at_the_first_login(settings, whom, role, is_asked):
    _require(settings, whom)
    user = User.objects.create_user("carol@institute.example", PASSWORD)
    roles.assign(user, role)
    browser = log_in(user.email)

    assert is_in(browser) is not is_asked
    if is_asked:
        assert (
            browser.get("/admin/second-step/", follow=True)
            .redirect_chain[-1][0]
            .startswith("/admin/second-step/set-up/")
        )
        enrol(browser)
        assert is_in(browser)


def test_a_session_from_before_the_option_ends_with_it(alice, settings):
    browser = log_in(alice.email)
    assert is_in(browser)

    _require(settings, "all")

    assert not is_in(browser)


@pytest.mark.parametrize("seconds_off", [-30, 0, 30])
def test_a_phone_may_be_half_a_minute_off(enrolled, clock, seconds_off):
    alice, phone, _ = enrolled
    clock.advance(timedelta(minutes=2))
    browser = log_in(alice.email)

    type_code(browser, phone.code(seconds_off=seconds_off))

    assert is_in(browser)


@pytest.mark.parametrize("seconds_off", [-90, 90])
def test_a_code_of_another_minute_is_wrong(enrolled, clock, seconds_off):
    alice, phone, _ = enrolled
    clock.advance(timedelta(minutes=5))
    browser = log_in(alice.email)

    assert "not the code of this moment" in type_code(browser, phone.code(seconds_off=seconds_off)).content.decode()

    assert not is_in(browser)


def test_a_code_works_once_and_none_before_it_works_later(enrolled):
    alice, phone, _ = enrolled
    used, older = phone.code(), phone.code(seconds_off=-30)
    type_code(log_in(alice.email), used)

    for code in (used, older):
        browser = log_in(alice.email)
        type_code(browser, code)
        assert not is_in(browser)


def test_the_code_that_set_the_app_up_lets_nobody_in_again(alice):
    phone, _ = enrol(log_in(alice.email))
    browser = log_in(alice.email)

    type_code(browser, phone.code())

    assert not is_in(browser)


def test_a_recovery_code_works_once_however_it_is_spelt(enrolled):
    alice, _, codes = enrolled
    browser, second = log_in(alice.email), log_in(alice.email)

    type_code(browser, f" {codes[0].upper().replace('-', ' ')} ")
    type_code(second, codes[0])

    assert is_in(browser)
    assert not is_in(second)
    assert RecoveryCode.objects.count() == 9
    entry = Entry.objects.get(what="recovery_code_used")
    assert (entry.who, entry.said) == (alice.email, f"{alice.email}, 9 codes left")


def test_secrets_and_codes_stand_nowhere_in_the_database(enrolled):
    _, phone, codes = enrolled
    stored = repr([*SecondFactor.objects.values(), *RecoveryCode.objects.values(), *Entry.objects.values()])
    stored += "".join(repr(session.get_decoded()) for session in Session.objects.all())

    for secret in (phone._app.secret, phone._app.secret.lower(), *codes, *(code.replace("-", "") for code in codes)):
        assert secret not in stored


# --- ways around ---------------------------------------------------------------------------------------------------


def test_a_new_password_by_mail_does_not_skip_it(enrolled, mailoutbox):
    alice, _, _ = enrolled
    browser = Client()
    browser.post("/admin/password_reset/", {"email": alice.email})
    link = next(word for word in mailoutbox[0].body.split() if "/confirm/" in word or "password_reset" in word)
    form = browser.get(link[link.index("/admin/") :], follow=True)
    chosen = {"new_password1": "a new long password", "new_password2": "a new long password"}
    browser.post(form.redirect_chain[-1][0], chosen)
    assert not is_in(browser)

    log_in(alice.email, browser=browser, password="a new long password")

    assert browser.session[SESSION_KEY] == str(alice.pk)
    assert not is_in(browser)


def test_a_session_planted_before_the_login_is_worth_nothing_after_it(enrolled):
    alice, phone, _ = enrolled
    victim = Client()
    victim.get("/admin/login/")
    log_in(alice.email, browser=victim)
    half = victim.cookies["sessionid"].value
    thief = Client()
    thief.cookies["sessionid"] = half

    type_code(victim, phone.code())

    assert is_in(victim)
    assert victim.cookies["sessionid"].value != half
    assert not is_in(thief)


def test_another_browsers_name_and_forged_headers_change_nothing(enrolled):
    alice, _, _ = enrolled
    browser = log_in(alice.email)

    for headers in ({"User-Agent": "curl/8"}, {"X-Requested-With": "XMLHttpRequest"}, {"X-Forwarded-For": "127.0.0.1"},
                    {"Authorization": "Basic YWxpY2U6eA=="}, {"X-Original-URL": "/admin/"}):  # fmt: skip
        assert browser.get("/admin/", headers=headers).status_code in (302, 403)
        assert browser.get("/admin/api/main/images/", headers=headers).status_code in (302, 403)


def test_somebody_who_owes_a_code_cannot_set_up_another_app_or_change_the_old_one(enrolled, clock):
    alice, _, _ = enrolled
    browser = log_in(alice.email)

    assert browser.get("/admin/second-step/set-up/").url.startswith("/admin/second-step/?")
    for address in ("mine/codes/", "mine/remove/", f"of/{alice.pk}/"):
        assert browser.post(f"/admin/second-step/{address}", {"code": "000000"}).status_code == 302
    assert SecondFactor.objects.count() == 1
    assert RecoveryCode.objects.count() == 10


def test_an_open_browser_is_not_enough_to_move_to_another_app(enrolled, clock):
    alice, phone, _ = enrolled
    browser = log_in(alice.email)
    type_code(browser, phone.code())
    page = browser.get("/admin/second-step/set-up/")
    before = SecondFactor.objects.get().salt

    new_phone = Phone(page.context["secret"])
    browser.post("/admin/second-step/set-up/", {"code": new_phone.code(), "old_code": "123456"})
    assert SecondFactor.objects.get().salt == before

    clock.advance(timedelta(seconds=30))
    browser.post("/admin/second-step/set-up/", {"code": new_phone.code(), "old_code": phone.code()})
    assert SecondFactor.objects.get().salt != before
    assert is_in(browser)


def test_moving_to_another_app_ends_the_other_sessions(enrolled, clock):
    alice, phone, _ = enrolled
    here, elsewhere = log_in(alice.email), log_in(alice.email)
    type_code(elsewhere, phone.code())
    clock.advance(timedelta(seconds=30))
    type_code(here, phone.code())
    clock.advance(timedelta(seconds=30))
    new_phone = Phone(here.get("/admin/second-step/set-up/").context["secret"])

    here.post("/admin/second-step/set-up/", {"code": new_phone.code(), "old_code": phone.code()})

    assert is_in(here)
    assert not is_in(elsewhere)


def test_tries_are_counted_over_all_logins(enrolled, clock):
    alice, phone, _ = enrolled
    for _ in range(LIMIT):
        type_code(log_in(alice.email), "000000")

    answer = type_code(log_in(alice.email), phone.code())

    assert "wait 15 minutes" in answer.content.decode()
    assert Entry.objects.filter(what="second_step_refused").count() == 1


def test_the_password_alone_lasts_ten_minutes(enrolled, clock):
    alice, phone, _ = enrolled
    browser = log_in(alice.email)

    clock.advance(timedelta(minutes=11))
    answer = type_code(browser, phone.code())

    assert answer.url == "/admin/"
    assert not is_in(browser)
    assert "password" in browser.get("/admin/login/").content.decode()


def test_a_mark_written_for_one_login_is_none_for_another(enrolled, clock):
    alice, phone, _ = enrolled
    bob = User.objects.create_user("bob@institute.example", PASSWORD)
    roles.assign(bob, "administrator")
    enrol(log_in(bob.email))
    browser = log_in(alice.email)
    type_code(browser, phone.code())
    assert is_in(browser)

    log_in(bob.email, browser=browser)

    assert not is_in(browser)


def test_the_page_leads_nowhere_else(enrolled):
    alice, phone, _ = enrolled
    browser = log_in(alice.email)

    answer = browser.post("/admin/second-step/", {"code": phone.code(), "next": "https://evil.example/admin/"})

    assert answer.url == "/admin/"


def test_a_form_without_its_token_is_refused(enrolled):
    alice, phone, _ = enrolled
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    assert type_code(browser, phone.code()).status_code == 403


# --- losing the phone -------------------------------------------------------------------------------------------------


def test_an_administrator_resets_a_colleague_whose_sessions_end(enrolled, clock):
    alice, phone, _ = enrolled
    hers = log_in(alice.email)
    type_code(hers, phone.code())
    boss = User.objects.create_user("boss@institute.example", PASSWORD)
    roles.assign(boss, "administrator")

    log_in(boss.email).post(f"/admin/second-step/of/{alice.pk}/")

    assert not SecondFactor.objects.exists()
    entry = Entry.objects.get(what="second_step_reset")
    assert (entry.who, entry.said) == (boss.email, alice.email)
    assert is_in(log_in(alice.email))


def test_whoever_keeps_logins_cannot_reset_one_who_may_do_everything(enrolled):
    alice, _, _ = enrolled
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    keeper = User.objects.create_user("keeper@institute.example", PASSWORD)
    keeper.groups.add(roles.Group.objects.get(name="Administrator"))

    answer = log_in(keeper.email).post(f"/admin/second-step/of/{alice.pk}/")

    assert answer.status_code in (302, 403)
    assert SecondFactor.objects.exists()


def test_it_is_not_removed_where_it_is_asked_for(enrolled, settings, clock):
    alice, phone, _ = enrolled
    browser = log_in(alice.email)
    type_code(browser, phone.code())
    clock.advance(timedelta(seconds=30))

    _require(settings, "publishers")
    browser.post("/admin/second-step/mine/remove/", {"code": phone.code()})
    assert SecondFactor.objects.exists()

    _require(settings, "optional")
    browser.post("/admin/second-step/mine/remove/", {"code": phone.code()})
    assert not SecondFactor.objects.exists()
    assert is_in(browser)


def test_new_recovery_codes_take_the_place_of_the_old(enrolled, clock):
    alice, phone, old = enrolled
    browser = log_in(alice.email)
    type_code(browser, phone.code())
    clock.advance(timedelta(seconds=30))

    shown = browser.post("/admin/second-step/mine/codes/", {"code": phone.code()}).context["codes"]

    assert not set(shown) & set(old)
    other = log_in(alice.email)
    type_code(other, old[0])
    assert not is_in(other)
    type_code(other, shown[0])
    assert is_in(other)


def test_the_account_page_and_ones_own_page_say_how_it_stands(enrolled):
    alice, phone, _ = enrolled
    browser = log_in(alice.email)
    type_code(browser, phone.code())

    assert "On since" in browser.get("/admin/account/").content.decode()
    assert "10 recovery codes left" in browser.get("/admin/second-step/mine/").content.decode()
    saved = browser.post("/admin/account/", {"name_email-first_name": "Alice", "name_email-email": alice.email})
    assert saved.status_code in (200, 302)
