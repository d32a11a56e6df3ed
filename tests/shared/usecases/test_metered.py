"""What is counted of the service's work, by dimensions of few values and never by an id."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import CredentialDead, ProviderMisconfigured, ProviderUnavailable
from shared.domain.event import EventStatus
from shared.domain.invite import DeliveryState
from shared.usecases.invitations.delivery import Delivery
from tests.support import faults, mail_world
from tests.support.invite_memory import MemoryInvites
from tests.support.mail_world import MailWorld
from tests.support.mailed import invite, notification
from tests.support.meter import FakeMeter
from tests.support.sync_world import SyncWorld


def copies(world: SyncWorld) -> dict[tuple[str, ...], int]:
    """Return the pieces of work on copies, by outcome and provider."""
    return {key[1:]: number for key, number in world.meter.counts.items() if "Copies" in key[0]}


def fates(meter: FakeMeter) -> dict[str, int]:
    """Return what became of mails."""
    return {key[1]: number for key, number in meter.counts.items() if key[0] == "Invites"}


@pytest.fixture
def world() -> SyncWorld:
    """A session of Ann, who has one calendar."""
    world = SyncWorld()
    world.connect("ann", "a1")
    world.book()
    return world


def test_copies_are_counted_by_provider_and_outcome(world: SyncWorld) -> None:
    world.calendar.fail("a1", faults.ERROR_503)
    world.drain()
    world.cancel()
    world.drain()

    outcomes = {("later", "apple"): 1, ("synced", "apple"): 1, ("removed", "apple"): 1}
    assert outcomes == copies(world)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(faults.REFUSED, "failed"), (faults.DEAD, "reconnect_required")],
    ids=["refused", "dead"],
)
def test_a_copy_that_ends_without_success_says_how(
    world: SyncWorld, fault: faults.Fault, outcome: str
) -> None:
    world.calendar.fail("a1", fault)

    world.drain()

    assert {(outcome, "apple"): 1} == copies(world)


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        (lambda: CredentialDead("invalid_grant"), {("ReconnectsRequired", "apple"): 1}),
        (lambda: ProviderMisconfigured("our secret"), {("ProviderMisconfigured", "apple"): 1}),
        (lambda: ProviderUnavailable("503"), {}),
    ],
    ids=["dead", "our own fault", "passing"],
)
def test_who_is_to_blame_for_a_token_is_counted_by_provider(
    world: SyncWorld, error: Callable[[], Exception], counted: dict[Any, int]
) -> None:
    world.calendar.fail("a1", faults.Fault(error))

    world.deliver()

    ours = {"ReconnectsRequired", "ProviderMisconfigured"}
    assert counted == {key: n for key, n in world.meter.counts.items() if key[0] in ours}


def test_a_connection_is_counted_once_when_many_find_it_dead() -> None:
    world = SyncWorld()
    world.connect("ann", "a1")
    for number in range(3):
        world.book(f"s{number}")
    world.revoke("ann", "a1")

    for number in range(3):
        world.drain(f"s{number}")

    assert 1 == world.meter.counts["ReconnectsRequired", "apple"]


@pytest.mark.parametrize(
    ("failures", "told"),
    [
        ([], {"accepted": 1}),
        ([mail_world.THROTTLED], {"put_off": 1, "accepted": 1}),
        ([mail_world.REFUSED], {"refused": 1}),
    ],
    ids=["taken", "throttled", "refused"],
)
def test_mails_are_counted_by_what_ses_says_at_once(
    failures: list[Any], told: dict[str, int]
) -> None:
    world = MailWorld()
    world.book()
    world.mail.fail(mail_world.address("ann"), *failures)

    world.drain()

    assert told == fates(world.meter)


def test_mails_are_counted_by_what_ses_notifies_each_once() -> None:
    meter, store = FakeMeter(), MemoryInvites(invite())
    delivery = Delivery(invites=store, pause=lambda _: None, meter=meter)

    for state in (DeliveryState.DELIVERED, DeliveryState.DELIVERED, DeliveryState.COMPLAINT):
        delivery.record(notification(state))

    assert {"delivered": 1, "complaint": 1} == fates(meter)


def test_no_dimension_ever_names_a_person_an_event_or_a_connection() -> None:
    world = MailWorld()
    world.connect("bob", "b1")
    world.book(users=("ann", "bob"))
    world.drain()
    world.change(status=EventStatus.CANCELLED)
    world.advance(timedelta(hours=1))
    world.drain()
    world.sweep()

    said = {text for key in world.meter.counts for text in key}
    assert said
    assert not said & {"ann", "bob", "b1", "s1"}
    assert not [text for text in said if "@" in text]
