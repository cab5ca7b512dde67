"""What axe finds wrong with a page, by the rules of WCAG 2.2 A and AA and axe's own best practices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
_RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


def violations(page: Any) -> list[str]:
    """One line for each element at fault, with the rule and where it stands; empty for a page without faults.

    page: a playwright page. The script is evaluated and not added as a tag, which the page's own
    Content-Security-Policy forbids.
    """
    page.evaluate(_SCRIPT.read_text(encoding="utf-8") + "; undefined")
    return [
        f"{found['id']}: {found['help']}: {' '.join(map(str, node['target']))}"
        for found in page.evaluate(_RUN)
        for node in found["nodes"]
    ]
