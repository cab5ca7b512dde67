"""Whatever a request says, it changes no kept byte and makes no entry of its own."""

import random

import pytest
from django.test import Client

from isthmus.edition import paths
from tests import makers

HEADERS = {
    "HTTP_HOST": ["evil.example", "localhost:1", "[::1]", "a.b:99999", "merrow.example"],
    "HTTP_X_FORWARDED_HOST": ["evil.example"],
    "HTTP_X_FORWARDED_PROTO": ["https", "gopher"],
    "HTTP_X_FORWARDED_FOR": ["203.0.113.9", "' OR 1=1"],
    "HTTP_FORWARDED": ["host=evil.example;proto=https"],
    "HTTP_X_ORIGINAL_URL": ["/admin/"],
    "HTTP_X_REWRITE_URL": ["/admin/"],
    "HTTP_COOKIE": ["sessionid=abc", "csrftoken=x; wagtail_userbar=1", "page=2"],
    "HTTP_AUTHORIZATION": ["Basic YTpi", "Bearer x"],
    "HTTP_ACCEPT": ["application/json", "image/webp", "*/*;q=0"],
    "HTTP_ACCEPT_LANGUAGE": ["ko", "de-AT,de;q=0.9"],
    "HTTP_ACCEPT_ENCODING": ["gzip", "br", "identity;q=0"],
    "HTTP_ACCEPT_CHARSET": ["utf-16"],
    "HTTP_USER_AGENT": ["<script>alert(1)</script>", ""],
    "HTTP_REFERER": ["https://evil.example/"],
    "HTTP_IF_NONE_MATCH": ["*", '"x"'],
    "HTTP_IF_MODIFIED_SINCE": ["Wed, 21 Oct 2065 07:28:00 GMT"],
    "HTTP_RANGE": ["bytes=0-10"],
    "HTTP_CACHE_CONTROL": ["no-cache", "only-if-cached"],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["POST"],
    "HTTP_X_PREVIEW": ["1"],
    "HTTP_SEC_FETCH_SITE": ["cross-site"],
    "HTTP_X_REQUESTED_WITH": ["XMLHttpRequest"],
}
QUERIES = [
    "", "utm_source=x", "preview=1", "in_preview_panel=true", "mode=preview", "page=", "page=0", "page=01", "page=-1",
    "page=1&page=2", "page=%31", "p%61ge=1", "page=99999999", "page[]=1", "Page=1", "lang=ko", "format=json", "q=<b>",
    "subject=x", "as-of=2020-01-31", "from=2019", "p=1", "page_id=1", "_=1", "%00", "a" * 2000, "page=%D9%A1",
]  # fmt: skip
TRICKS = [
    ("", ""), ("", ""), ("/", "/"), ("/", "//"), ("a", "%61"), ("/", "%2f"), ("e", "E"), ("-", "%2D"),
    ("/files/", "/files/0"), ("publications-", "publications-0"), (".xml", ".xml/"), ("/feed/", "/feed"),
]  # fmt: skip
ENDS = ["", "", "", "./", "%2e%2e/", "%00", ";x=1", "%ff/", "../", "?"]
VERBS = ["get", "get", "get", "head", "post", "put", "delete", "options", "patch"]


@pytest.fixture
def site(edition):
    for n in range(3):
        makers.released(f"Piece {n}", series=makers.series() if n else None, people=(makers.person(),))
    makers.category(is_public=True)
    edition.follow()
    edition.keep(*paths.every_key())
    return edition


def everything(store):
    return {key: store.get(key) for key in sorted(store.keys())}


def attack(store, n_requests):
    chance = random.Random(6)
    keys, client = sorted(store.keys()), Client(raise_request_exception=False)
    for _ in range(n_requests):
        path = chance.choice(keys).partition("?")[0]
        path = path.replace(*chance.choice(TRICKS)) + chance.choice(ENDS)
        query = chance.choice(QUERIES)
        said = {name: chance.choice(HEADERS[name]) for name in chance.sample(sorted(HEADERS), 4)}
        getattr(client, chance.choice(VERBS))(f"{path}?{query}" if query else path, **said)


def test_varied_requests_change_no_kept_byte_and_make_no_entry(site):
    before = everything(site.store)

    attack(site.store, 150)

    assert everything(site.store) == before


@pytest.mark.slow
@pytest.mark.large
def test_3000_varied_requests_change_no_kept_byte_and_make_no_entry(site):
    before = everything(site.store)

    attack(site.store, 3000)

    assert everything(site.store) == before


@pytest.mark.slow
def test_what_is_kept_first_for_a_hostile_reader_is_what_anybody_would_get(site):
    before = everything(site.store)
    site.keeper.rebuild()

    for number, key in enumerate(before):
        said = {name: values[number % len(values)] for name, values in HEADERS.items() if "RANGE" not in name}
        junk = "&utm_source=%3Cb%3E" if "?" in key else "?utm_source=%3Cb%3E"
        Client(raise_request_exception=False).get(key + junk, **said)

    now = everything(site.store)
    assert now.keys() == before.keys()
    assert [key for key in now if now[key].content != before[key].content] == []
    assert [key for key in now if now[key].headers != before[key].headers] == []
