"""Writes the reference pages from the code; `make docs` runs it, and a test fails when a page has fallen behind."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from isthmus.cli import build_parser
from isthmus.dossiers import search_keyword
from isthmus.kit.option_pages import reference_markdown
from isthmus.kit.publication_kinds import DEFAULT_KINDS
from isthmus.search import keywords, language

HERE = Path(__file__).parent

OPTIONS = """\
# Options

Written from the code by `make docs`; edit `src/isthmus/kit/options.py` instead.

An option is read from `isthmus.toml` in the institute directory. An environment variable wins over the file, and a
variable that ends in `_FILE` and names a file wins over both: that is the place for secrets. An unknown name or an
impossible value refuses to start.

"""

COMMANDS = """\
# Commands

Written from the code by `make docs`; edit the commands instead.

`isthmus [--dir DIR] COMMAND`. DIR defaults to `ISTHMUS_DIR`, else the current directory. Exit 0: done; 1: failed;
2: asked for in a way that cannot work.
"""

QUERY_LANGUAGE = f"""\
# The query language

Written from the code by `make docs`; edit `docs/reference/generate.py` and `src/isthmus/search/keywords.py` instead.

What a reader types into the search, what `q=` holds in an address and what `isthmus search` takes are read alike.
Nothing is an error: what is not understood is searched as words, and a note beside the results says so.

| Typed | Found |
| --- | --- |
| `trade policy` | Pieces with all these words; of seven words and more, with two of them, the closest first |
| `"working talks"` | The words side by side, in this order; small words such as *of* count |
| `-japan` | Leaves out what has the word; also before a phrase, a bracket or a keyword. Alone: everything else |
| `tariff OR quota` | One of the two; OR in capitals joins only what stands at its two sides |
| `korea (tariff OR "import quota")` | Brackets hold together |
| `nuclea*` | Words that begin so; two letters or more |
| `author:King` | A keyword, see below; no space behind the colon, several words in quotation marks |

Words are compared by their English stem and without accents or capitals. Jong-un, Jong Un and Jongun find each other,
as do O'Brien and O’Brien, U.S. and US. A word of Korean, Chinese or Japanese is found inside longer words. Small words
such as *the* are left out unless nothing else is asked. In a text of more than 24 words quotation marks only quote, and
in a sentence of capitals OR is a word.

| Keyword | For example | Finds |
| --- | --- | --- |
{{rows}}

`after:` is inclusive and `before:` exclusive, so `after:2019 before:2020` is `year:2019`. A piece without a date is in
no year. `title:` asks for text, which is marked and ranked like other words; the other keywords only choose.

Read are {language.MAX_CHARS:,} characters, {language.MAX_WORDS} words, {language.MAX_OPERATORS} signs (phrases,
brackets, OR, minus, keywords, stars) and brackets {language.MAX_DEPTH} deep. What is beyond is left out, and a note
says so. There are no regular expressions, and no NOT or AND.
"""


def pages() -> dict[str, str]:
    """Each reference page by file name, as it should be now."""
    return {
        "options.md": OPTIONS + reference_markdown(),
        "commands.md": COMMANDS + "".join(_commands()),
        "query-language.md": QUERY_LANGUAGE.format(rows="\n".join(_keywords())),
    }


def _keywords() -> Iterator[str]:
    kinds = keywords.named((kind.name, kind.name) for kind in DEFAULT_KINDS.values())
    for keyword in (*keywords.TABLE, keywords.kind(kinds), keywords.language({}), search_keyword.keyword()):
        yield f"| `{keyword.name}:` | `{keyword.example}` | {keyword.help} |"


def _commands() -> Iterator[str]:
    for name, parser, summary in _leaves("isthmus", build_parser()):
        usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
        yield f"\n## {name}\n\n{summary}\n\n```\n{usage}\n```\n"
        rows = [_row(action) for action in parser._actions if action.help != argparse.SUPPRESS]
        if len(rows) > 1:
            yield "\n| | |\n| --- | --- |\n" + "\n".join(row for row in rows if row) + "\n"


def _leaves(
    name: str, parser: argparse.ArgumentParser, summary: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """Every command that can be typed, with its one-line summary; groups of commands are entered, not listed."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield name, parser, parser.description or summary
    for group in groups:
        summaries = {choice.dest: choice.help or "" for choice in group._choices_actions}
        for word, child in group.choices.items():
            yield from _leaves(f"{name} {word}", child, summaries.get(word, ""))


def _row(action: argparse.Action) -> str:
    if isinstance(action, argparse._HelpAction):
        return ""
    names = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    default = "" if action.default in (None, False, argparse.SUPPRESS) else f" Default: `{action.default}`."
    return f"| `{names}` | {(action.help or '').rstrip('.')}.{default} |"


def main() -> None:
    """Write the pages and say which changed."""
    for name, text in pages().items():
        path = HERE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"docs/reference/{name} written")


if __name__ == "__main__":
    main()
