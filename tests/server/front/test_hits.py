"""What a kept page answers, from the outside: whole, in part, compressed, not at all because nothing has changed."""

import gzip
from dataclasses import replace
from email.utils import formatdate

import brotli
import pytest

from isthmus.edition.page import Page
from isthmus.server.front import running
from tests.server.front.house import PIECE, TEXT, body_of, eventually, head_of, status_of, until_closed


def test_a_kept_page_comes_with_its_headers_and_without_asking_django(house):
    answer = house.get("/strait/")

    assert status_of(answer) == 200
    assert body_of(answer) == TEXT.encode()
    head = head_of(answer)
    assert head["content-type"] == "text/html; charset=utf-8"
    assert head["cache-control"] == "no-cache"
    assert head["vary"] == "Accept-Encoding"
    assert head["last-modified"] == formatdate(PIECE.modified_at, usegmt=True)
    assert int(head["content-length"]) == len(TEXT)
    assert "date" in head


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("x-gzip;q=0.5", "gzip"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("gzip;q=0, *", "br"),
        ("*;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("nonsense;;q=7, ,", None),
        ("", None),
    ],
)
def test_a_page_is_coded_as_the_client_likes_best(house, accepted, coding):
    answer = house.get("/strait/", f"Accept-Encoding: {accepted}")

    assert head_of(answer).get("content-encoding") == coding
    undo = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert undo(body_of(answer)) == TEXT.encode()


def test_each_coding_has_an_etag_of_its_own(house):
    tags = {head_of(house.get("/strait/", f"Accept-Encoding: {word}"))["etag"] for word in ("br", "gzip", "identity")}

    assert len(tags) == 3


def test_head_has_the_headers_of_get_and_no_body(house):
    asked = house.get("/strait/", "Accept-Encoding: gzip", method="HEAD")

    whole = house.get("/strait/", "Accept-Encoding: gzip")
    assert body_of(asked) == b""
    assert {**head_of(asked), "date": ""} == {**head_of(whole), "date": ""}


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"a", W/{} , "b"', "*"])
def test_who_has_the_page_already_is_told_so(house, form):
    tag = head_of(house.get("/strait/"))["etag"]

    answer = house.get("/strait/", f"If-None-Match: {form.format(tag)}")

    assert status_of(answer) == 304
    assert body_of(answer) == b""
    assert head_of(answer)["etag"] == tag
    assert "content-type" not in head_of(answer)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (['If-None-Match: "other"'], 200),
        (["If-Modified-Since: {now}"], 304),
        (["If-Modified-Since: {before}"], 200),
        (["If-Modified-Since: no date"], 200),
        (['If-None-Match: "other"', "If-Modified-Since: {now}"], 200),
    ],
)
def test_the_date_counts_only_where_no_tag_is_named(house, fields, status):
    dates = {
        "now": formatdate(PIECE.modified_at, usegmt=True),
        "before": formatdate(PIECE.modified_at - 1, usegmt=True),
    }

    assert status_of(house.get("/strait/", *(field.format(**dates) for field in fields))) == status


def test_a_release_shows_the_new_number_on_every_kept_page_and_changes_its_tag(house):
    house.keep(replace(PIECE, key="/numbered/", content=b"All  publications " + b"x" * 300, places=(4,)))
    house.purge(seq=2, stamp="9,166")
    first = house.get("/numbered/", "Accept-Encoding: gzip")

    house.purge("home", seq=3, stamp="9,167")
    assert eventually(
        lambda: head_of(house.get("/numbered/", "Accept-Encoding: gzip"))["etag"] != head_of(first)["etag"]
    )
    second = house.get("/numbered/", "Accept-Encoding: gzip")

    assert gzip.decompress(body_of(first)).startswith(b"All 9,166 publications")
    assert gzip.decompress(body_of(second)).startswith(b"All 9,167 publications")
    assert head_of(first)["etag"] != head_of(second)["etag"]


def test_a_purged_page_is_django_s_again(house):
    house.answering(b"HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone")
    assert status_of(house.get("/strait/")) == 200

    house.purge("pub:1", seq=2)

    assert eventually(lambda: status_of(house.get("/strait/")) == 410)


def test_unknown_parameters_lead_to_the_same_page_and_known_ones_to_django(house):
    house.keep(
        replace(PIECE, key="/list/", parameters=frozenset({"page", "year"})),
        replace(PIECE, key="/list/?page=2", parameters=frozenset({"page", "year"}), content=b"the second page"),
    )
    house.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nDjango")

    assert body_of(house.get("/list/?utm_source=letter&x")) == TEXT.encode()
    assert body_of(house.get("/list/?page=2&fbclid=7")) == b"the second page"
    for query in ("page=02", "page=2&page=3", "year=2026", "pa%67e=2", "page=2&year=", "page=3"):
        expected = b"the second page" if query == "pa%67e=2" else b"Django"
        assert body_of(house.get(f"/list/?{query}")) == expected, query


