"""Addresses that editors type into menus and bodies lead where they seem to lead."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from isthmus.publications.body import EmbedBlock
from isthmus.publications.models.site import LINKS


@pytest.mark.parametrize("url", ["/\\evil.example", "//evil.example", "https://a@evil.example/", "about/"])
def test_a_menu_leads_only_where_it_says(url: str):
    menu = LINKS.to_python([{"type": "link", "value": {"label": "About", "url": url}}])

    with pytest.raises(ValidationError):
        LINKS.clean(menu)


@pytest.mark.parametrize("url", ["https://evil.example\\@youtube.com/x", "https://youtube.com@evil.example/x"])
def test_a_recording_is_at_the_host_it_names(url: str):
    block = EmbedBlock()

    with pytest.raises(ValidationError):
        block.clean(block.to_python({"url": url, "title": "A talk"}))


def test_links_and_recordings_as_editors_type_them_are_taken():
    menu = LINKS.to_python([{"type": "link", "value": {"label": "About", "url": "/about/"}}])
    recording = EmbedBlock().to_python({"url": "https://www.youtube.com/watch?v=1", "title": "A talk"})

    assert LINKS.clean(menu)[0].value["url"] == "/about/"
    assert EmbedBlock().clean(recording)["title"] == "A talk"
