"""What Wagtail finds of ours when it starts: the place "Mail" of the menu and what stands in it."""

from __future__ import annotations

from isthmus.mailing import campaign_admin  # noqa: F401  (registers its hooks when it is imported)
