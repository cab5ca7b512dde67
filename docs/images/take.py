"""Takes the pictures of the README anew from a running demo: `make demo`, then `.venv/bin/python docs/images/take.py`.

Needs what `make setup-dev` installs, and Chromium.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from PIL import Image

_HERE = Path(__file__).parent
sys.path.insert(0, str(_HERE.parents[1]))

from tests import outside  # noqa: E402  (the checkout is put on the path first)

_PAGES = {"home": "/", "piece": "/the-narrows/ardor-cools-across-the-narrows/"}
_WIDTH, _HEIGHT, _QUALITY = 1280, 900, 80
# Each stands in the README, which must open quickly.
_MAX_BYTES = 150_000


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", default="http://localhost:8000", metavar="URL", help="where the demo is served")
    site = parser.parse_args().site.rstrip("/")
    with outside.chromium() as browser:
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT}, color_scheme="light")
        for name, path in _PAGES.items():
            page.goto(site + path, wait_until="networkidle")
            print(_write(_HERE / f"{name}.webp", page.screenshot()))


def _write(path: Path, png: bytes) -> str:
    Image.open(io.BytesIO(png)).convert("RGB").save(path, "WEBP", quality=_QUALITY, method=6)
    n_bytes = path.stat().st_size
    if n_bytes > _MAX_BYTES:
        raise SystemExit(f"{path} has {n_bytes} bytes, and {_MAX_BYTES} are the most: lower _QUALITY.")
    return f"{path}: {n_bytes} bytes"


if __name__ == "__main__":
    main()
