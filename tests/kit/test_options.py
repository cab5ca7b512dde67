"""Options: one table, four sources, and a sentence for whatever cannot be."""

from __future__ import annotations

import tomllib
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.kit import option_pages
from isthmus.kit.option_values import toml
from isthmus.kit.options import OPTIONS, OptionsError, load


@pytest.fixture
def written(tmp_path):
    def write(text: str):
        (tmp_path / "isthmus.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_without_a_file_every_option_has_its_default(tmp_path):
    given = load(tmp_path, {})

    assert {option.name: getattr(given, option.name) for option in OPTIONS} == {
        option.name: option.default for option in OPTIONS
    }


def test_every_default_would_pass_its_own_check(tmp_path):
    for option in OPTIONS:
        if option.kind not in ("kinds", "list"):
            found = load(tmp_path, {option.variable: str(option.default)})
            assert getattr(found, option.name) == option.default


def test_the_file_beats_the_default_the_variable_the_file_and_the_secret_file_all(written, tmp_path):
    directory = written("feed_items = 10\n")
    secret = tmp_path / "secret"
    secret.write_text("40\n")

    assert load(directory, {}).feed_items == 10
    assert load(directory, {"ISTHMUS_FEED_ITEMS": "30"}).feed_items == 30
    both = {"ISTHMUS_FEED_ITEMS_FILE": str(secret), "ISTHMUS_FEED_ITEMS": "30"}
    assert load(directory, both).feed_items == 40


def test_options_cannot_be_changed_afterwards(tmp_path):
    with pytest.raises(FrozenInstanceError):
        load(tmp_path, {}).feed_items = 3  # type: ignore[misc]


def test_what_is_not_for_us_in_the_environment_is_left_alone(tmp_path):
    environ = {"ISTHMUS_DIR": "/x", "ISTHMUS_TEST_DATABASE_URL": "y", "HOME": "/z", "ISTHMUS_MAIL_FROM": ""}

    assert load(tmp_path, environ) == load(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("listing_page_sise = 20", "listing_page_sise, which is not an option: did you mean listing_page_size"),
        ("listing_page_size = 4", "listing_page_size to 4, which cannot be: write a whole number from 5 to 100"),
        ("listing_page_size = true", "to true, which cannot be"),
        ("listing_page_size = 20.5", "to 20.5, which cannot be"),
        ('listing_page_size = "twenty"', 'to "twenty", which cannot be'),
        ('sqlite_journal = "off"', "write one of auto, wal, rollback"),
        ('time_zone = "Mars/Olympus"', "write a zone by its IANA name"),
        ('time_zone = "/etc/passwd"', "write a zone by its IANA name"),
        ('public_url = "institute.example"', "write scheme and host"),
        ('public_url = "https://institute.example/site"', "write scheme and host"),
        ('embed_hosts = ["https://player.vimeo.com/"]', "write host names"),
        ("embed_hosts = [1]", "write a text in quotes"),
        ('trusted_proxies = ["10.0.0.0/40"]', "write addresses or networks"),
        ('mail_from = "nobody"', "write an address"),
        ('mail_from = "A\\nB <a@b.example>"', "write an address"),
        ('language = "english!"', "write a language tag"),
        ('name = ""', "write a name"),
        ("name = ", "is not valid TOML"),
    ],
)
def test_an_unknown_or_impossible_value_is_refused_with_what_to_write(written, text, said):
    with pytest.raises(OptionsError) as refused:
        load(written(text), {})

    assert said in str(refused.value)
    assert "isthmus.toml" in str(refused.value)
    assert refused.value.exit_code == 2


def test_an_unknown_variable_is_refused_with_the_name_that_was_meant(tmp_path):
    with pytest.raises(OptionsError, match="did you mean ISTHMUS_PUBLIC_URL"):
        load(tmp_path, {"ISTHMUS_PUBLIC_ULR": "https://a.example"})


def test_a_secret_value_is_not_repeated(tmp_path):
    with pytest.raises(OptionsError) as refused:
        load(tmp_path, {"ISTHMUS_DATABASE": "mysql://u:hunter2@h/db"})

    assert "hunter2" not in str(refused.value)


