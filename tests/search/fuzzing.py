"""Questions nobody would type, by the thousand, and a process that asks them of a real engine."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isthmus.publications.documents import Document
    from isthmus.search.engine import Engine

WORDS = tuple(
    """
    korea tariff summit talks nuclear Jong-un Zürich O’Brien's U.S. COVID-19 1.5 정책 외교부 東京 policy trade the of
    not a I.B.M. e-mail x--y naïve ﬁne ½ İstanbul ß 10:30 https://a.example/?q=1#x C++ AT&T 한미FTA ꞏ _ __ ...
    """.split()  # noqa: SIM905 -- quotes around each would hide the words
)
SIGNS = (
    *'()"-*:|&!?^~[]{}<>/\\+=%#@,;.\'`“”„«»（）＊：\u2212\u2013', " OR ", " AND ", " NOT ", " TO ", "title:", "author:",
    "series:", "category:", "kind:", "lang:", "year:", "before:", "after:", "foo:", "year:2019", "year:2015-2019",
    "before:2019-02-30", "after:9999-12-31", "year:9999", "year:0000", "kind:post", "lang:ko", "lang:zz-xx-yy", "-(",
    '-"', "((", "))", '"" ', "()", "*:*", "title:*", "[a TO b]", "/a.*b/", "a~2", "\x00", "\ud800", "\udfff", "\u202e",
    "\u200f", "\u200b", "\ufeff", "\u00a0", "\u0301", "\ufdfa", "\U0001f600", "\U0010ffff", "\t", "\n", "\r", "\u2028",
)  # fmt: skip
# Repeated some hundred times; what is a megabyte is cut before it costs anything, but must be survived too.
REPEATED = (
    "(", ")", "()", '"', "-", "- ", "-a ", "a-", "a.", "*", "a* ", "ab* ", ":", "title:", "title:a ", "a OR ", "OR ",
    "NOT ", "(a OR ", "-(", "a ", "정", "정 ", "\ud800", "\x00", "\u202e", "\u0301", "'", "a'", "1.", "\ufdfa", "𝔄",
    "(a b) ", '"a b" ', "year:2019 ", "korea ", "korea tariff ", "the ", "w\u00a0",
)  # fmt: skip


def questions(seed: int, n: int) -> Iterator[str]:
    """So many questions, the same for the same seed: some almost sensible, some not; one in a thousand a megabyte."""
    chance = random.Random(seed)
    for number in range(n):
        if number % 1000 == 500:
            yield chance.choice(REPEATED) * 1_000_000
        elif number % 20 == 0:
            yield _repeated(chance)
        elif number % 7 == 0:
            yield "".join(chr(chance.randrange(0x11_0000)) for _ in range(chance.randrange(60)))
        else:
            yield _mixed(chance)


def _repeated(chance: random.Random) -> str:
    parts = [chance.choice(REPEATED) * chance.randrange(1, 5000) for _ in range(chance.randrange(1, 3))]
    return chance.choice(WORDS).join(parts) + (")" * chance.randrange(5000) if chance.random() < 0.2 else "")


def _mixed(chance: random.Random) -> str:
    between = chance.choice(("", " ", " ", " "))
    share = chance.random()
    n_parts = chance.choice((1, 2, 3, 5, 8, 20, 100))
    parts = [chance.choice(SIGNS if chance.random() < share else WORDS) for _ in range(n_parts)]
    return between.join(parts)


def documents(chance: random.Random) -> Iterator[Document]:
    """Three hundred pieces in which most words that are asked stand somewhere."""
    from tests.contracts.documents import document

    common = [f"word{n}" for n in range(2000)]
    for number in range(1, 301):
        body = [chance.choice(WORDS) if chance.random() < 0.3 else common[int(2000 * chance.random() ** 3)]
                for _ in range(80)]  # fmt: skip
        yield document(number, f"A piece on {chance.choice(WORDS)}", " ".join(body), by="Kim Jong-un")


def _engine() -> Engine:
    from isthmus.search.engines.tantivy import TantivyEngine

    engine = TantivyEngine.create(None)
    engine.apply(documents(random.Random(1)), (), seq=1)
    return engine


def _ask(engine: Engine, question: str, number: int) -> int:
    """One search as the page makes it, with snippets; now and then with facets. The number of hits."""
    from isthmus.search.engine import Sort
    from isthmus.search.language import parse
    from isthmus.search.ranking import weigh
    from isthmus.search.snippet import snippet

    query = weigh(parse(question))
    sort = list(Sort)[number % 3]
    found = engine.search(query, limit=10, sort=sort)
    # Snippets are most of the cost; a few of them for each question show as much as ten.
    for hit in found.hits[: 10 if number % 50 == 0 else 1]:
        snippet(hit.text, query, engine.forms)
    if number % 10 == 0:
        engine.facets(query, filters={}, groups=("kind", "year"))
    return found.total


def main(seed: int, n: int) -> None:
    """Ask, then write what it cost as JSON; the number of the question now asked stands in `asked` if this dies."""
    import django

    django.setup()
    engine, worst, n_found = _engine(), (0.0, ""), 0
    with open(os.environ["FUZZING_ASKED"], "w", encoding="ascii") as asked:
        for number, question in enumerate(questions(seed, n)):
            asked.seek(0)
            asked.write(f"{number:9}")
            asked.flush()
            began = time.process_time()
            n_found += _ask(engine, question, number) > 0
            worst = max(worst, ((time.process_time() - began) * 1000, ascii(question)[:200]))
    print(json.dumps({"asked": n, "found": n_found, "worst_ms": worst[0], "worst": worst[1]}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
