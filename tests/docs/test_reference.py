"""Every option and command is documented, by pages made from the code."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from isthmus.kit.options import OPTIONS

REFERENCE = Path(__file__).parent.parent.parent / "docs" / "reference"


def generator() -> ModuleType:
    """The script behind `make docs`."""
    spec = importlib.util.spec_from_file_location("generate", REFERENCE / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["options.md", "commands.md", "query-language.md"])
def test_the_reference_says_what_the_code_says(page):
    written = (REFERENCE / page).read_text(encoding="utf-8")

    assert written == generator().pages()[page], "run `make docs`"


def test_every_option_explains_itself_in_a_sentence():
    silent = [option.name for option in OPTIONS if not option.help.strip().endswith(".")]

    assert silent == []
