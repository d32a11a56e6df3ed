"""How many requests reading a user's time costs at their calendar providers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared import wiring
from tests.support.aws import counted
from tests.support.icloud_simulator import (
    CALENDAR,
    PASSWORD,
    USERNAME,
    IcloudSimulator,
    serve_icloud,
)
from tests.support.oauth_flows import OAuthSimulators, connect, with_oauth_simulators
from tests.support.service import User, call_api, coach, learner

pytestmark = pytest.mark.long

TUESDAY = "2026-11-24"
GOOGLE = ("GET", "/calendar/v3/calendars/primary/events")
OUTLOOK = ("GET", "/v1.0/me/calendars/AQMkADAw%2FCalendar%2BPrimary%3D%3D/calendarView")
APPLE = ("REPORT", CALENDAR)


@dataclass(frozen=True, slots=True)
class ProviderRequests:
    """The requests to every provider, including authorization servers."""

    simulators: OAuthSimulators
    icloud: IcloudSimulator
    icloud_url: str

    def clear(self) -> None:
        """Delete the requests recorded so far."""
        for each in (
            self.simulators.google.requests,
            self.simulators.microsoft.requests,
            self.icloud.requests,
        ):
            each.clear()

    @property
    def requests(self) -> list[tuple[str, str]]:
        """The method and path of each request, sorted."""
        simulated = (*self.simulators.google.requests, *self.simulators.microsoft.requests)
        provider_requests = [(each["method"], each["path"]) for each in simulated]
        return sorted(
            [*provider_requests, *((each.method, each.path) for each in self.icloud.requests)]
        )


@pytest.fixture(scope="module")
def recorded_requests(ministack_url: str) -> Iterator[ProviderRequests]:
    with serve_icloud() as (url, icloud):
        host = urlsplit(url).netloc
        with with_oauth_simulators(ministack_url, CALDAV_ALLOWED_HOSTS=host) as simulators:
            yield ProviderRequests(simulators, icloud, url)


@pytest.fixture
def two_users(recorded_requests: ProviderRequests) -> tuple[ProviderRequests, User, User]:
    """A coach and a learner with two calendars each, and no requests since they connected."""
    provider_requests, who, other = recorded_requests, coach(), learner()
    apple = {"serverUrl": provider_requests.icloud_url, "username": USERNAME, "password": PASSWORD}
    connected = [
        connect(who, "google", provider_requests.simulators.new_google_account()),
        connect(who, "outlook"),
        connect(other, "google", provider_requests.simulators.new_google_account()),
        call_api("POST", "/api/v1/auth/apple/connect", other, body=apple),
    ]
    assert {200, 201} >= {each.status for each in connected}
    provider_requests.clear()
    return provider_requests, who, other


def slots(who: User, other: User) -> Any:
    query = {"date": TUESDAY, "role": "Coach", "coachId": who.id, "learnerId": other.id}
    return call_api("GET", "/api/v1/available-slots", who, query=query).data


def day(who: User) -> Any:
    return call_api("GET", "/api/v1/events", who, query={"date": TUESDAY}).data


def states(response: Any) -> list[str]:
    return [each["state"] for each in response["sources"]]


def test_slots_read_each_calendar_once_without_a_token_request(
    two_users: tuple[ProviderRequests, User, User],
) -> None:
    provider_requests, who, other = two_users

    with counted(wiring.tables()) as sent:
        response = slots(who, other)

    assert ["ok"] * 4 == states(response)
    assert sorted([GOOGLE, GOOGLE, OUTLOOK, APPLE]) == provider_requests.requests
    assert ["Query"] * 4 == sent


def test_a_day_reads_each_calendar_once_without_a_token_request(
    two_users: tuple[ProviderRequests, User, User],
) -> None:
    provider_requests, who, other = two_users

    responses = day(who), day(other)

    assert [["ok"] * 2] * 2 == [states(each) for each in responses]
    assert sorted([GOOGLE, GOOGLE, OUTLOOK, APPLE]) == provider_requests.requests


def test_each_further_page_costs_one_request_and_nothing_else(
    two_users: tuple[ProviderRequests, User, User],
) -> None:
    provider_requests, who, other = two_users
    for each in (provider_requests.simulators.google, provider_requests.simulators.microsoft):
        each.break_next({"kind": "empty_page"})

    responses = slots(who, other), day(who)

    assert [["ok"] * 4, ["ok"] * 2] == [states(each) for each in responses]
    both_pages = [GOOGLE, GOOGLE, GOOGLE, OUTLOOK, OUTLOOK, APPLE]
    assert sorted([*both_pages, GOOGLE, OUTLOOK]) == provider_requests.requests
