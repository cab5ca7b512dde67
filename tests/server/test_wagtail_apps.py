"""What a command loads before it does anything: nobody waits for a programming interface that no address leads to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from wagtail.snippets.models import get_snippet_models

from isthmus.publications.models import Publication

# Wagtail's API and what it stands on, the admin's hooks, the rules of the temporal tagger.
_NOT_YET = (
    "ninja",
    "pydantic",
    "rest_framework",
    "isthmus.publications.wagtail_hooks",
    "isthmus.dossiers.extract.tagger",
)


def test_starting_a_command_loads_neither_wagtails_api_nor_the_admin(institute_dir: Path):
    code = (
        "import sys; from pathlib import Path; from isthmus.server import institute;"
        f"institute.open_django(Path({str(institute_dir)!r}));"
        f"print(*[name for name in {_NOT_YET} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_the_real_modules_can_be_imported_afterwards():
    from wagtail.api.v3.api import api

    assert type(api).__name__ == "NinjaAPI"


def test_publications_are_still_in_the_admins_menu():
    assert Publication in get_snippet_models()
