"""Proxies are believed only where the operator named them."""

import pytest

from isthmus.kit.client_address import client_address, network_of

PROXIES = ("10.0.0.0/8", "fd00::/8")


def _address(remote, forwarded="", trusted=PROXIES):
    return client_address({"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}, trusted=trusted)


def test_a_stranger_cannot_say_who_they_are():
    assert _address("203.0.113.9", "198.51.100.1") == "203.0.113.9"


def test_a_trusted_proxy_is_believed_about_its_client():
    assert _address("10.0.0.2", "203.0.113.9") == "203.0.113.9"


def test_what_the_client_wrote_before_the_proxies_is_ignored():
    assert _address("10.0.0.2", "127.0.0.1, 203.0.113.9, 10.0.0.3") == "203.0.113.9"


def test_junk_ends_the_chain():
    assert _address("10.0.0.2", "203.0.113.9, nonsense, 10.0.0.3") == "10.0.0.3"


def test_nobody_is_trusted_by_default():
    assert _address("10.0.0.2", "203.0.113.9", trusted=()) == "10.0.0.2"


def test_a_server_that_names_no_client_gives_unknown():
    assert _address("") == "unknown"


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("unknown", "unknown")],
)
def test_a_person_holds_one_ipv4_address_or_64_bits_of_ipv6(address, network):
    assert network_of(address) == network


def test_ipv4_written_as_ipv6_is_the_same_client():
    assert _address("::ffff:203.0.113.9") == "203.0.113.9"
