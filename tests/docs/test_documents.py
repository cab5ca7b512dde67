"""What is committed can be followed, and betrays nothing about the machine it was written on."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parent.parent.parent
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?: \"[^\"]*\")?\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# Written in pieces, or this file would be the first to be found.
_REGISTRIES = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "crates" + ".io")
_MACHINE = re.compile("(?<![\\w.])/(" + "|".join(("wor" + "k", "ho" + "me/\\w+", "ro" + "ot", "Use" + "rs")) + ")/")


@cache
def committed(*patterns: str) -> tuple[Path, ...]:
    """Files git knows, or would take; outside a clone every file that is not hidden."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("needs a git clone: this is an unpacked archive")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def anchors(text: str) -> set[str]:
    """The fragments of a Markdown page's headings, as code forges make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    """Links of a Markdown page to files or headings that are not there; other sites are not asked."""
    broken = []
    for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = unquote(target).partition("#")
        file = (page.parent / path) if path else page
        is_missing = not file.exists()
        if is_missing or (fragment and file.suffix == ".md" and fragment not in anchors(file.read_text("utf-8"))):
            broken.append(target)
    return broken


def test_every_link_in_a_document_leads_somewhere():
    # The demo's pieces link to each other by `pub:` and to pictures by name; their own tests follow those.
    elsewhere = ("demo/content/", "tests/vendor/")
    pages = [page for page in committed("*.md") if not any(folder in page.as_posix() for folder in elsewhere)]

    broken = {str(page.relative_to(ROOT)): links for page in pages if (links := broken_links(page))}

    assert broken == {}


def test_no_committed_file_names_a_path_of_one_machine_or_a_package_registry():
    found = []
    for path in committed():
        if "vendor" in path.parts:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if any(host in text for host in _REGISTRIES) or _MACHINE.search(text):
            found.append(str(path.relative_to(ROOT)))

    assert found == []


def test_the_lock_pins_everything_with_hashes_and_names_no_place():
    for lock in ("base", "test", "dev"):
        text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
        entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).strip())

        unpinned = [entry.split()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]
        assert unpinned == []
        assert not re.search(r"://|--(extra-)?index-url|--find-links|^-[efi] ", text, re.MULTILINE)


def test_the_changelog_has_a_place_for_what_is_not_released():
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
