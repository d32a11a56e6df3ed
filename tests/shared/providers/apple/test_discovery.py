from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from shared.domain.errors import (
    CredentialsRejected,
    NoCalendar,
    ProviderUnreachable,
    ServerUrlNotAllowed,
)
from shared.ports import FoundCalendar
from shared.providers.apple.client import CaldavProvider
from shared.providers.apple.credentials import Credentials
from tests.support import icloud_simulator
from tests.support.icloud_collections import DavCollection
from tests.support.loopback_http import ServerFault

pytestmark = pytest.mark.long

TIMEOUT = timedelta(seconds=5)
PRINCIPAL = (
    '<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop>'
    "<current-user-principal>{}</current-user-principal></prop><status>HTTP/1.1 {}</status>"
    "</propstat></response></multistatus>"
)


ICLOUD = Credentials(icloud_simulator.USERNAME, icloud_simulator.PASSWORD)
HOMES = (
    '<multistatus xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><response><href>/</href>'
    "<propstat><prop><c:calendar-home-set>{}</c:calendar-home-set></prop></propstat>"
    "</response></multistatus>"
)


@pytest.fixture
def server() -> Iterator[tuple[str, icloud_simulator.IcloudSimulator]]:
    with icloud_simulator.serve_icloud() as result:
        yield result


def discover(
    url: str, username: str = icloud_simulator.USERNAME, password: str = icloud_simulator.PASSWORD
) -> FoundCalendar:
    provider = CaldavProvider([urlsplit(url).netloc])
    return provider.discover(url, username, password, timeout=TIMEOUT)