def test_a_secret_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OptionsError, match="ISTHMUS_DATABASE_FILE names /absent/db"):
        load(tmp_path, {"ISTHMUS_DATABASE_FILE": "/absent/db"})


def test_a_file_that_is_not_text_is_named(tmp_path):
    (tmp_path / "isthmus.toml").write_bytes(b'name = "\xff"')

    with pytest.raises(OptionsError, match="not UTF-8"):
        load(tmp_path, {})


def test_a_postgresql_address_is_taken(tmp_path):
    address = "postgresql://isthmus:pw@db.example:5432/isthmus"

    assert load(tmp_path, {"ISTHMUS_DATABASE": address}).database == address


def test_a_list_in_a_variable_is_separated_by_commas(tmp_path):
    proxies = load(tmp_path, {"ISTHMUS_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8"}).trusted_proxies

    assert proxies == ("127.0.0.1", "10.0.0.0/8")


def test_a_kind_is_added_and_another_renamed_while_its_fields_stay(written):
    kinds = load(
        written(
            '[kinds.brief]\nlabel = "Policy brief"\nfields = [{name = "number", type = "number"}]\n'
            '[kinds.paper]\nlabel = "Working paper"\n'
        ),
        {},
    ).kinds

    assert (kinds["brief"].label, kinds["brief"].plural) == ("Policy brief", "Policy briefs")
    assert [(field.name, field.label, field.type) for field in kinds["brief"].fields] == [
        ("number", "Number", "number")
    ]
    assert [field.name for field in kinds["paper"].fields] == ["number", "pdf"]
    assert list(kinds)[:7] == ["post", "paper", "report", "testimony", "podcast", "video", "event"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('kinds = "post"', "kinds must be tables"),
        ("[kinds.Brief]", "lower-case"),
        ('[kinds.brief]\ncolour = "red"', "kinds.brief has colour"),
        ('[kinds.brief]\nlabel = ""', "kinds.brief.label"),
        ('[kinds.brief]\nfields = [{name = "a", type = "colour"}]', "write one of text, textarea"),
        ('[kinds.brief]\nfields = [{name = "a"}, {name = "a"}]', "two fields of one name"),
        ("[kinds.brief]\nfields = [1]", "no field"),
    ],
)
def test_an_impossible_kind_is_refused_with_what_to_write(written, text, said):
    with pytest.raises(OptionsError, match=r"isthmus\.toml") as refused:
        load(written(text), {})

    assert said in str(refused.value)


def test_the_first_file_reads_back_and_lists_every_option(tmp_path):
    path = tmp_path / "isthmus.toml"

    option_pages.write_initial(path, 'The "Merrow" Institute', "https://merrow.example/")

    given = load(tmp_path, {})
    assert (given.name, given.public_url) == ('The "Merrow" Institute', "https://merrow.example")
    text = path.read_text()
    assert all(f"{option.name} = " in text for option in OPTIONS if option.kind != "kinds")


def test_the_first_file_is_valid_with_every_comment_taken_away(tmp_path):
    path = tmp_path / "isthmus.toml"
    option_pages.write_initial(path, "Merrow", "")
    shown = [line.removeprefix("# ") for line in path.read_text().splitlines() if " = " in line or "[kinds" in line]

    values = tomllib.loads("\n".join(line for line in shown if not line.startswith("A ")))

    assert set(values) == {option.name for option in OPTIONS}


def test_an_impossible_name_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(OptionsError):
        option_pages.write_initial(tmp_path / "isthmus.toml", "two\nlines", "")

    assert list(tmp_path.iterdir()) == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_written_text_is_toml_for_that_text(anything):
    assert tomllib.loads(f"x = {toml(anything)}")["x"] == anything


def test_the_reference_has_every_option_and_every_kind():
    reference = option_pages.reference_markdown()

    for option in OPTIONS:
        assert f"| `{option.name}` |" in reference
    for kind in ("post", "event"):
        assert f"| `{kind}` |" in reference
