"""How the ways out stand, and which machine this database sends from."""

from __future__ import annotations

from django.db import models


class RelayState(models.Model):
    """One relay: a relay that is down pauses itself, not the people it would have carried mail to."""

    name = models.CharField(max_length=200, primary_key=True)  # host:port, provider or `files`
    paused_until = models.DateTimeField(null=True, blank=True)
    n_failures = models.PositiveIntegerField(default=0)
    said = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class DomainState(models.Model):
    """One domain of recipients that asked us to slow down."""

    domain = models.CharField(max_length=255, primary_key=True)
    not_before = models.DateTimeField()
    n_failures = models.PositiveIntegerField(default=0)
    said = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.domain


class Machine(models.Model):
    """The machine and directory this database last sent from: a restored or cloned copy is another, holds and asks."""

    mark = models.CharField(max_length=64)  # hash of machine id and directory
    described = models.CharField(max_length=500)
    accepted_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.described
