"""What reconciling a session costs after the response; docs/costs.md is based on it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.local.mail.endpoint import SesEndpoint
from infra.local.simulators.serving import serving
from shared import wiring
from tests.support.aws import counted
from tests.support.oauth_flows import OAuthSimulators, connect, with_oauth_simulators
from tests.support.service import User, book, coach, learner


@dataclass(frozen=True, slots=True)
class Servers:
    """The functions with simulators of Google and SES."""

    simulators: OAuthSimulators
    ses: SesEndpoint


@pytest.fixture(scope="module")
def servers(ministack_url: str) -> Iterator[Servers]:
    with (
        serving(SesEndpoint(now=wiring.now)) as ses,
        with_oauth_simulators(ministack_url, **ses.environment) as simulators,
    ):
        yield Servers(simulators, ses)


def connected(simulators: OAuthSimulators, *users: User) -> None:
    for each in users:
        assert connect(each, "google", simulators.new_google_account()).status == 200
    simulators.google.requests.clear()


def reconcile(event_id: str) -> Counter[str]:
    """Reconcile an event and count the DynamoDB requests."""
    with counted(wiring.tables()) as sent:
        assert wiring.copy_sync().reconcile(event_id, now=wiring.now()) is None
    return Counter(sent)


def test_the_cost_of_writing_a_session_into_two_calendars(servers: Servers) -> None:
    who, other = coach(), learner()
    connected(servers.simulators, who, other)
    event = book(who, who.id, other.id)
    servers.simulators.google.requests.clear()

    sent = reconcile(event["id"])

    reads = {"Query": 8, "GetItem": 2}
    assert {**reads, "PutItem": 6, "DeleteItem": 2, "UpdateItem": 1} == sent
    assert ["POST", "POST"] == [each["method"] for each in servers.simulators.google.requests]


def test_the_cost_of_inviting_two_people_by_mail(servers: Servers) -> None:
    who, other = coach(), learner()
    contacts = [{"userId": each.id, "email": f"{each.id}@example.com"} for each in (who, other)]
    event = book(who, who.id, other.id, contacts=contacts)
    before = len(servers.ses.mails)

    sent = reconcile(event["id"])

    # Per mail: one read of the suppressed addresses, one count for each of three limits, and the
    # record by which an erasure finds the invitation.
    assert {"Query": 8, "GetItem": 2 + 2, "PutItem": 4, "UpdateItem": 1 + 2 * (3 + 1)} == sent
    assert 2 == len(servers.ses.mails) - before


def test_reconciling_a_settled_session_again_contacts_no_provider(servers: Servers) -> None:
    who, other = coach(), learner()
    connected(servers.simulators, who, other)
    event = book(who, who.id, other.id)
    reconcile(event["id"])
    servers.simulators.google.requests.clear()

    again = reconcile(event["id"])

    assert {"Query": 8, "GetItem": 2, "UpdateItem": 1} == again
    assert [] == servers.simulators.google.requests
