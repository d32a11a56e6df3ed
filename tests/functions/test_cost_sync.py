"""What the whole life of a session costs after its answer: the figures the cost page rests on."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.local.mail.endpoint import SesEndpoint
from infra.local.simulators.serving import serving
from shared import wiring
from tests.support.aws import counted
from tests.support.oauth_flows import Peers, beside_providers, connect
from tests.support.service import User, book, coach, learner


@dataclass(frozen=True, slots=True)
class World:
    """The functions beside Google and SES."""

    peers: Peers
    ses: SesEndpoint


@pytest.fixture(scope="module")
def world(ministack_url: str) -> Iterator[World]:
    with (
        serving(SesEndpoint(now=wiring.now)) as ses,
        beside_providers(ministack_url, **ses.environment) as peers,
    ):
        yield World(peers, ses)


def connected(peers: Peers, *users: User) -> None:
    for each in users:
        assert connect(each, "google", peers.new_google_account()).status == 200
    peers.google.requests.clear()


def synced(event_id: str) -> Counter[str]:
    """Make the calendars match the event, and count what DynamoDB was asked for that."""
    with counted(wiring.tables()) as sent:
        assert wiring.calendar_sync().reconcile(event_id, now=wiring.now()) is None
    return Counter(sent)


def test_what_it_costs_to_write_a_session_into_two_calendars(world: World) -> None:
    who, other = coach(), learner()
    connected(world.peers, who, other)
    event = book(who, who.id, other.id)
    world.peers.google.requests.clear()

    sent = synced(event["id"])

    reads = {"Query": 8, "GetItem": 2}
    assert {**reads, "PutItem": 6, "DeleteItem": 2, "UpdateItem": 1} == sent
    assert ["POST", "POST"] == [each["method"] for each in world.peers.google.requests]


def test_what_it_costs_to_invite_two_people_by_mail(world: World) -> None:
    who, other = coach(), learner()
    contacts = [{"userId": each.id, "email": f"{each.id}@example.com"} for each in (who, other)]
    event = book(who, who.id, other.id, contacts=contacts)
    before = len(world.ses.mails)

    sent = synced(event["id"])

    assert {"Query": 8, "GetItem": 2, "PutItem": 4, "UpdateItem": 1} == sent
    assert 2 == len(world.ses.mails) - before


def test_looking_again_at_a_session_in_every_calendar_asks_no_provider(world: World) -> None:
    who, other = coach(), learner()
    connected(world.peers, who, other)
    event = book(who, who.id, other.id)
    synced(event["id"])
    world.peers.google.requests.clear()

    again = synced(event["id"])

    assert {"Query": 8, "GetItem": 2, "UpdateItem": 1} == again
    assert [] == world.peers.google.requests