def test_an_address_spelled_with_needless_percent_signs_is_the_same_page(house):
    house.keep(replace(PIECE, key="/%EC%84%9C%EC%9A%B8/"))

    assert status_of(house.get("/%73trait/")) == 200
    assert status_of(house.get("/%ec%84%9c%ec%9a%b8/")) == 200


@pytest.fixture
def film(house, tmp_path):
    """A file that is sent from disk, larger than what is held in memory."""
    content = bytes(range(256)) * 4000
    (tmp_path / "film.mp4").write_bytes(content)
    house.keep(_file("/files/film.mp4", tmp_path / "film.mp4", "video/mp4"))
    return content


def _file(key, path, kind):
    return Page(key, (("Content-Type", kind),), frozenset({"file:6"}), 1, file=str(path),
                size_bytes=path.stat().st_size, etag="f1", modified_at=1_700_000_000)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), ("bytes=1023990-", 1_023_990, 1_023_999),
     ("bytes=-10", 1_023_990, 1_023_999), ("bytes=5-99999999", 5, 1_023_999), ("Bytes= 7-300000", 7, 300_000)],
)  # fmt: skip
def test_a_player_gets_the_part_it_asks_for(house, film, asked, first, last):
    answer = house.get("/files/film.mp4", f"Range: {asked}")

    assert status_of(answer) == 206
    assert head_of(answer)["content-range"] == f"bytes {first}-{last}/{len(film)}"
    assert body_of(answer) == film[first : last + 1]


@pytest.mark.parametrize(
    "asked",
    ["bytes=" + "0-1," * 9, "bytes=0-1,9-3", "bytes=9-3", "pages=1-2", "bytes=-", "bytes", "bytes=1-2-3", "bytes=+1-2"],
)
def test_a_range_that_is_none_or_of_too_many_parts_gets_the_whole_file(house, film, asked):
    answer = house.get("/files/film.mp4", f"Range: {asked}")

    assert status_of(answer) == 200
    assert body_of(answer) == film
    assert head_of(answer)["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=5-9,0-1", [(5, 9), (0, 1)]),
        ("bytes=0-1, -2,,400000-700000", [(0, 1), (1_023_998, 1_023_999), (400_000, 700_000)]),
        ("bytes=0-1,9999999-,7-8", [(0, 1), (7, 8)]),
        ("bytes=100-199,0-9,150-299,300-301", [(0, 9), (100, 301)]),
    ],
)
def test_who_asks_for_several_parts_gets_each_byte_once(house, film, asked, expected):
    answer = house.get("/files/film.mp4", f"Range: {asked}")

    assert status_of(answer) == 206
    assert int(head_of(answer)["content-length"]) == len(body_of(answer))
    assert "content-range" not in head_of(answer)
    kind, _, boundary = head_of(answer)["content-type"].partition("; boundary=")
    before, *parts, after = body_of(answer).split(f"\r\n--{boundary}".encode())
    assert (kind, before, after) == ("multipart/byteranges", b"", b"--\r\n")
    assert parts == [
        f"\r\nContent-Type: video/mp4\r\nContent-Range: bytes {first}-{last}/{len(film)}\r\n\r\n".encode()
        + film[first : last + 1]
        for first, last in expected
    ]


def test_parts_that_make_one_are_sent_as_one(house, film):
    answer = house.get("/files/film.mp4", "Range: bytes=0-99,50-149,150-150")

    assert head_of(answer)["content-range"] == f"bytes 0-150/{len(film)}"
    assert body_of(answer) == film[:151]


@pytest.mark.parametrize("asked", ["bytes=1024000-", "bytes=-0", "bytes=1024000-,-0"])
def test_a_range_beyond_the_end_is_refused_with_the_length(house, film, asked):
    answer = house.get("/files/film.mp4", f"Range: {asked}")

    assert status_of(answer) == 416
    assert head_of(answer)["content-range"] == f"bytes */{len(film)}"


def test_a_part_of_another_version_is_not_sent(house, film):
    tag = head_of(house.get("/files/film.mp4", method="HEAD"))["etag"]

    assert status_of(house.get("/files/film.mp4", "Range: bytes=0-4", f"If-Range: {tag}")) == 206
    assert status_of(house.get("/files/film.mp4", "Range: bytes=0-4", 'If-Range: "older"')) == 200
    assert status_of(house.get("/files/film.mp4", "Range: bytes=0-4", f"If-Range: W/{tag}")) == 200
    date = formatdate(1_700_000_000, usegmt=True)
    assert status_of(house.get("/files/film.mp4", "Range: bytes=0-4", f"If-Range: {date}")) == 206


