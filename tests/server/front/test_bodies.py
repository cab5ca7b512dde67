"""Where a body in chunks ends, however the network cut it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.server.front.bodies import Chunked
from isthmus.server.front.heads import Refused

_CHUNKS = st.lists(st.binary(min_size=1, max_size=40), max_size=8)


@given(_CHUNKS, st.lists(st.integers(1, 30), max_size=30), st.binary(max_size=20))
def test_a_body_in_chunks_is_the_same_however_it_was_cut(chunks, cuts, following):
    words = b"".join(b"%X;x=1\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"000\r\nTrailer: x\r\n\r\n"
    body, content, rest, at = Chunked(), b"", b"", 0

    for cut in [*cuts, len(words)]:
        if not body.is_done:
            got, rest = body.feed((words + following)[at : at + cut])
            content, at = content + got, at + cut

    assert body.is_done
    assert content == b"".join(chunks)
    assert rest + (words + following)[at:] == following


def test_a_line_of_a_body_is_refused_once_it_is_too_long_and_not_before():
    body = Chunked()

    assert body.feed(b"1;" + b"a" * 1020) == (b"", b"")
    assert body.feed(b"\r\nx\r\n0\r\n\r\n") == (b"x", b"")
    with pytest.raises(Refused, match="too long"):
        Chunked().feed(b"1;" + b"a" * 1022)
    with pytest.raises(Refused, match="too long"):
        Chunked().feed(b"0\r\n" + b"T: x\r\n" * 1400)
