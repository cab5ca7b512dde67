"""Wagtail's choosers without the script they write into the page, so that the admin's policy can forbid such scripts.

The other places that have one are templates, which the theme replaces; `start.js` starts all of them.
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.widgets import BaseChooser

# What Wagtail 8.0 has there: `new PageChooser("id", {…});` or `createTaskChooser("id");`.
_SCRIPT = re.compile(r"(?:new )?(\w+)\((.*)\);?", re.DOTALL)


def without_script(widget: BaseChooser, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
    """The chooser's HTML, and what has to be started for it as data.

    Raises: ValueError where a chooser is started by a script of another form.
    """
    chosen = widget.get_value_data(value)
    html = widget.render_html(name, chosen, attrs)
    script = widget.render_js_init(attrs["id"], name, chosen)
    found = _SCRIPT.fullmatch(script)
    if found is None:
        raise ValueError(f"{type(widget).__name__} is started by a script of another form: {script[:80]}")
    given = json.dumps(json.loads(f"[{found[2]}]"))
    return format_html('{}<span hidden data-isthmus-start="{}" data-isthmus-with="{}"></span>', html, found[1], given)


def take_over() -> None:
    """Have every chooser of the admin render so; Wagtail has no hook for it, and a test looks at its own choosers."""
    BaseChooser.render = without_script
