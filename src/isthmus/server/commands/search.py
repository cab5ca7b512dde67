"""`isthmus search`: the site's own search, on a terminal or for a program."""

import argparse
import json
from typing import Any

from isthmus.server.commands.opening import open_institute


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "search",
        help="search what is published",
        description='Searches as the site does; an empty query ("") lists everything, newest first.',
    )
    parser.add_argument("query", metavar="QUERY", help='words, or "a phrase" in double quotes')
    parser.add_argument("--json", action="store_true", help="answer as JSON, as the API does")
    parser.add_argument("--page", type=_positive, default=1, metavar="N", help="the page of the answer")
    parser.add_argument("--per-page", type=_at_most_100, default=10, metavar="N", help="hits on a page, at most 100")
    parser.add_argument("--sort", choices=("relevance", "newest", "oldest"), default="relevance", help="the order")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Search and print."""
    open_institute(arguments)
    from isthmus.search import queries

    found = queries.search(
        arguments.query, page=arguments.page, per_page=arguments.per_page, sort=arguments.sort
    ).as_json()
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    print(f"{found['total']} of {found['index_total']} publications")
    for hit in found["hits"]:
        print(_line(hit))
    return 0


def _line(hit: dict[str, Any]) -> str:
    facts = [fact for fact in (hit["published_on"], ", ".join(hit["people"]), hit["series"]) if fact]
    snippet = f"\n  {hit['snippet']}" if hit["snippet"] else ""
    return f"\n{hit['title']}\n  {' · '.join(facts)}\n  {hit['url']}{snippet}"


def _positive(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no page: write a number from 1 on")
    return int(text)


def _at_most_100(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} cannot be: write a number from 1 to 100")
    return int(text)
