"""Addresses that look like one place and lead to another are none."""

import pytest

from isthmus.kit.addresses import host_of, is_link


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://youtube.com/watch?v=1", "youtube.com"),
        ("HTTP://WWW.YouTube.com:443/", "www.youtube.com"),
        ("https://evil.example\\@youtube.com/", ""),
        ("https://youtube.com@evil.example/", ""),
        ("https://user:word@youtube.com/", ""),
        ("https:\\\\youtube.com/", ""),
        ("https://youtube.com\t.evil.example/", ""),
        ("ftp://youtube.com/", ""),
        ("//youtube.com/", ""),
        ("https://[youtube.com/", ""),
        ("", ""),
    ],
)
def test_only_a_plain_address_has_a_host(address: str, host: str):
    assert host_of(address) == host


@pytest.mark.parametrize("address", ["/", "/about/", "https://example.org/a", "mailto:press@institute.example"])
def test_pages_here_sites_elsewhere_and_mail_are_links(address: str):
    assert is_link(address)


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example", "/\\evil.example", "/\t/evil.example", "\\/evil.example", "/\n/evil.example", "about/",
        "https://a@evil.example/", "javascript:alert(1)", "mailto:", "https://", "",
    ],
)  # fmt: skip
def test_what_a_browser_would_lead_elsewhere_is_no_link(address: str):
    assert not is_link(address)
