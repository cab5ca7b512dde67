"""A message built once: everybody's is well-formed, holds their own, and nothing an author wrote becomes a link."""

from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.mailing.splicing import Letter, Marks, Sender, Template, TemplateBroken, build, in_body, in_header

SENDER = Sender("The Institute", "news@institute.example", "desk@institute.example", "institute.example")
CAROLS = {
    "to": b"carol@example.org",
    "date": b"Mon, 23 Nov 2026 09:00:00 +0000",
    "messageid": b"<d7.3@institute.example>",
    "unsubscribe": b"<https://institute.example/subscriptions/leave/abc/>",
    "becausehtml": in_body("you follow “R&amp;D”"),
    "becausetext": in_body("you follow “R&D”"),
    "preferences": in_body("https://institute.example/subscriptions/1.1..eyJ=" + "x" * 120 + "/"),
}


def _letter(said: str = "Good morning.", **fields: str) -> Letter:
    marks = Marks.new()
    foot = f"because {marks.becausetext}: {marks.preferences}"
    return Letter(
        subject="Ardor Fades",
        html=f'<p>{said}</p><p>because {marks.becausehtml}</p><a href="{marks.preferences}">Choose</a>\n',
        text=f"{said}\n\n{foot}\n",
        marks=marks,
        list_name="alerts",
        **fields,
    )


def _carols(letter: Letter):
    return message_from_bytes(build(letter, SENDER).splice(CAROLS), policy=policy.default)


def _plain(message) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_carols_message_holds_what_is_hers():
    message = _carols(_letter())

    assert (message["To"], message["Message-ID"]) == ("carol@example.org", "<d7.3@institute.example>")
    assert "because you follow “R&D”: https://institute.example/subscriptions/1.1..eyJ=xxx" in (
        message.get_body(("plain",)).get_content()
    )
    assert "because you follow “R&amp;D”</p>" in message.get_body(("html",)).get_content()


def test_one_press_leaves_as_rfc_8058_wants_it():
    message = _carols(_letter())

    assert message["List-Unsubscribe"] == "<https://institute.example/subscriptions/leave/abc/>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"].endswith("<alerts.institute.example>")


def test_a_letter_that_no_list_sends_offers_no_way_to_leave_one():
    marks = Marks.new()
    message = build(Letter("Please confirm", f"<p>{marks.confirm}</p>", marks.confirm, marks), SENDER)

    assert message.names == {"to", "date", "messageid", "confirm"}


def test_no_line_is_longer_than_76_characters_and_every_line_end_is_crlf():
    spliced = build(_letter("긴 문장 " * 60 + "\n.\nFrom here"), SENDER).splice(CAROLS)

    body = spliced.partition(b"\r\n\r\n")[2]
    assert max(len(line) for line in body.split(b"\r\n")) <= 76
    assert b"\n" not in spliced.replace(b"\r\n", b"")
    assert b"\r" not in spliced.replace(b"\r\n", b"")


@given(st.text(max_size=300))
def test_any_words_come_out_as_they_went_in(said):
    plain = "".join(sign for sign in said if sign.isprintable())

    read = _plain(_carols(_letter(plain)))

    assert read.startswith(plain + "\n")


@given(st.text(max_size=200), st.integers(0, 80))
def test_a_value_fits_wherever_its_mark_stands(value, n_before):
    plain = "".join(sign for sign in value if sign.isprintable())
    marks = Marks.new()
    letter = Letter("Ardor", "<p></p>", "y" * n_before + marks.becausetext + "z\n", marks)

    spliced = build(letter, SENDER).splice({**CAROLS, "becausetext": in_body(plain)})

    read = _plain(message_from_bytes(spliced, policy=policy.default))
    assert read == "y" * n_before + plain + "z\n"
    assert max(len(line) for line in spliced.split(b"\r\n")) <= 78


def test_an_authors_words_are_no_mark():
    letter = _letter("qzabcdefghijklmnopqrstuvwxpreferences and becausetext")

    assert "qzabcdefghijklmnopqrstuvwxpreferences and becausetext" in _carols(letter).get_body(("plain",)).get_content()


def test_a_built_message_is_kept_and_read_back():
    template = build(_letter(), SENDER)

    assert Template.from_bytes(template.to_bytes()).splice(CAROLS) == template.splice(CAROLS)


@pytest.mark.parametrize("stored", [b"", b"From: a@b\r\n\r\nhello", b"qz" + b"a" * 24 + b"\n"])
def test_bytes_that_are_no_message_are_named(stored):
    with pytest.raises(TemplateBroken, match="cannot be read"):
        Template.from_bytes(stored)


def test_a_value_that_would_make_a_second_field_is_refused():
    with pytest.raises(ValueError, match="line end"):
        in_header("carol@example.org\r\nBcc: dan@example.org")


def test_a_preview_shows_values_where_the_marks_are():
    letter = _letter()

    assert "because you follow Ardor: " in letter.marks.filled(letter.text, {"becausetext": "you follow Ardor"})
