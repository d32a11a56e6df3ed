"""What invitation reports name, and concurrent writes while resending and replacing guests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import LostRace
from shared.domain.event import EventStatus
from shared.domain.invite import DeliveryState, GuestList
from shared.domain.policy import Policy, PolicySettings
from shared.domain.role import Role
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.guests import Guest, Guests
from shared.usecases.invitations.report import InviteReports
from shared.usecases.people.limits import NO_LIMITS
from tests.support.limit_counts import MemorySuppressions
from tests.support.mail_harness import MailHarness, address
from tests.support.memory import MemoryParked, MemoryUnsynced

POLICY = Policy(PolicySettings())
ADMIN = Caller(user_id="boss", roles=frozenset({Role.ADMIN}))


class ContestedInvites:
    """An invite store with a concurrent write before each of our first writes."""

    def __init__(self, harness: MailHarness, write: Callable[[], Any], times: int) -> None:
        self._harness, self._write, self._left = harness, write, times

    def __getattr__(self, name: str) -> Any:
        if name.startswith("save") and self._left:
            self._left -= 1
            self._write()
        return getattr(self._harness.invites, name)


@pytest.fixture
def harness() -> MailHarness:
    """A session of Ann, whose mail bounced."""
    harness = MailHarness()
    harness.book()
    harness.drain()
    harness.record_delivery("ann", DeliveryState.BOUNCED)
    return harness


def rename(harness: MailHarness) -> None:
    invite = harness.invite_of("ann")
    harness.invites.save_invite(replace(invite, name=f"{invite.name}."))


def resending(harness: MailHarness, store: Any, pauses: list[int] | None = None) -> InviteReports:
    audiences = AudienceReader(
        events=harness.events, people=harness.people, invites=harness.invites, has_mail=True
    )
    numbers = [] if pauses is None else pauses
    return InviteReports(
        audiences=audiences,
        invites=store,
        suppressions=MemorySuppressions(),
        policy=POLICY,
        limits=NO_LIMITS,
        parked_events=MemoryParked(harness.memory),
        pause=numbers.append,
    )


def test_a_resend_request_survives_concurrent_writes(harness: MailHarness) -> None:
    store, pauses = ContestedInvites(harness, lambda: rename(harness), 3), list[int]()

    resent = resending(harness, store, pauses).resend(
        ADMIN, "s1", addresses=(), force=False, now=harness.at
    )

    assert resent.resent == (address("ann"),)
    assert pauses == [1, 2, 3]
    assert (True, "None...") == (harness.invite_of("ann").resend, harness.invite_of("ann").name)


def test_a_resend_request_that_loses_every_race_fails(harness: MailHarness) -> None:
    store = ContestedInvites(harness, lambda: rename(harness), 1000)

    with pytest.raises(LostRace):
        resending(harness, store).resend(ADMIN, "s1", addresses=(), force=False, now=harness.at)


def test_two_concurrent_resend_requests_send_one_mail(harness: MailHarness) -> None:
    store = ContestedInvites(harness, lambda: harness.request_resend("ann"), 1)

    resending(harness, store).resend(ADMIN, "s1", addresses=(), force=True, now=harness.at)
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0"] * 2


def test_a_resend_of_a_parked_request_is_found_again(harness: MailHarness) -> None:
    harness.request_resend("ann")
    MemoryUnsynced(harness.memory).park("s1", until=harness.at, now=harness.at)
    before = harness.invite_of("ann")

    resending(harness, harness.invites).resend(
        ADMIN, "s1", addresses=(address("ann"),), force=False, now=harness.at
    )

    assert (True, None) == (before.resend, before.resend_since)
    assert harness.at == harness.invite_of("ann").resend_since
    assert harness.sweep().redriven == ("s1",)


def replacing(harness: MailHarness, store: Any, pauses: list[int] | None = None) -> GuestList:
    numbers = [] if pauses is None else pauses
    return (
        Guests(
            events=harness.events,
            invites=store,
            audiences=AudienceReader(
                events=harness.events, people=harness.people, invites=store, has_mail=True
            ),
            organizer="sessions@mail.example",
            policy=POLICY,
            limits=NO_LIMITS,
            pause=numbers.append,
        )
        .replace(
            ADMIN, "s1", session_type="group", guests=[Guest(email=address("hal"))], now=harness.at
        )
        .guest_list
    )


def test_of_two_concurrent_replacements_of_the_guests_the_later_one_wins(
    harness: MailHarness,
) -> None:
    store, pauses = ContestedInvites(harness, lambda: harness.invite_guests("gus"), 1), list[int]()

    guests = replacing(harness, store, pauses)

    assert [address("hal")] == [each.email for each in guests.attendees]
    assert guests == harness.invites.guest_list("s1")
    assert pauses == [1]


def test_guests_who_stay_keep_the_time_they_were_added(harness: MailHarness) -> None:
    harness.invite_guests("HAL")
    added = harness.at
    harness.at = added + timedelta(hours=1)

    guests = replacing(harness, harness.invites)

    assert [added] == [each.added_at for each in guests.attendees]


def test_a_replacement_of_the_guests_that_loses_every_race_fails(harness: MailHarness) -> None:
    guests = iter(range(1000))
    store = ContestedInvites(harness, lambda: harness.invite_guests(f"g{next(guests)}"), 1000)

    with pytest.raises(LostRace):
        replacing(harness, store)


def test_participants_who_get_neither_mail_nor_a_copy_are_reported(harness: MailHarness) -> None:
    reports = resending(harness, harness.invites)
    ann = harness.people.person("ann")
    before = reports.report(ADMIN, "s1").unreachable

    harness.memory.persons["bob"] = replace(ann, user_id="bob", email=None, connections=())
    event = harness.memory.events["s1"]
    harness.memory.events["s1"] = replace(event, learner_ids=(*event.learner_ids, "bob"))

    assert (before, reports.report(ADMIN, "s1").unreachable) == ((), (("bob", Role.LEARNER),))
    own = Caller(user_id="bob", roles=frozenset({Role.LEARNER}))
    assert reports.report(own, "s1").unreachable == (("bob", Role.LEARNER),)
    cancelled = replace(harness.memory.events["s1"], status=EventStatus.CANCELLED)
    harness.memory.events["s1"] = cancelled
    assert reports.report(ADMIN, "s1").unreachable == ()


def test_a_resend_retries_an_event_that_is_parked(harness: MailHarness) -> None:
    unsynced = MemoryUnsynced(harness.memory)
    harness.memory.unsynced["s1"] = harness.at
    unsynced.park("s1", until=harness.at, now=harness.at)
    harness.record_delivery("ann", DeliveryState.DELIVERED)
    harness.at += timedelta(minutes=1)

    report = resending(harness, harness.invites).resend(
        ADMIN, "s1", addresses=(), force=False, now=harness.at
    )

    assert report.resent == ()
    assert [("s1", harness.at)] == list(unsynced.waiting(until=harness.at))
