import pytest

from outbound.addresses import BadUrl, is_public, parse

NOBODY: frozenset[str] = frozenset()


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
        "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "2002:a00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "::7f00:1", "2001:db8::1",
    ],
)  # fmt: skip
def test_everything_else_is_not_whatever_it_hides_in(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://example.com:22/", "ftp://example.com/", "file:///etc/passwd",
        "https://user:pass@example.com/", "https:///x", "https://", "", "example.com",
        "https://exa mple.com/",
        "https://example.com\\@evil/", "https://例.com/", "https://example.com/#x",
        "https://example.com:99999/",
        "https://[::1/", "https://example.com/\r\nHost: x", "gopher://x", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_only_plain_https_on_the_usual_ports_is_taken(url: str) -> None:
    with pytest.raises(BadUrl):
        parse(url, NOBODY)


def test_the_parts_of_an_address_are_kept() -> None:
    found = parse("https://Example.com:8443/a/b?c=d", NOBODY)
    assert (found.host, found.port, found.path, found.is_named) == ("example.com", 8443, "/a/b?c=d", False)
    assert found.host_header == "example.com:8443"
    assert parse("https://example.com", NOBODY).host_header == "example.com"


def test_a_host_that_is_allowed_by_name_may_be_plain_and_on_any_port() -> None:
    found = parse("http://erp.internal:8080/x", frozenset({"erp.internal"}))
    assert (found.is_named, found.port) == (True, 8080)
    assert parse("http://erp.internal:8080/", frozenset({"erp.internal:8080"})).is_named
    with pytest.raises(BadUrl):
        parse("http://erp.internal:8081/", frozenset({"erp.internal:8080"}))
    with pytest.raises(BadUrl):
        parse("http://xerp.internal:8080/", frozenset({"erp.internal"}))
