"""`isthmus search`: the site's own search, on a terminal or for a program."""

import argparse
import json
from typing import Any

from isthmus.server.commands.opening import open_institute, say

_GROUPS = ("series", "kind", "author", "year")


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "search",
        help="search what is published",
        description='Searches as the site does; an empty query ("") lists everything, newest first.',
    )
    parser.add_argument("query", metavar="QUERY", help="words, phrases in double quotes, and all else that readers use")
    parser.add_argument("--json", action="store_true", help="answer as JSON, as the API does")
    parser.add_argument("--page", type=_positive, default=1, metavar="N", help="the page of the answer")
    parser.add_argument("--per-page", type=_at_most_100, default=10, metavar="N", help="hits on a page, at most 100")
    parser.add_argument("--sort", choices=("relevance", "newest", "oldest"), default="relevance", help="the order")
    _add_choices(parser)
    parser.set_defaults(run=run)


def _add_choices(parser: argparse.ArgumentParser) -> None:
    told = {
        "series": "only of this series, by its slug; - for none",
        "kind": "only of this kind, such as report",
        "author": "only with this person, by the slug",
        "year": "only of this year, or of years such as 2010-2014; - for no date",
    }
    for group in _GROUPS:
        parser.add_argument(
            f"--{group}", action="append", metavar=group.upper(), help=f"{told[group]}; may be repeated"
        )
    parser.add_argument(
        "--category", action="append", type=_category, metavar="AXIS=SLUG",
        help="only in this category or below it, such as region=japan; may be repeated",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Search and print."""
    open_institute(arguments)
    from isthmus.search import actions
    from isthmus.search.engine import SearchAway

    try:
        found = _found(arguments)
    except SearchAway:
        # As after a restore: who asks before any worker ran would be told to run another command first.
        say("There is no search index that can be used, so it is made now.")
        actions.keep()
        found = _found(arguments)
    if arguments.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
        return 0
    print(f"{found.total} of {found.index_total} publications")
    for note in found.query.notes:
        print(note)
    if found.offer:
        print(f"Did you mean {found.offer.text}? ({found.offer.total})")
    _print_hits(found.as_json())
    return 0


def _found(arguments: argparse.Namespace) -> Any:
    from isthmus.search import queries

    return queries.search(
        arguments.query,
        chosen=_chosen(arguments),
        page=arguments.page,
        per_page=arguments.per_page,
        sort=arguments.sort,
    )


def _print_hits(found: dict[str, Any]) -> None:
    for hit in found["hits"]:
        print(_line(hit))
    if found.get("close"):
        print("\nClose to it, not counted:")
        for hit in found["close"]:
            print(_line(hit))


def _chosen(arguments: argparse.Namespace) -> dict[str, tuple[str, ...]]:
    chosen = {group: tuple(dict.fromkeys(getattr(arguments, group) or ())) for group in _GROUPS}
    for axis, slug in arguments.category or ():
        chosen[f"category.{axis}"] = (*chosen.get(f"category.{axis}", ()), slug)
    return {group: values for group, values in chosen.items() if values}


def _line(hit: dict[str, Any]) -> str:
    facts = [fact for fact in (hit["published_on"], ", ".join(hit["people"]), hit["series"]) if fact]
    snippet = f"\n  {hit['snippet']}" if hit["snippet"] else ""
    return f"\n{hit['title']}\n  {' · '.join(facts)}\n  {hit['url']}{snippet}"


def _category(text: str) -> tuple[str, str]:
    axis, sign, slug = text.partition("=")
    if not (axis and sign and slug):
        raise argparse.ArgumentTypeError(f"{text!r} names no category: write its axis and slug, such as region=japan")
    return axis, slug


def _positive(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no page: write a number from 1 on")
    return int(text)


def _at_most_100(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} cannot be: write a number from 1 to 100")
    return int(text)
