"""The tail of the code is kept short: a function nobody can read at a glance, a module nobody can keep in mind."""

from __future__ import annotations

import ast
import itertools
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from sys import stdlib_module_names

ROOT = Path(__file__).parent.parent.parent
MAX_FUNCTION, MAX_MODULE, MAX_TEST_MODULE = 45, 400, 500
# Distributions whose module is called otherwise; what a listed dependency always brings along needs no line of its own.
_BROUGHT = {
    "psycopg", "dns", "PIL", "asgiref", "modelcluster", "taggit", "willow", "modelsearch", "laces", "telepath",
    "django_filters", "draftjs_exporter", "requests", "bs4", "readability", "yaml",
}  # fmt: skip


def sources() -> list[Path]:
    """The package's own Python files; migrations are written by a command."""
    return [path for path in (ROOT / "src").rglob("*.py") if "migrations" not in path.parts]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's name and lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.name}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_is_longer_than_a_screen():
    long = {name: lines for path in sources() for name, lines in functions(path) if lines > MAX_FUNCTION}

    assert long == {}


def test_no_module_is_too_long_to_keep_in_mind():
    bounds = dict.fromkeys(sources(), MAX_MODULE)
    bounds |= dict.fromkeys((ROOT / "tests").rglob("*.py"), MAX_TEST_MODULE)

    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in bounds}
    long = [str(path.relative_to(ROOT)) for path, bound in bounds.items() if lines[path] > bound]

    assert long == []


def test_every_package_we_import_is_one_we_ask_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    # Whether an extra is there is asked before it is used; mypy knows all of them.
    wanted = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    asked = {re.split(r"[^\w-]", name)[0].lower().removeprefix("django-").replace("-", "_") for name in wanted}
    asked |= {"django_tasks"}

    imported = {name for path in sources() for name in _imports(path)}

    assert imported - asked - _BROUGHT - set(stdlib_module_names) - {"isthmus"} == set()


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
