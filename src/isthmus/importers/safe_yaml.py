"""YAML as archives write it: texts stay as printed, and what grows by aliases is refused.

PyYAML turns "2016-08-02" into a date and moves one with an offset to UTC, "no" into False and "1_000" into a number;
an archive means what it printed. Lists and maps are kept, everything else is text.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

# A front matter has dozens of nodes, a file of all authors some thousand; a bomb has thousands of millions.
_MAX_NODES = 50_000
_MAX_DEPTH = 40


class YamlRefused(ValueError):
    """No YAML, or too much of it; the message is the end of a sentence."""


class _Loader(yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader):  # type: ignore[misc]
    """Texts, lists and maps only."""


_NULL = re.compile(r"(?:~|null|Null|NULL)?")


def load(words: str) -> Any:
    """The document as texts, lists and maps; a null is an empty text, a repeated key keeps its last value.

    Raises: YamlRefused with the line.
    """
    try:
        root = yaml.compose(words.replace("\x00", ""), Loader=_Loader)
        return _value(root, [0], 0) if root is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" at line {mark.line + 1}" if mark else ""
        raise YamlRefused(f"{error.problem or error.context or 'no YAML'}{line}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise YamlRefused(str(error).partition("\n")[0]) from error


def _value(node: Any, n_nodes: list[int], depth: int) -> Any:
    n_nodes[0] += 1
    if n_nodes[0] > _MAX_NODES or depth > _MAX_DEPTH:
        raise YamlRefused("it grows by its aliases beyond what a page can mean")
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, n_nodes, depth + 1) for child in node.value]
    if isinstance(node, yaml.MappingNode):
        return {str(_value(key, n_nodes, depth + 1)): _value(child, n_nodes, depth + 1) for key, child in node.value}
    is_quoted = node.style in ("'", '"', "|", ">")
    return "" if not is_quoted and _NULL.fullmatch(node.value) else node.value
