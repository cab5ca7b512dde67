import tomllib

import pytest

from isthmus.demo.toml_table import ContentError, TomlTable


def table(text: str) -> TomlTable:
    return TomlTable(tomllib.loads(text), "people.toml")


def test_misspelt_key_is_named_with_its_file():
    row = table('name = "Robert Hale"\nnoet = "Fellow"')
    row.text("name")

    with pytest.raises(ContentError, match=r"people\.toml has noet"):
        row.finish()


def test_missing_text_says_what_to_write():
    with pytest.raises(ContentError, match=r'people\.toml has no text name: write name = "…"'):
        table("").text("name")


@pytest.mark.parametrize("written", ['"2020-01-20T09:00:00+01:00"', "2020-01-20T09:00:00+01:00"])
def test_instant_may_be_quoted_or_not(written: str):
    at = table(f"published = {written}").instant("published")

    assert at is not None
    assert at.isoformat() == "2020-01-20T09:00:00+01:00"


@pytest.mark.parametrize("written", ['"2020-01-20T09:00:00"', "2020-01-20T09:00:00", '"soon"', "7"])
def test_instant_without_offset_is_refused(written: str):
    with pytest.raises(ContentError, match="offset"):
        table(f"published = {written}").instant("published")


def test_row_is_known_by_its_slug():
    row = table('[[person]]\nslug = "robert-hale"').rows("person")[0]

    with pytest.raises(ContentError, match=r"people\.toml, person robert-hale has no text name"):
        row.text("name")


def test_a_day_is_a_day_and_no_instant_and_no_text():
    assert str(table("from = 2020-01-20").day("from")) == "2020-01-20"
    assert table("").day("from") is None
    for written in ('"2020-01-20"', "2020-01-20T09:00:00", "2020"):
        with pytest.raises(ContentError, match="write a day"):
            table(f"from = {written}").day("from")
