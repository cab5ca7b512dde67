from datetime import timedelta
from pathlib import Path

import pytest

from isthmus.kit import clock, tokens
from isthmus.mailing import links


def test_links_of_old_mails_stay_good_after_any_number_of_rotations(tmp_path: Path):
    page, leave = links.preferences_path(17, tmp_path), links.one_click_path(17, "series:2", tmp_path)
    confirm = links.confirm_path(17, tmp_path, expires_at=clock.now() + timedelta(days=7))
    bounce = links.verp(812, "bounce@mail.example.org", tmp_path)

    for _ in range(3):
        links.rotate(tmp_path)

    assert links.read_preferences(page.split("/")[2], tmp_path) == 17
    assert links.read_one_click(leave.split("/")[3], tmp_path) == (17, "series:2")
    assert links.read_confirm(confirm.split("/")[3], tmp_path) == 17
    assert links.read_verp(bounce, tmp_path) == 812


def test_a_new_key_signs_from_the_next_link_on(tmp_path: Path):
    before = links.preferences_path(17, tmp_path)

    keys = links.rotate(tmp_path)

    assert keys[0].number == 2
    assert links.preferences_path(17, tmp_path) != before


def test_a_link_for_one_purpose_opens_nothing_else(tmp_path: Path):
    page = links.preferences_path(17, tmp_path).split("/")[2]

    with pytest.raises(tokens.TokenInvalid):
        links.read_confirm(page, tmp_path)
    with pytest.raises(tokens.TokenInvalid):
        links.read_one_click(page, tmp_path)


@pytest.mark.parametrize(
    "written", ["bounce+812@mail.example.org", "bounce+813-1-aaaaaaaaaaaaaaaa@mail.example.org", "", "812", "<>"]
)
def test_an_address_that_we_did_not_sign_is_about_nothing(written: str, tmp_path: Path):
    links.verp(812, "bounce@mail.example.org", tmp_path)

    assert links.read_verp(written, tmp_path) is None


def test_a_relay_may_fold_the_letters_of_a_return_address(tmp_path: Path):
    address = links.verp(812, "bounce@mail.example.org", tmp_path)

    assert links.read_verp(address.upper(), tmp_path) == 812
    assert links.read_verp(f"<{address}>", tmp_path) == 812
