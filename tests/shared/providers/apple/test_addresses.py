import pytest

from shared.domain.errors import ServerUrlNotAllowed
from shared.providers.apple.addresses import (
    Address,
    Origin,
    is_public,
    parse_address,
    resolve_locally,
)
from tests.support.forbidden_addresses import FORBIDDEN_ADDRESSES


@pytest.mark.parametrize("url", FORBIDDEN_ADDRESSES)
def test_a_forbidden_address_is_rejected(url: str) -> None:
    with pytest.raises(ServerUrlNotAllowed):
        parse_address(url, allowed=())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://caldav.icloud.com", "https://caldav.icloud.com/"),
        ("https://CalDAV.iCloud.com:443/a/b", "https://caldav.icloud.com/a/b"),
        ("https://dav.bücher.example/ü", "https://dav.xn--bcher-kva.example/%C3%BC"),
        ("https://dav.example.com/a%20b/@x/", "https://dav.example.com/a%20b/@x/"),
    ],
)
def test_an_address_is_normalised(url: str, expected: str) -> None:
    assert expected == str(parse_address(url, allowed=()))


@pytest.mark.parametrize("url", ["http://127.0.0.1:5232/x", "https://127.0.0.1:5232/x"])
def test_an_allowed_host_and_port_may_use_either_scheme(url: str) -> None:
    assert url == str(parse_address(url, allowed=("127.0.0.1:5232",)))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9001/", "http://[::1]:5232/", "http://127.1:5232/"]
)
def test_allowing_one_host_and_port_allows_no_other(url: str) -> None:
    with pytest.raises(ServerUrlNotAllowed):
        parse_address(url, allowed=("127.0.0.1:5232",))


BASE = parse_address("https://dav.example.com/cal/work/", allowed=())


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("a b.ics", "/cal/work/a%20b.ics"),
        ("/cal/work/a%20b.ics", "/cal/work/a%20b.ics"),
        ("//cal/work/x.ics", "/cal/work/x.ics"),
        ("//dav.example.com/x.ics", "/x.ics"),
        ("http://localhost:8080/cal/x.ics", "/cal/x.ics"),
        ("https://10.0.0.1/cal/x.ics", "/cal/x.ics"),
        ("https://evil.example.com//x y.ics", "/x%20y.ics"),
    ],
)
def test_an_href_in_a_response_stays_on_the_server(href: str, path: str) -> None:
    assert Address(BASE.origin, path) == resolve_locally(BASE, href, allowed=())


def test_icloud_may_name_a_partition() -> None:
    base = parse_address("https://caldav.icloud.com/", allowed=())

    resolved = resolve_locally(base, "https://p37-caldav.icloud.com:443/1/", allowed=())

    assert "https://p37-caldav.icloud.com/1/" == str(resolved)


@pytest.mark.parametrize("href", ["file:///etc/passwd", "https://a:b@dav.example.com/", "http://["])
def test_an_href_that_is_no_http_address_is_rejected(href: str) -> None:
    with pytest.raises(ServerUrlNotAllowed):
        resolve_locally(BASE, href, allowed=())


NOT_PUBLIC = [
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "::127.0.0.1",
    "fec0::1",
    "224.0.0.1",
    "ff02::1",
    "192.0.0.8",
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "fd00:ec2::254",
    "fe80::1",
    "::1",
    "::",
    "0.0.0.0",  # noqa: S104 - an address to reject
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "2001::1",
    "2001:db8::1",
    "240.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "192.88.99.1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_internal_or_translated_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["17.248.145.10", "8.8.8.8", "2620:149:a44::1", "2a00:1450::1"])
def test_an_internet_address_is_public(address: str) -> None:
    assert is_public(address)


def https(host: str, port: int = 443) -> Origin:
    return Origin("https", host, port)


ICLOUD = https("caldav.icloud.com")


@pytest.mark.parametrize(
    "host", ["caldav.icloud.com", "p37-caldav.icloud.com", "p1-caldav.icloud.com"]
)
def test_icloud_may_send_credentials_to_its_partitions(host: str) -> None:
    assert ICLOUD.may_send_credentials_to(https(host))


@pytest.mark.parametrize(
    "other",
    [
        https("evil-caldav.icloud.com"),
        https("p1-caldav.icloud.com.evil.com"),
        https("p1-caldav.icloud.com.cn"),
        https("p1234-caldav.icloud.com"),
        https("p٣-caldav.icloud.com"),
        https("www.icloud.com"),
        https("p37-caldav.icloud.com", 8443),
        Origin("http", "p37-caldav.icloud.com", 443),
    ],
)
def test_icloud_may_not_send_credentials_anywhere_else(other: Origin) -> None:
    assert not ICLOUD.may_send_credentials_to(other)


def test_any_other_server_may_send_credentials_only_to_itself() -> None:
    server = https("dav.example.com")

    assert server.may_send_credentials_to(server)
    assert not server.may_send_credentials_to(ICLOUD)
    assert not server.may_send_credentials_to(https("www.example.com"))
    assert not server.may_send_credentials_to(Origin("http", "dav.example.com", 443))
    assert not https("p37-caldav.icloud.com").may_send_credentials_to(
        https("p38-caldav.icloud.com")
    )
