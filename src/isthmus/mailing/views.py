"""The pages of people who get our mail: parse, one action or query, render. A GET changes nothing anywhere here.

Who may post: `server.security`. What stands on a person's own page is theirs alone, so nothing stores it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from isthmus.kit import clock, tokens
from isthmus.kit.errors import IsthmusError
from isthmus.mailing import actions, following, forms, links, queries, searches, wording
from isthmus.mailing.addresses import AddressInvalid
from isthmus.mailing.forms import SignUpForm
from isthmus.mailing.models import Subscriber, Subscription
from isthmus.mailing.models.people import EVERYTHING
from isthmus.search.saved import QuestionInvalid

View = Callable[..., HttpResponse]
_read_or_press = require_http_methods(["GET", "HEAD", "POST"])
_PACES = Subscription.Pace.choices
_HOW = "preference page"


def _private(view: View) -> View:
    """Stored by nobody and found by no search engine; a link that is none of ours leads to a page that says so."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        try:
            response = view(request, *args, **named)
        except (tokens.TokenInvalid, actions.NobodyThere) as error:
            response = render(request, "isthmus/mailing/link_invalid.html", {"said": str(error)}, status=404)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return answered


@_read_or_press
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form with all that can be chosen. What it answers is the same whoever the address belongs to."""
    if request.method != "POST":
        asked = request.GET.get("search", "")
        return _subscribe_page(request, SignUpForm(scope=forms.SEARCH, search=asked) if asked else SignUpForm())
    form = forms.sign_up_form(request)
    if not form.is_trapped:
        try:
            actions.sign_up(
                form.email, choices=_some(form), form=form.form, network=forms.network(request), now=clock.now()
            )
        except (AddressInvalid, following.ChoiceInvalid) as error:
            return _subscribe_page(request, form, error=error)
    return HttpResponseRedirect("/subscribe/sent/", status=303)


def _some(form: SignUpForm) -> list[following.Choice]:
    if not form.choices:
        raise following.ChoiceInvalid("Tick at least one thing to follow, or choose everything.")
    return form.choices


def _subscribe_page(request: HttpRequest, form: SignUpForm, error: IsthmusError | None = None) -> HttpResponse:
    search, trouble = _search_of(form)
    shown = {
        "form": form if search or form.scope != forms.SEARCH else replace(form, scope=EVERYTHING),
        "search": search,
        "search_trouble": "" if error else trouble,
        "groups": following.offered(),
        "paces": _PACES,
        "wording": wording.text(),
        "error": str(error) if error else "",
        "is_address_wrong": isinstance(error, AddressInvalid),
    }
    response = render(request, "isthmus/mailing/subscribe.html", shown, status=400 if error else 200)
    if error:
        response.headers["Cache-Control"] = "no-store"
    return response


def _search_of(form: SignUpForm) -> tuple[searches.Offered | None, str]:
    """The search that the form offers to follow; a sentence where it cannot be followed."""
    if not form.search:
        return None, ""
    try:
        return searches.offered(form.search, today=clock.local_date(clock.now(), settings.TIME_ZONE)), ""
    except QuestionInvalid as error:
        return None, str(error)


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What everybody is answered who filled in a form."""
    return render(request, "isthmus/mailing/sent.html")


@_read_or_press
@_private
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link in a confirmation: one button, which alone confirms."""
    network = forms.network(request)
    try:
        number = links.read_confirm(token, _secrets())
        if request.method == "POST":
            actions.confirm(token, network=network, now=clock.now())
            return HttpResponseRedirect(request.path, status=303)
    except tokens.TokenExpired:
        if request.method == "POST":
            actions.send_again(token, network=network, now=clock.now())
            return HttpResponseRedirect("/subscribe/sent/", status=303)
        return render(request, "isthmus/mailing/link_expired.html", status=410)
    return _confirm_page(request, number)


def _confirm_page(request: HttpRequest, number: int) -> HttpResponse:
    subscriber = _subscriber(number)
    shown = {
        "subscriber": subscriber,
        "asked": queries.followed_by(subscriber, is_confirmed=False),
        "followed": queries.followed_by(subscriber),
        "paces": dict(_PACES),
        "wording": wording.text(),
        "preferences_path": links.preferences_path(number, _secrets()),
    }
    return render(request, "isthmus/mailing/confirm.html", shown)


@_read_or_press
@_private
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """A person's own page, by the link in every mail: what, how often, pause, leave, download, erase."""
    number = links.read_preferences(token, _secrets())
    if request.method != "POST":
        return _preferences_page(request, number, token)
    try:
        done = _press(request, number)
    except (following.ChoiceInvalid, actions.PauseInvalid) as error:
        return _preferences_page(request, number, token, error=str(error))
    return HttpResponseRedirect(f"{request.path}?done={done}", status=303)


def _press(request: HttpRequest, number: int) -> str:
    """Do what the pressed button says; its name, for the page that follows."""
    pressed, now = request.POST.get("press", "change"), clock.now()
    if pressed == "pause":
        actions.pause(number, until=forms.pause_end(request.POST, now), how=_HOW, now=now)
    elif pressed == "resume":
        actions.pause(number, until=None, how=_HOW, now=now)
    elif pressed == "leave":
        actions.leave(number, how=_HOW, now=now)
    else:
        actions.change(number, choices=forms.preference_choices(request.POST), how=_HOW, now=now)
        return "change"
    return pressed


def _preferences_page(request: HttpRequest, number: int, token: str, *, error: str = "") -> HttpResponse:
    found = queries.preferences(number)
    if found is None:
        raise actions.NobodyThere("Nothing is stored about you any more; you can sign up anew.")
    until = found.subscriber.paused_until
    shown = {
        "page": found,
        "paces": _PACES,
        "token": token,
        "paused_until": clock.local_date(until, settings.TIME_ZONE) if until and until > clock.now() else None,
        "done": request.GET.get("done", ""),
        "error": error,
    }
    return render(request, "isthmus/mailing/preferences.html", shown, status=400 if error else 200)


@require_safe
@_private
def data(request: HttpRequest, token: str) -> HttpResponse:
    """Everything known of a person, as a file."""
    found = queries.export_data(_subscriber(links.read_preferences(token, _secrets())).pk)
    answer = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer


@_read_or_press
@_private
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """The second step of being erased: what goes, what stays, and a button."""
    number = links.read_preferences(token, _secrets())
    if request.method == "POST":
        actions.erase(number, now=clock.now())
        return render(request, "isthmus/mailing/erased.html")
    return render(request, "isthmus/mailing/erase.html", {"subscriber": _subscriber(number), "token": token})


@_read_or_press
@_private
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Where mail programs post to unsubscribe (RFC 8058): done and answered at once, without a cookie or a redirect.

    A person who opens the address sees a page with a button, which posts to the same place.
    """
    _, subject = links.read_one_click(token, _secrets())
    is_done = request.method == "POST"
    if is_done:
        actions.one_click(token, now=clock.now())
    name = "" if subject == EVERYTHING else following.names([subject]).get(subject, "")
    return render(request, "isthmus/mailing/leave.html", {"name": name, "is_done": is_done})


def _subscriber(number: int) -> Subscriber:
    found = Subscriber.objects.filter(pk=number).first()
    if found is None:
        raise actions.NobodyThere("Nothing is stored about you any more; you can sign up anew.")
    return found


def _secrets() -> Any:
    return settings.DATA / "secrets"