def test_the_only_calendar_that_accepts_events_is_found_among_other_collections(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, _ = server
    expected = FoundCalendar(
        account=f"{url} {icloud_simulator.USERNAME}",
        email=icloud_simulator.USERNAME,
        calendar_id=f"{url}{icloud_simulator.CALENDAR}",
        calendar_name="Home",
        zone="Europe/Berlin",
        credential=replace(ICLOUD, addresses=frozenset({icloud_simulator.USERNAME})).as_json,
    )

    assert expected == discover(url)


def test_radicale_is_discovered_from_its_root(radicale_url: str) -> None:
    result = discover(radicale_url, "coach", "pass wörd")

    assert f"{radicale_url}/coach/sessions/" == result.calendar_id
    expected = ("Sessions", None, f"{radicale_url} coach")
    assert expected == (result.calendar_name, result.zone, result.account)


def test_the_servers_default_calendar_is_preferred(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, simulator = server
    simulator.collections.append(DavCollection("work", title="Work"))
    simulator.default_calendar = f"{icloud_simulator.HOME}work"

    assert f"{url}{icloud_simulator.HOME}work/" == discover(url).calendar_id


def test_a_default_calendar_that_accepts_no_events_is_ignored(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, simulator = server
    simulator.collections.append(DavCollection("work", order=9))
    simulator.default_calendar = f"{icloud_simulator.HOME}team/"

    assert f"{url}{icloud_simulator.CALENDAR}" == discover(url).calendar_id


def test_without_a_default_the_users_order_decides_then_the_address(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, simulator = server
    simulator.collections = [
        DavCollection("zebra"),
        DavCollection("apple"),
        DavCollection("later", order=7),
        DavCollection("b", order=3),
    ]
    chosen = []
    while simulator.collections:
        result = discover(url).calendar_id.removeprefix(f"{url}{icloud_simulator.HOME}").strip("/")
        chosen.append(result)
        simulator.collections = [each for each in simulator.collections if each.name != result]

    expected = ["b", "later", "apple", "zebra"]
    assert expected == chosen


@pytest.mark.parametrize(
    ("zone_id", "expected"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("America/New_York", "America/New_York"),
        ("Mars/Olympus", None),
        ("../../etc/passwd", None),
        (None, None),
    ],
)
def test_the_zone_of_the_calendar_is_an_iana_name_or_none(
    server: tuple[str, icloud_simulator.IcloudSimulator], zone_id: str | None, expected: str | None
) -> None:
    url, simulator = server
    simulator.collections = [DavCollection("home", zone=zone_id)]

    assert expected == discover(url).zone


def test_an_account_without_a_writable_calendar_raises_no_calendar(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, simulator = server
    simulator.collections = [each for each in simulator.collections if each.name != "home"]

    with pytest.raises(NoCalendar):
        discover(url)


def test_a_wrong_password_is_sent_once(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, simulator = server

    with pytest.raises(CredentialsRejected):
        discover(url, password="wrong")

    assert len(simulator.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        ServerFault(404),
        ServerFault(500),
        ServerFault(429, {"Retry-After": "5"}),
        ServerFault(200, {"Content-Type": "text/html"}, b"<html></html>"),
        ServerFault(207, {"Content-Type": "text/xml"}, b"<multistatus xmlns='DAV:'>"),
        ServerFault(207, {"Content-Type": "text/xml"}, b"<multistatus xmlns='DAV:'/>"),
        ServerFault(207, {"Content-Type": "text/xml"}, b"<other/>"),
        ServerFault(207, {"Content-Type": "text/xml"}, PRINCIPAL.format("", "200 OK").encode()),
        ServerFault(207, {"Content-Type": "text/xml"}, PRINCIPAL.format("", "what").encode()),
    ],
)
def test_a_server_that_does_not_speak_caldav_is_unreachable(
    server: tuple[str, icloud_simulator.IcloudSimulator], fault: ServerFault
) -> None:
    url, simulator = server
    for _ in range(2):  # the address itself, and the well-known one
        simulator.fail_next(fault)

    with pytest.raises(ProviderUnreachable):
        discover(url)


def test_a_forbidden_address_gets_no_request(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, simulator = server

    with pytest.raises(ServerUrlNotAllowed):
        CaldavProvider().discover(url, "kim", "secret", timeout=TIMEOUT)

    assert not simulator.requests


@pytest.mark.parametrize(
    "password", ["Summer2026!", "abcdefghijklmnop", "ABCD-EFGH-IJKL-MNOP", "abcd-efgh-ijkl-mno", ""]
)
def test_the_password_of_an_apple_account_is_never_sent_to_icloud(password: str) -> None:
    lookups: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        lookups.append(f"{host}:{port}")
        return ["127.0.0.1"]

    with pytest.raises(CredentialsRejected, match="app-specific"):
        CaldavProvider(resolver=resolver).discover(
            "https://caldav.icloud.com", "kim@icloud.com", password, timeout=TIMEOUT
        )

    assert not lookups


def test_blanks_in_an_app_specific_password_are_accepted() -> None:
    with pytest.raises(ServerUrlNotAllowed):
        CaldavProvider(resolver=lambda _host, _port: ["127.0.0.1"]).discover(
            "https://caldav.icloud.com",
            "kim@icloud.com",
            " abcd-efgh- ijkl-mnop\n",
            timeout=TIMEOUT,
        )


def test_repr_hides_credentials() -> None:
    assert "secret" not in repr(Credentials("kim", "secret"))


def test_an_unauthenticated_principal_means_rejected_credentials(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, simulator = server
    body = PRINCIPAL.format("<unauthenticated/>", "200 OK").encode()
    simulator.fail_next(ServerFault(207, {"Content-Type": "text/xml"}, body))

    with pytest.raises(CredentialsRejected):
        discover(url)


def test_a_principal_without_a_calendar_home_is_unreachable(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, simulator = server
    simulator.home_href = ""

    with pytest.raises(ProviderUnreachable):
        discover(url)


def test_a_redirect_on_the_same_host_is_followed(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, simulator = server
    moved = {"Location": "/.well-known/caldav"}
    simulator.fail_next(ServerFault(301, moved, method="PROPFIND"))

    assert f"{url}{icloud_simulator.CALENDAR}" == discover(url).calendar_id


@pytest.mark.parametrize("location", ["/", ""])
def test_redirects_that_lead_nowhere_end(
    server: tuple[str, icloud_simulator.IcloudSimulator], location: str
) -> None:
    url, simulator = server
    for _ in range(40):
        simulator.fail_next(ServerFault(302, {"Location": location}))

    with pytest.raises(ServerUrlNotAllowed):
        discover(url)

    assert len(simulator.requests) <= 6


@pytest.mark.parametrize("status", [404, 405, 403])
def test_the_well_known_address_is_tried_when_the_root_is_no_calendar_server(
    server: tuple[str, icloud_simulator.IcloudSimulator], status: int
) -> None:
    url, simulator = server
    simulator.fail_next(ServerFault(status))

    assert f"{url}{icloud_simulator.CALENDAR}" == discover(url).calendar_id


def test_a_home_that_fails_does_not_hide_the_others(
    server: tuple[str, icloud_simulator.IcloudSimulator],
) -> None:
    url, simulator = server
    principal = f"<href>{icloud_simulator.PRINCIPAL}</href>"
    hrefs = f"<href>/groups/public/</href><href>{icloud_simulator.HOME}</href>"
    for body in (PRINCIPAL.format(principal, "200 OK"), HOMES.format(hrefs)):
        simulator.fail_next(ServerFault(207, {"Content-Type": "text/xml"}, body.encode()))

    assert f"{url}{icloud_simulator.CALENDAR}" == discover(url).calendar_id
