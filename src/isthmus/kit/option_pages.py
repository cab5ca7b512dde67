"""The table of options written down: as the reference page, and as the first `isthmus.toml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from isthmus.kit import files
from isthmus.kit.option_values import shown, toml
from isthmus.kit.options import OPTIONS, Option, checked_value
from isthmus.kit.publication_kinds import DEFAULT_KINDS


def reference_markdown() -> str:
    """The tables of options and kinds for docs/reference/options.md."""
    rows = ["| Option | Variable | Default | What it is |", "| --- | --- | --- | --- |"]
    for option in OPTIONS:
        default, variable = shown(option.default), f"`{option.variable}`"
        if option.kind == "kinds":
            default, variable = "see below", "—"
        rows.append(f"| `{option.name}` | {variable} | {default} | {_explained(option)} |")
    rows += ["", "| Kind | Label | Fields |", "| --- | --- | --- |"]
    for kind in DEFAULT_KINDS.values():
        declared = ", ".join(f"`{field.name}` ({field.type})" for field in kind.fields) or "—"
        rows.append(f"| `{kind.name}` | {kind.label}, {kind.plural} | {declared} |")
    return "\n".join(rows) + "\n"


def first_options(name: str, url: str) -> dict[str, Any]:
    """What `init` sets: the name, and the address unless it is empty. Raises: OptionsError for an impossible one."""
    given = {"name": name} | ({"public_url": url} if url else {})
    return {key: checked_value(key, value, where="The command line") for key, value in given.items()}


def write_initial(path: Path, name: str, url: str) -> None:
    """Write a first isthmus.toml: name and address set, every other option there as a comment with its default.

    url: empty leaves `public_url` at its default.
    Raises: OptionsError for an impossible name or address; kit.files.DiskFull.
    """
    checked = first_options(name, url)
    lines = ["# The options of this institute. A line that starts with # shows a default.", ""]
    for option in OPTIONS:
        if option.kind == "kinds":
            continue
        is_set = option.name in checked
        value = toml(checked[option.name] if is_set else option.default)
        lines += [f"# {_explained(option)}", f"{'' if is_set else '# '}{option.name} = {value}", ""]
    lines += ["# A kind of publication of your own, with its fields:", *_KIND_EXAMPLE]
    files.write_durably(path, "\n".join(lines).encode())


_KIND_EXAMPLE = (
    "# [kinds.brief]",
    '# label = "Policy brief"',
    '# plural = "Policy briefs"',
    '# fields = [{ name = "number", label = "Number", type = "number" }]',
    "",
)


def _explained(option: Option) -> str:
    if option.choices:
        return f"{option.help} One of: {', '.join(option.choices)}."
    if option.minimum is not None:
        return f"{option.help} From {option.minimum} to {option.maximum}."
    return option.help
