"""What is no request is refused, and what is one means to us what it means to others."""

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.server.front.heads import CHUNKED, Refused, parse, unfinished
from tests.server.front.house import status_of

_HOST = b"Host: institute.example\r\n"
_POST = b"POST / HTTP/1.1\r\n" + _HOST
REFUSED = {
    "a bare line feed in the head": (400, b"GET / HTTP/1.1\nHost: a\n\n\r\n\r\n"),
    "a bare line feed between fields": (400, b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"),
    "a bare carriage return": (400, b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"),
    "a NUL in a value": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n"),
    "a NUL in the address": (400, b"GET /\x00 HTTP/1.1\r\n" + _HOST + b"\r\n"),
    "a space before the colon": (400, b"GET / HTTP/1.1\r\n" + _HOST + b"Content-Length : 5\r\n\r\n"),
    "a folded field": (400, b"GET / HTTP/1.1\r\n" + _HOST + b"X: a\r\n b\r\n\r\n"),
    "a folded first field": (400, b"GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    "a field without a name": (400, b"GET / HTTP/1.1\r\n" + _HOST + b": x\r\n\r\n"),
    "a field without a colon": (400, b"GET / HTTP/1.1\r\n" + _HOST + b"nonsense\r\n\r\n"),
    "two spaces": (400, b"GET  / HTTP/1.1\r\n" + _HOST + b"\r\n"),
    "a tab for a space": (400, b"GET\t/ HTTP/1.1\r\n" + _HOST + b"\r\n"),
    "a space in the address": (400, b"GET /a b HTTP/1.1\r\n" + _HOST + b"\r\n"),
    "a letter beyond ASCII in the address": (400, "GET /é HTTP/1.1\r\n".encode() + _HOST + b"\r\n"),
    "a fragment": (400, b"GET /#a HTTP/1.1\r\n" + _HOST + b"\r\n"),
    "no version": (400, b"GET /\r\n" + _HOST + b"\r\n"),
    "another protocol": (400, b"GET / ICY/1.1\r\n" + _HOST + b"\r\n"),
    "a later version": (505, b"GET / HTTP/2.0\r\n" + _HOST + b"\r\n"),
    "an earlier version": (505, b"GET / HTTP/0.9\r\n" + _HOST + b"\r\n"),
    "no host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "two hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    "a host with a path": (400, b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    "a host with a name and a password": (400, b"GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "an address of another scheme": (400, b"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a star that is not asked for": (400, b"GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    "two lengths": (400, _POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
    "the same length twice": (400, _POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n"),
    "a list of lengths": (400, _POST + b"Content-Length: 5, 5\r\n\r\n"),
    "a length with a sign": (400, _POST + b"Content-Length: +5\r\n\r\n"),
    "a negative length": (400, _POST + b"Content-Length: -5\r\n\r\n"),
    "a length in other digits": (400, _POST + b"Content-Length: \xb2\r\n\r\n"),
    "a length in hexadecimal": (400, _POST + b"Content-Length: 0x5\r\n\r\n"),
    "an empty length": (400, _POST + b"Content-Length:\r\n\r\n"),
    "a length beyond any number": (400, _POST + b"Content-Length: 99999999999999999999\r\n\r\n"),
    "a length and chunks": (
        400,
        _POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "chunks twice": (
        400,
        _POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    "chunks in HTTP/1.0": (400, b"POST / HTTP/1.0\r\n" + _HOST + b"Transfer-Encoding: chunked\r\n\r\n"),
    "an unknown coding": (501, _POST + b"Transfer-Encoding: xchunked\r\n\r\n"),
    "chunks behind something else": (501, _POST + b"Transfer-Encoding: identity, chunked\r\n\r\n"),
    "chunks with a vertical tab": (400, _POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n"),
    "chunks with a quote": (501, _POST + b'Transfer-Encoding: "chunked"\r\n\r\n'),
    "an empty coding": (501, _POST + b"Transfer-Encoding:\r\n\r\n"),
    "a body of a GET": (400, b"GET / HTTP/1.1\r\n" + _HOST + b"Content-Length: 5\r\n\r\nGET /"),
    "chunks of a HEAD": (400, b"HEAD / HTTP/1.1\r\n" + _HOST + b"Transfer-Encoding: chunked\r\n\r\n"),
    "an unknown expectation": (417, _POST + b"Expect: 200-ok\r\nContent-Length: 1\r\n\r\n"),
    "an unknown verb": (501, b"BREW / HTTP/1.1\r\n" + _HOST + b"\r\n"),
    "a verb in small letters": (501, b"get / HTTP/1.1\r\n" + _HOST + b"\r\n"),
    "TRACE": (405, b"TRACE / HTTP/1.1\r\n" + _HOST + b"\r\n"),
    "CONNECT": (405, b"CONNECT a:443 HTTP/1.1\r\n" + _HOST + b"\r\n"),
    "a long address": (414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + _HOST + b"\r\n"),
    "a long address without an end": (414, b"GET /" + b"a" * 40_000),
    "long headers": (431, b"GET / HTTP/1.1\r\n" + _HOST + b"X: " + b"a" * 33_000 + b"\r\n\r\n"),
    "headers without an end": (431, b"GET / HTTP/1.1\r\n" + (b"X: " + b"a" * 1000 + b"\r\n") * 40),
    "many headers": (431, b"GET / HTTP/1.1\r\n" + _HOST + b"X: a\r\n" * 100 + b"\r\n"),
    "a chunk without a size": (400, _POST + b"Transfer-Encoding: chunked\r\n\r\nx\r\n"),
    "a chunk with a sign": (400, _POST + b"Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n"),
    "a chunk with 0x": (400, _POST + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n"),
    "a size that ends in a bare line feed": (
        400,
        _POST + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
    ),
    "a chunk longer than it said": (
        400,
        _POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
    ),
    "a size of twenty digits": (
        400,
        _POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\n",
    ),
    "endless words after a size": (
        400,
        _POST + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"a" * 5000,
    ),
    "a trailer that is no field": (
        400,
        _POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nGET / HTTP/1.1\r\n\r\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_servers_could_read_in_two_ways_is_refused_and_nothing_after_it_is_read(house, case):
    status, words = REFUSED[case]
    house.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    answer = house.say(words + b"GET /strait/ HTTP/1.1\r\nHost: smuggled\r\n\r\n")

    assert status_of(answer) == status
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not house.heard


def test_an_absolute_address_is_taken_apart_and_its_host_wins():
    request = parse(b"GET http://other.example:8000/a?b=c HTTP/1.1\r\nHost: institute.example\r\n\r\n")

    assert (request.path, request.query) == ("/a", "b=c")
    assert request.joined(b"host") == b"other.example:8000"
    assert parse(b"GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n").path == "/"
    assert parse(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").path == "*"


@pytest.mark.parametrize(
    "words", [b"GET / HTTP/1.1\nHost: a\n\n", b"\x16\x03\x01\x00\xa5\x01", b"\nGET / HTTP/1.1\r\n"]
)
def test_what_can_become_no_request_is_not_waited_for(house, words):
    assert status_of(house.say(words)) == 400


@pytest.mark.parametrize("words", [b"", b"\r", b"\r\n", b"GET", b"GET / HTTP/1.1\r", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_what_can_become_a_request_is_waited_for(words):
    assert unfinished(words) is None


def test_one_empty_line_before_a_request_is_forgiven(house):
    assert status_of(house.say(b"\r\nGET /strait/ HTTP/1.1\r\nHost: a\r\n\r\n")) == 200


class _Heard:
    """What llhttp, the parser of Node, makes of a head."""

    def __init__(self, words):
        self.fields, self.url, self.is_complete = [], b"", False
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(words)

    def on_url(self, url):
        self.url += url

    def on_header(self, name, value):
        self.fields.append((name.lower(), value))

    def on_message_complete(self):
        self.is_complete = True


_PIECES = st.sampled_from(
    [b"GET", b"POST", b"HEAD", b" ", b"/", b"/a", b"?b=c", b"%41", b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\n", b"\r",
     b"\t", b":", b": ", b"Host: a", b"Host", b"Content-Length: 3", b"Content-Length:", b"Transfer-Encoding: chunked",
     b"chunked", b",", b"5", b"X: y", b"X:", b"\x00", b"\xe9", b"\x7f", b'"', b"Connection: close", b"*", b"http://a"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=12), st.lists(_PIECES, max_size=6))
def test_a_head_that_is_understood_means_the_same_to_another_parser(first, fields):
    words = b"".join(first) + b" HTTP/1.1\r\nHost: a\r\n" + b"".join(fields) + b"\r\n\r\n"
    words = words[: words.find(b"\r\n\r\n") + 4]
    try:
        ours = parse(words)
    except Refused:
        return

    theirs = _Heard(words)

    assert theirs.parser.get_method().decode() == ours.method
    assert theirs.parser.should_keep_alive() == ours.keeps_alive
    if theirs.url.startswith(b"/"):
        assert theirs.url.decode() == ours.path + (f"?{ours.query}" if b"?" in theirs.url else "")
        assert sorted(theirs.fields) == sorted(ours.fields)
    assert theirs.is_complete == (ours.body_bytes == 0)
    assert (ours.body_bytes == CHUNKED) == any(name == b"transfer-encoding" for name, _ in theirs.fields)


def test_a_head_that_was_understood_before_is_never_taken_for_another(house):
    head = b"Host: a\r\nUser-Agent: b\r\nReferer: https://news.example/\r\nAccept: c\r\n\r\n"
    first = b"GET /strait/ HTTP/1.1\r\n"
    assert status_of(house.say(first + head)) == 200
    assert house.site.known.find(first + head.replace(b"news", b"other"))

    house.answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    for words, status in [
        (first + head.replace(b"news", b"other"), 200),
        (first + head.replace(b"news.example", b"x\x00"), 400),
        (first + head.replace(b"/\r\nAccept", b"/\r\n folded\r\nAccept"), 400),
        (first + head.replace(b"/\r\nAccept", b"/\nContent-Length: 5\r\nAccept"), 400),
        (first + head.replace(b"\r\nAccept", b"\r\nContent-Length: 5\r\nAccept"), 400),
        (first.replace(b"1.1", b"1.2") + head, 505),
        (b"GET /strait/# HTTP/1.1\r\n" + head, 400),
        (b"GET /absent/ HTTP/1.1\r\n" + head, 404),
        (b"POST /strait/ HTTP/1.1\r\n" + head, 404),
        (b"GET /strait/ HTTP/1.1\r\nReferer: a\r\n" + head.replace(b"Referer", b"X-Referer"), 200),
    ]:
        assert status_of(house.say(words)) == status, words
