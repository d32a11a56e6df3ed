"""Values in a server's response that the standard library or the CalDAV library fails on."""

from typing import cast

import pytest

from shared.domain.errors import (
    CalendarMalformed,
    CalendarServiceError,
    ProviderUnavailable,
    ProviderUnreachable,
    ServerUrlNotAllowed,
)
from shared.providers.apple.addresses import parse_address, resolve
from shared.providers.apple.client import CaldavProvider
from tests.shared.providers.apple.test_responses import TIMEOUT, entries, multistatus
from tests.support import icloud_simulator
from tests.support.copy_calls import create
from tests.support.loopback_http import ServerFault
from tests.support.provider_cases import IcloudTestServer, ProviderCase

pytestmark = pytest.mark.long

OBJECT = (
    "<response><href>{href}</href><propstat><prop>{prop}</prop>"
    "<status>{status}</status></propstat></response>"
)
STATUSES = [
    f"HTTP/1.1 {'9' * 5000}",
    f"HTTP/1.1 {'9' * 400} OK",
    "HTTP/1.1 \u0662\u0660\u0660 OK",
    "HTTP/1.1 -1 OK",
    "HTTP/1.1 200.5 OK",
    "HTTP/1.1 20 OK",
    "HTTP/1.1 999 OK",
    "200",
    "x y",
]
HREFS = ["//[", "//[::1", "http://[", "//]", "//[v1.x", "http://127.0.0.1:99999/", "a" * 9000]
WAITS = ["9" * 5000, "9" * 400, f"Mon, 1 Jan {'9' * 20} 00:00:00 GMT", "NaN", "inf", "1e400"]


def discover(case: ProviderCase) -> object:
    """Look for the account's calendar."""
    provider = cast("CaldavProvider", case.provider)
    return provider.discover(
        cast("IcloudTestServer", case.server).url,
        icloud_simulator.USERNAME,
        icloud_simulator.PASSWORD,
        timeout=TIMEOUT,
    )


def described(href: str = "/x.ics", status: str = "HTTP/1.1 200 OK", prop: str = "") -> ServerFault:
    """Return a response with one object."""
    return multistatus(OBJECT.format(href=href, status=status, prop=prop))


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status[:24])
def test_an_impossible_status_makes_the_response_unusable(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator, status: str
) -> None:
    simulator.fail_next(described(status=status))

    with pytest.raises(ProviderUnavailable):
        entries(icloud_case)


@pytest.mark.parametrize("href", HREFS, ids=lambda href: href[:24])
def test_an_object_with_an_impossible_href_is_still_read(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator, href: str
) -> None:
    data = '<c:calendar-data xmlns:c="urn:ietf:params:xml:ns:caldav">x</c:calendar-data>'
    simulator.fail_next(described(href=href, prop=data))

    # The text of the object is there, and no request goes to the href.
    with pytest.raises(CalendarMalformed):
        entries(icloud_case)


@pytest.mark.parametrize("href", HREFS, ids=lambda href: href[:24])
def test_an_impossible_principal_ends_the_discovery(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator, href: str
) -> None:
    simulator.principal_href = href

    with pytest.raises((ServerUrlNotAllowed, ProviderUnreachable)):
        discover(icloud_case)


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status[:24])
def test_an_impossible_status_ends_the_discovery(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator, status: str
) -> None:
    for _ in range(2):  # the address itself, and the well-known one
        simulator.fail_next(described(status=status))

    with pytest.raises(CalendarServiceError):
        discover(icloud_case)


def test_a_server_that_names_many_homes_gets_few_requests(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    principal, homes = "current-user-principal", "c:calendar-home-set"
    caldav = ' xmlns:c="urn:ietf:params:xml:ns:caldav"'
    href = f"<href>{icloud_simulator.HOME}</href>"
    hrefs = "".join(f"<href>/homes/{number}/</href>" for number in range(500))
    simulator.fail_next(described(prop=f"<{principal}>{href}</{principal}>"))
    simulator.fail_next(described(prop=f"<{homes}{caldav}>{hrefs}</{homes}>"))

    with pytest.raises(ProviderUnreachable):
        discover(icloud_case)

    assert len(simulator.requests) == 12


@pytest.mark.parametrize("header", WAITS, ids=lambda header: header[:24])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_impossible_retry_after_is_a_temporary_failure(
    icloud_case: ProviderCase,
    simulator: icloud_simulator.IcloudSimulator,
    status: int,
    header: str,
) -> None:
    simulator.fail_next(ServerFault(status, {"Retry-After": header}))
    with pytest.raises(ProviderUnavailable):
        entries(icloud_case)

    simulator.fail_next(ServerFault(status, {"Retry-After": header}))
    with pytest.raises(ProviderUnavailable):
        create(icloud_case)


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status[:24])
def test_an_impossible_status_after_a_write_is_a_temporary_failure(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator, status: str
) -> None:
    simulator.returns_etag_of_put = False
    fault = described(status=status)
    fault.method = "PROPFIND"
    simulator.fail_next(fault)

    with pytest.raises(ProviderUnavailable):
        create(icloud_case)


@pytest.mark.parametrize("href", HREFS)
def test_an_impossible_href_is_not_allowed_or_stays_on_the_server(href: str) -> None:
    base = parse_address("https://dav.example.com/a/", allowed=())

    try:
        origin = resolve(base, href, allowed=()).origin
    except ServerUrlNotAllowed:
        return
    assert base.origin == origin


def test_an_href_is_relative_to_its_response() -> None:
    base = parse_address("https://dav.example.com/a/", allowed=())

    assert str(resolve(base, "b.ics", allowed=())) == "https://dav.example.com/a/b.ics"
    assert str(resolve(base, "/c/", allowed=())) == "https://dav.example.com/c/"