def test_a_small_file_is_sent_from_memory_in_parts_too(house, tmp_path):
    (tmp_path / "dot.png").write_bytes(b"\x89PNG and so on")
    house.keep(_file("/images/dot.png", tmp_path / "dot.png", "image/png"))

    assert body_of(house.get("/images/dot.png", "Accept-Encoding: gzip")) == b"\x89PNG and so on"
    assert body_of(house.get("/images/dot.png", "Range: bytes=1-3")) == b"PNG"
    assert "vary" not in head_of(house.get("/images/dot.png"))


@pytest.mark.parametrize("n_bytes", [3, 300_000])
def test_a_file_that_is_gone_from_the_disk_is_django_s(house, tmp_path, n_bytes):
    (tmp_path / "dot.png").write_bytes(b"x" * n_bytes)
    house.keep(_file("/images/dot.png", tmp_path / "dot.png", "image/png"))
    (tmp_path / "dot.png").unlink()
    house.answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    assert status_of(house.get("/images/dot.png")) == 404


def test_requests_sent_ahead_are_answered_in_their_order(house):
    house.keep(replace(PIECE, key="/second/", content=b"second"))
    house.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthird")

    with house.connect() as client:
        one = b"GET %b HTTP/1.1\r\nHost: a\r\n%b\r\n"
        client.sendall(
            one % (b"/second/", b"") + one % (b"/third/", b"") + one % (b"/second/", b"Connection: close\r\n")
        )
        answers = until_closed(client)

    bodies = [part.partition(b"\r\n\r\n")[2] for part in answers.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert bodies == [b"second", b"third", b"second"]


def test_an_old_client_is_answered_and_let_go_unless_it_wants_to_stay(house):
    assert b"\r\nConnection: close\r\n" in house.say(b"GET /strait/ HTTP/1.0\r\n\r\n")
    stays = house.say(b"GET /strait/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")

    assert b"\r\nConnection: keep-alive\r\n" in stays
    assert stays.endswith(b"<open>")


def test_verbs_that_change_nothing_here_are_refused_with_what_may_be_asked(house):
    for method in ("PUT", "DELETE", "PATCH"):
        answer = house.get("/strait/", method=method)
        assert status_of(answer) == 405
        assert head_of(answer)["allow"] == "GET, HEAD, OPTIONS"
    assert status_of(house.get("/strait/", method="OPTIONS")) == 204


def test_readers_are_counted_and_programs_are_not(house):
    browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"
    tag = head_of(house.get("/strait/"))["etag"]

    for fields in ([browser], [browser, f"If-None-Match: {tag}"], ["User-Agent: Googlebot/2.1"], []):
        house.get("/strait/", *fields)
    house.get("/strait/?page=7&utm=1", browser)
    house.get("/strait/", browser, "Sec-Purpose: prefetch")
    house.get("/strait/", browser, method="HEAD")
    house.site.flush()

    assert (house.directory / "data/counters/readership.log").read_text().split("\t", 1)[1] == "3\t/strait/\n"


@pytest.mark.parametrize(
    "fields", [[], ["If-None-Match: *"], [f"If-Modified-Since: {formatdate(PIECE.modified_at, usegmt=True)}"]]
)
@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_who_asks_again_in_the_same_words_is_answered_and_counted_alike(house, fields, connection):
    said = [*fields, "User-Agent: Mozilla/5.0 Firefox/150.0", f"Connection: {connection}"]

    answers = [house.get("/strait/", *said) for _ in range(3)]
    house.site.flush()

    assert len({(status_of(one), body_of(one), *sorted({**head_of(one), "date": ""}.items())) for one in answers}) == 1
    assert status_of(answers[0]) == (304 if fields else 200)
    assert (house.directory / "data/counters/readership.log").read_text().split("\t", 1)[1] == "3\t/strait/\n"


def test_it_serves_as_well_on_asyncio_s_own_loop(make_house, monkeypatch):
    monkeypatch.setattr(running, "_loop_factory", lambda: None)
    house = make_house()
    house.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    assert "uvloop" not in type(house.loop).__module__
    assert body_of(house.get("/strait/")) == TEXT.encode()
    assert (
        body_of(house.send(b"POST /a/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx")) == b"ok"
    )
    assert status_of(house.say(b"nonsense\r\n\r\n")) == 400
