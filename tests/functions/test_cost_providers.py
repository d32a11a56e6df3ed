"""How many requests a look at somebody's time costs at the providers of their calendars."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared import wiring
from tests.support.aws import counted
from tests.support.icloudish import CALENDAR, PASSWORD, USERNAME, Icloudish, icloudish
from tests.support.oauth_flows import Peers, beside_providers, connect
from tests.support.service import User, ask, coach, learner

TUESDAY = "2026-11-24"
GOOGLE = ("GET", "/calendar/v3/calendars/primary/events")
OUTLOOK = ("GET", "/v1.0/me/calendars/AQMkADAw%2FCalendar%2BPrimary%3D%3D/calendarView")
APPLE = ("REPORT", CALENDAR)


@dataclass(frozen=True, slots=True)
class Asked:
    """What every provider was asked, authorization servers included."""

    peers: Peers
    icloud: Icloudish
    icloud_url: str

    def forget(self) -> None:
        """Forget all that was asked so far."""
        for each in (self.peers.google.requests, self.peers.microsoft.requests, self.icloud.seen):
            each.clear()

    @property
    def requests(self) -> list[tuple[str, str]]:
        """The method and path of each request, sorted."""
        simulated = (*self.peers.google.requests, *self.peers.microsoft.requests)
        asked = [(each["method"], each["path"]) for each in simulated]
        return sorted([*asked, *((each.method, each.path) for each in self.icloud.seen)])


@pytest.fixture(scope="module")
def asked_by_functions(ministack_url: str) -> Iterator[Asked]:
    with icloudish() as (url, icloud):
        host = urlsplit(url).netloc
        with beside_providers(ministack_url, CALDAV_ALLOWED_HOSTS=host) as peers:
            yield Asked(peers, icloud, url)


@pytest.fixture
def couple(asked_by_functions: Asked) -> tuple[Asked, User, User]:
    """A coach with two calendars and a learner with two, and nothing asked since they connected."""
    asked, who, other = asked_by_functions, coach(), learner()
    apple = {"serverUrl": asked.icloud_url, "username": USERNAME, "password": PASSWORD}
    connected = [
        connect(who, "google", asked.peers.new_google_account()),
        connect(who, "outlook"),
        connect(other, "google", asked.peers.new_google_account()),
        ask("POST", "/api/v1/auth/apple/connect", other, body=apple),
    ]
    assert {200, 201} >= {each.status for each in connected}
    asked.forget()
    return asked, who, other


def slots(who: User, other: User) -> Any:
    query = {"date": TUESDAY, "role": "Coach", "coachId": who.id, "learnerId": other.id}
    return ask("GET", "/api/v1/available-slots", who, query=query).data


def day(who: User) -> Any:
    return ask("GET", "/api/v1/events", who, query={"date": TUESDAY}).data


def states(answer: Any) -> list[str]:
    return [each["state"] for each in answer["sources"]]


def test_slots_ask_each_calendar_once_and_no_token_endpoint(
    couple: tuple[Asked, User, User],
) -> None:
    asked, who, other = couple

    with counted(wiring.tables()) as sent:
        answer = slots(who, other)

    assert ["ok"] * 4 == states(answer)
    assert sorted([GOOGLE, GOOGLE, OUTLOOK, APPLE]) == asked.requests
    assert ["Query"] * 4 == sent


def test_a_day_asks_each_calendar_once_and_no_token_endpoint(
    couple: tuple[Asked, User, User],
) -> None:
    asked, who, other = couple

    answers = day(who), day(other)

    assert [["ok"] * 2] * 2 == [states(each) for each in answers]
    assert sorted([GOOGLE, GOOGLE, OUTLOOK, APPLE]) == asked.requests


def test_a_further_page_costs_a_further_request_and_nothing_else(
    couple: tuple[Asked, User, User],
) -> None:
    asked, who, other = couple
    for each in (asked.peers.google, asked.peers.microsoft):
        each.break_next({"kind": "empty_page"})

    answers = slots(who, other), day(who)

    assert [["ok"] * 4, ["ok"] * 2] == [states(each) for each in answers]
    both_pages = [GOOGLE, GOOGLE, GOOGLE, OUTLOOK, OUTLOOK, APPLE]
    assert sorted([*both_pages, GOOGLE, OUTLOOK]) == asked.requests
