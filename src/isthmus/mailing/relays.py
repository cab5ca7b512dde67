"""How the ways out stand: a relay that is down pauses itself, a domain that asked for it is left alone for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from isthmus.mailing.models import DomainState, RelayState

# A relay that restarts is back within seconds; one that is gone is asked four times an hour.
_FIRST_RELAY_WAIT_S, _MOST_RELAY_WAIT_S = 5.0, 900.0
# One deferred person is no full queue: a domain waits from the third deferral in a row on, a quarter of an hour at
# most, since where each new person is deferred once (greylisting) a longer pause would add up to days.
_DOMAIN_PATIENCE = 3
_FIRST_DOMAIN_WAIT_S, _MOST_DOMAIN_WAIT_S = 60.0, 900.0


def paused_until(name: str, now: datetime) -> datetime | None:
    """When a relay may be tried next; None if it may be now."""
    return RelayState.objects.filter(name=name, paused_until__gt=now).values_list("paused_until", flat=True).first()


def is_doubtful(name: str) -> bool:
    """Whether the last thing known of a relay is that it was down: one message first, to see."""
    return RelayState.objects.filter(name=name, n_failures__gt=0).exists()


def went_down(name: str, said: str, *, now: datetime) -> datetime:
    """Pause a relay, each time longer; the moment it may be tried again."""
    state, _ = RelayState.objects.get_or_create(name=name, defaults={"changed_at": now})
    wait_s = _doubled(_FIRST_RELAY_WAIT_S, state.n_failures, _MOST_RELAY_WAIT_S)
    until = now + timedelta(seconds=wait_s)
    RelayState.objects.filter(name=name).update(
        n_failures=F("n_failures") + 1, paused_until=until, said=said[:500], changed_at=now
    )
    return until


def is_up(name: str, *, now: datetime) -> None:
    """A message went: the relay is as good as new."""
    RelayState.objects.filter(name=name, n_failures__gt=0).update(
        n_failures=0, paused_until=None, said="", changed_at=now
    )


def try_now(name: str, *, now: datetime) -> None:
    """An operator says that it is worth a try."""
    RelayState.objects.filter(name=name).update(paused_until=None, changed_at=now)


def waiting_domains(now: datetime) -> dict[str, datetime]:
    """Domains of recipients that are left alone, and until when."""
    return dict(DomainState.objects.filter(not_before__gt=now).values_list("domain", "not_before"))


def troubled_domains() -> set[str]:
    """Every domain that deferred somebody and has taken nothing since."""
    return set(DomainState.objects.values_list("domain", flat=True))


def slow_down(domain: str, said: str, *, now: datetime) -> None:
    """A recipient was deferred for their domain's sake; from the third in a row on the whole domain waits."""
    state, _ = DomainState.objects.get_or_create(domain=domain[:255], defaults={"not_before": now})
    wait_s = 0.0
    if state.n_failures + 1 >= _DOMAIN_PATIENCE:
        wait_s = _doubled(_FIRST_DOMAIN_WAIT_S, state.n_failures + 1 - _DOMAIN_PATIENCE, _MOST_DOMAIN_WAIT_S)
    DomainState.objects.filter(pk=state.pk).update(
        n_failures=F("n_failures") + 1, not_before=now + timedelta(seconds=wait_s), said=said[:500]
    )


def took_mail(domains: set[str]) -> None:
    """Mail to these domains went: whatever they asked for is over."""
    DomainState.objects.filter(domain__in=domains).delete()


def _doubled(first_s: float, n: int, most_s: float) -> float:
    return min(first_s * 2.0 ** min(n, 20), most_s)
