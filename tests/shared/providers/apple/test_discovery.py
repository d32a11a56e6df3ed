from collections.abc import Iterator
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
from tests.support import icloudish
from tests.support.icloud_shelves import Shelf
from tests.support.loopback_http import Fault

TIMEOUT = timedelta(seconds=5)
PRINCIPAL = (
    '<multistatus xmlns="DAV:"><response><href>/</href><propstat><prop>'
    "<current-user-principal>{}</current-user-principal></prop><status>HTTP/1.1 {}</status>"
    "</propstat></response></multistatus>"
)


@pytest.fixture
def server() -> Iterator[tuple[str, icloudish.Icloudish]]:
    with icloudish.icloudish() as found:
        yield found


def discover(
    url: str, username: str = icloudish.USERNAME, password: str = icloudish.PASSWORD
) -> FoundCalendar:
    provider = CaldavProvider([urlsplit(url).netloc])
    return provider.discover(url, username, password, timeout=TIMEOUT)


def test_the_one_calendar_that_takes_events_is_found_amid_all_kinds(
    server: tuple[str, icloudish.Icloudish],
) -> None:
    url, _ = server
    expected = FoundCalendar(
        account=f"{url} {icloudish.USERNAME}",
        email=icloudish.USERNAME,
        calendar_id=f"{url}{icloudish.CALENDAR}",
        calendar_name="Home",
        zone="Europe/Berlin",
        credential=Credentials(icloudish.USERNAME, icloudish.PASSWORD).as_json,
    )

    assert expected == discover(url)


def test_radicale_is_discovered_from_its_root(radicale_url: str) -> None:
    found = discover(radicale_url, "coach", "pass wörd")

    assert f"{radicale_url}/coach/sessions/" == found.calendar_id
    expected = ("Sessions", None, f"{radicale_url} coach")
    assert expected == (found.calendar_name, found.zone, found.account)


def test_the_calendar_the_server_names_for_new_events_is_preferred(
    server: tuple[str, icloudish.Icloudish],
) -> None:
    url, state = server
    state.shelves.append(Shelf("work", title="Work"))
    state.default_calendar = f"{icloudish.HOME}work"

    assert f"{url}{icloudish.HOME}work/" == discover(url).calendar_id


def test_a_default_that_takes_no_events_is_passed_over(
    server: tuple[str, icloudish.Icloudish],
) -> None:
    url, state = server
    state.shelves.append(Shelf("work", order=9))
    state.default_calendar = f"{icloudish.HOME}team/"

    assert f"{url}{icloudish.CALENDAR}" == discover(url).calendar_id


def test_without_a_default_the_order_of_the_user_decides_then_the_address(
    server: tuple[str, icloudish.Icloudish],
) -> None:
    url, state = server
    state.shelves = [Shelf("zebra"), Shelf("apple"), Shelf("later", order=7), Shelf("b", order=3)]
    chosen = []
    while state.shelves:
        found = discover(url).calendar_id.removeprefix(f"{url}{icloudish.HOME}").strip("/")
        chosen.append(found)
        state.shelves = [each for each in state.shelves if each.name != found]

    expected = ["b", "later", "apple", "zebra"]
    assert expected == chosen


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("America/New_York", "America/New_York"),
        ("Mars/Olympus", None),
        ("../../etc/passwd", None),
        (None, None),
    ],
)
def test_the_zone_of_the_calendar_is_an_iana_name_or_not_known(
    server: tuple[str, icloudish.Icloudish], told: str | None, expected: str | None
) -> None:
    url, state = server
    state.shelves = [Shelf("home", zone=told)]

    assert expected == discover(url).zone


def test_an_account_without_a_calendar_to_write_to_has_none(
    server: tuple[str, icloudish.Icloudish],
) -> None:
    url, state = server
    state.shelves = [each for each in state.shelves if each.name != "home"]

    with pytest.raises(NoCalendar):
        discover(url)


def test_a_wrong_password_is_tried_once(server: tuple[str, icloudish.Icloudish]) -> None:
    url, state = server

    with pytest.raises(CredentialsRejected):
        discover(url, password="wrong")

    assert len(state.seen) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(404),
        Fault(500),
        Fault(429, {"Retry-After": "5"}),
        Fault(200, {"Content-Type": "text/html"}, b"<html></html>"),
        Fault(207, {"Content-Type": "text/xml"}, b"<multistatus xmlns='DAV:'>"),
        Fault(207, {"Content-Type": "text/xml"}, b"<multistatus xmlns='DAV:'/>"),
        Fault(207, {"Content-Type": "text/xml"}, b"<other/>"),
        Fault(207, {"Content-Type": "text/xml"}, PRINCIPAL.format("", "200 OK").encode()),
        Fault(207, {"Content-Type": "text/xml"}, PRINCIPAL.format("", "what").encode()),
    ],
)
def test_a_server_that_does_not_speak_caldav_is_unreachable(
    server: tuple[str, icloudish.Icloudish], fault: Fault
) -> None:
    url, state = server
    state.fail_next(fault)

    with pytest.raises(ProviderUnreachable):
        discover(url)


def test_an_address_that_is_not_allowed_is_never_asked(
    server: tuple[str, icloudish.Icloudish],
) -> None:
    url, state = server

    with pytest.raises(ServerUrlNotAllowed):
        CaldavProvider().discover(url, "kim", "secret", timeout=TIMEOUT)

    assert not state.seen


@pytest.mark.parametrize(
    "password", ["Summer2026!", "abcdefghijklmnop", "ABCD-EFGH-IJKL-MNOP", "abcd-efgh-ijkl-mno", ""]
)
def test_the_password_of_an_apple_account_is_never_sent_to_icloud(password: str) -> None:
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(f"{host}:{port}")
        return ["127.0.0.1"]

    with pytest.raises(CredentialsRejected, match="app-specific"):
        CaldavProvider(resolver=resolver).discover(
            "https://caldav.icloud.com", "kim@icloud.com", password, timeout=TIMEOUT
        )

    assert not asked


def test_an_app_specific_password_with_blanks_goes_on_to_icloud() -> None:
    with pytest.raises(ServerUrlNotAllowed):
        CaldavProvider(resolver=lambda _host, _port: ["127.0.0.1"]).discover(
            "https://caldav.icloud.com",
            "kim@icloud.com",
            " abcd-efgh- ijkl-mnop\n",
            timeout=TIMEOUT,
        )


def test_credentials_do_not_show_themselves() -> None:
    assert "secret" not in repr(Credentials("kim", "secret"))


def test_a_server_that_takes_the_user_for_a_stranger_refuses_the_password(
    server: tuple[str, icloudish.Icloudish],
) -> None:
    url, state = server
    body = PRINCIPAL.format("<unauthenticated/>", "200 OK").encode()
    state.fail_next(Fault(207, {"Content-Type": "text/xml"}, body))

    with pytest.raises(CredentialsRejected):
        discover(url)


def test_a_principal_without_a_calendar_home_is_no_caldav_account(
    server: tuple[str, icloudish.Icloudish],
) -> None:
    url, state = server
    state.home_href = ""

    with pytest.raises(ProviderUnreachable):
        discover(url)
