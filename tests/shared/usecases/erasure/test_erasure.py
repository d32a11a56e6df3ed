"""An erasure removes every trace of a user, and leaves everybody else's data as it was."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.agenda import AgendaDay
from shared.domain.audit import SERVICE, AuditAction, AuditEntry
from shared.domain.caller import Caller
from shared.domain.connection import Connection, OAuthCredential, Provider
from shared.domain.erasure import ERASED_TITLE, PATIENCE, SETTLING, Erasure
from shared.domain.errors import Forbidden, NotFound
from shared.domain.event import Contact, Event, EventStatus
from shared.domain.interval import Interval
from shared.domain.invite import ExternalAttendee, GuestList, InviteMethod, invite_id
from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.usecases.erasure import worker
from shared.usecases.erasure.requests import Erasures
from tests.support import request_faults
from tests.support.erasure_harness import PLATFORM, ErasureHarness
from tests.support.memory import MemoryUserRecords
from tests.support.sync_harness import START

ANN = "ann@example.com"
TRACES = ("'ann'", '"ann"', "ann@", "Ann Other", invite_id(ANN))


def audit(action: AuditAction, actor: str, note: str | None = None) -> AuditEntry:
    return AuditEntry(action=action, actor_id=actor, role="Coach", at=START, version=1, note=note)


def pair(harness: ErasureHarness, event_id: str, *, days: int = 1, **changes: Any) -> Event:
    """Book a 1:1 session of the coach cora with ann, whose address is known from a contact."""
    start = START + timedelta(days=days)
    fields: dict[str, Any] = {
        "coach_ids": ("cora",),
        "title": "Session with Ann Other",
        "interval": Interval(start, start + timedelta(hours=1)),
        "session_link": "https://meet.example/ann@home",
        "contacts": (Contact("ann", ANN, "Ann Other"), Contact("cora", "cora@example.com", "Cora")),
        "audit": (audit(AuditAction.CREATED, "ann"),),
    }
    return harness.book(event_id, ("ann",), **{**fields, **changes})


def google_account(harness: ErasureHarness, name: str) -> Connection:
    """Connect a Google account of ann."""
    credential = OAuthCredential(
        access_token="access",
        refresh_token=f"refresh-{name}",
        expires_at=START + timedelta(days=1),
    )
    sealed = harness.vault.seal(credential.to_text(), user_id="ann", connection_id=name)
    connection = harness.connect("ann", name, provider=Provider.GOOGLE)
    stored = replace(connection, credential=sealed)
    harness.people.save_connection(stored)
    return stored


@pytest.fixture
def harness() -> ErasureHarness:
    """Ann is a learner with a profile, holidays, availability and a calendar."""
    harness = ErasureHarness()
    people = harness.people
    people.save_profile("ann", email=ANN, roles=frozenset({Role.LEARNER}))
    people.save_availability(
        "ann",
        RoleAvailability(
            role=Role.LEARNER, zone="UTC", use_default=False, windows=(Window(0, 0, 60, "UTC"),)
        ),
    )
    day = START.date()
    off = Holiday(id="h", name="Off", role=Role.LEARNER, first=day, last=day, created_at=START)
    people.add_holiday("ann", off)
    harness.connect("ann", "a1")
    harness.connect("cora", "c1")
    return harness


def test_nothing_of_the_user_is_left(harness: ErasureHarness) -> None:
    pair(harness, "past", days=-3)
    pair(harness, "coming")
    pair(harness, "cancelled", days=-2)
    harness.settle()
    harness.cancel("cancelled")
    harness.settle()

    receipt = harness.erase()

    assert harness.traces(*TRACES) == []
    assert receipt.completed_at is not None
    assert (receipt.user_id, receipt.pseudonym, receipt.requested_by) == (None, None, "platform")
    assert receipt.requested_at == START
    expected = {"sessionsCancelled": 1, "sessions": 3, "connections": 1}
    assert expected.items() <= dict(receipt.counts).items()


def test_a_coming_1_to_1_session_is_cancelled_and_both_calendars_follow(
    harness: ErasureHarness,
) -> None:
    pair(harness, "coming")
    harness.settle()
    assert harness.copy_titles("a1", "coming") == harness.copy_titles("c1", "coming") != []

    harness.erase()

    event = harness.event("coming")
    assert event.status is EventStatus.CANCELLED
    assert event.title == ERASED_TITLE
    assert event.session_link is None
    (learner,) = event.learner_ids
    assert learner.startswith("erased-")
    assert event.coach_ids == ("cora",)
    assert harness.copy_titles("a1", "coming") == harness.copy_titles("c1", "coming") == []
    assert event.audit[-1].action is AuditAction.CANCELLED
    assert (event.audit[-1].actor_id, event.audit[-1].role) == ("platform", SERVICE)


def test_invitations_of_others_keep_no_text_of_the_session(harness: ErasureHarness) -> None:
    harness.people.remove_connection("cora", "c1")
    pair(harness, "coming")
    harness.settle()
    (before,) = [each for each in harness.memory.invites.values() if each.user_id == "cora"]

    harness.erase()

    (after,) = [each for each in harness.memory.invites.values() if each.user_id == "cora"]
    assert "Ann Other" in repr(before)
    assert "Ann Other" not in repr(after)
    assert len(after.attempts) > len(before.attempts)


def test_a_group_goes_on_without_the_user(harness: ErasureHarness) -> None:
    harness.connect("bob", "b1")
    contacts = (Contact("ann", ANN, "Ann Other"), Contact("bob", "bob@example.com", "Bob"))
    group: dict[str, Any] = {"learner_ids": ("ann", "bob"), "title": "Group", "contacts": contacts}
    pair(harness, "group", **group, session_link=None)
    harness.settle()

    receipt = harness.erase()

    event = harness.event("group")
    assert (event.status, event.title) == (EventStatus.SCHEDULED, "Group")
    assert event.learner_ids == ("bob",)
    assert harness.traces(*TRACES) == []
    assert harness.copy_titles("a1", "group") == []
    assert ["Group"] == harness.copy_titles("b1", "group") == harness.copy_titles("c1", "group")
    assert "Ann" not in harness.calendar.copies("b1", "group")[0].description
    assert receipt.counts["sessionsLeft"] == 1


def test_a_past_session_keeps_its_record_and_the_calendars_of_others(
    harness: ErasureHarness,
) -> None:
    before = pair(harness, "past", days=-3)
    harness.settle()
    titles = harness.copy_titles("c1", "past")

    harness.erase()

    event = harness.event("past")
    assert (event.version, event.status) == (before.version, EventStatus.SCHEDULED)
    assert (event.interval, event.coach_ids) == (before.interval, ("cora",))
    assert harness.copy_titles("c1", "past") == titles
    (day,) = harness.people.agenda("cora", event.interval.start.date(), event.interval.end.date())
    assert day.headings["past"].participants == frozenset(event.participants)


def test_a_session_that_the_user_has_left_or_only_created_is_found(harness: ErasureHarness) -> None:
    pair(harness, "left", learner_ids=("ann", "bob"), contacts=())
    created = (audit(AuditAction.CREATED, "ann"),)
    pair(harness, "made", days=2, learner_ids=("bob",), contacts=(), audit=created, title="B")
    note = "replaced the pending event created by ann"
    replaced = (audit(AuditAction.REPLACED, "boss", note),)
    pair(harness, "blocked", days=3, learner_ids=("bob",), contacts=(), audit=replaced, title="B")
    harness.settle()
    harness.change("left", learner_ids=("bob",))
    harness.settle()
    assert harness.traces("'ann'", "by ann")

    harness.erase()

    assert harness.traces("'ann'", "by ann") == []
    assert harness.event("made").learner_ids == ("bob",)
    assert harness.event("made").title == "B"


def test_a_user_without_a_calendar_is_told_by_mail_before_the_address_is_erased(
    harness: ErasureHarness,
) -> None:
    harness.people.remove_connection("ann", "a1")
    pair(harness, "coming")
    harness.settle()

    harness.erase()

    methods = [each.content.method for each in harness.mail.sent if each.address == ANN]
    assert methods == [InviteMethod.REQUEST, InviteMethod.CANCEL]
    assert harness.traces(*TRACES) == []


def test_the_user_is_removed_from_guests_of_sessions_of_others(harness: ErasureHarness) -> None:
    other: dict[str, Any] = {"learner_ids": ("bob",), "contacts": (), "audit": (), "title": "B"}
    pair(harness, "other", **other, session_link=None)
    invited = (ANN, "gus@example.org")
    guests = tuple(ExternalAttendee(email=e, name=None, added_at=START) for e in invited)
    guest_list = GuestList(
        session_id="other", session_type="coaching", attendees=guests, unsynced_since=START
    )
    harness.invites.save_guest_list(replace(guest_list, event_version=1))
    harness.settle()
    assert {ANN, "gus@example.org"} <= {each.address for each in harness.mail.sent}

    receipt = harness.erase()

    assert harness.traces(*TRACES) == []
    (left,) = harness.memory.guest_lists["other"].attendees
    assert left.email == "gus@example.org"
    assert receipt.counts["guests"] == 1
    cancelled = [e for e in harness.mail.sent if e.content.method is InviteMethod.CANCEL]
    assert [ANN] == [each.address for each in cancelled]


def test_guests_that_the_user_prepared_for_a_session_to_come_are_deleted(
    harness: ErasureHarness,
) -> None:
    guest = ExternalAttendee(email="gus@example.org", name=None, added_at=START)
    prepared = GuestList(session_id="later", session_type="coaching", attendees=(guest,))
    harness.invites.save_guest_list(replace(prepared, prepared_by="ann"))

    harness.erase()

    assert harness.memory.guest_lists == {}


def test_guests_that_the_user_prepared_stay_if_the_session_has_an_event(
    harness: ErasureHarness,
) -> None:
    guest = ExternalAttendee(email="gus@example.org", name=None, added_at=START)
    prepared = GuestList(session_id="s", session_type="coaching", attendees=(guest,))
    harness.invites.save_guest_list(replace(prepared, prepared_by="ann"))
    pair(harness, "s", days=-1, learner_ids=("bob",), contacts=(), audit=())

    harness.erase()

    stored = harness.memory.guest_lists["s"]
    assert (stored.attendees, stored.prepared_by) != ((guest,), "ann")
    assert harness.traces("'ann'") == []


def test_a_session_that_a_slower_reader_still_sees_in_the_agenda_is_left_once(
    harness: ErasureHarness,
) -> None:
    pair(harness, "coming")
    event = harness.event("coming")
    harness.cancel("coming")
    harness.memory.agendas["ann", event.interval.start.date()] = AgendaDay(
        user_id="ann", day=event.interval.start.date(), sessions={"coming": event.interval}
    )

    receipt = harness.erase()

    assert "sessionsCancelled" not in receipt.counts
    assert harness.event("coming").version == 2


def test_of_two_requests_at_once_one_starts(harness: ErasureHarness) -> None:
    first = harness.request()

    class Late(MemoryUserRecords):
        """Does not see the erasure at first, as a request that started earlier."""

        reads = 0

        def erasure(self, erasure_id: str) -> Erasure | None:
            self.reads += 1
            return None if self.reads == 1 else super().erasure(erasure_id)

    erasures = Erasures(records=Late(harness.memory))
    second = erasures.request(PLATFORM, "ann", now=harness.at)

    assert second == first


def test_an_unknown_erasure_needs_no_work(harness: ErasureHarness) -> None:
    assert harness.eraser().reconcile("erasure#unknown", now=harness.at) is None
    harness.erase()
    assert harness.eraser().reconcile(harness.receipt().id, now=harness.at) is None


def test_a_message_that_comes_early_waits(harness: ErasureHarness) -> None:
    harness.request()
    harness.erase_once()
    harness.advance(timedelta(minutes=10))

    assert harness.erase_once() == SETTLING - timedelta(minutes=10)


def test_a_suppressed_address_of_the_user_is_erased(harness: ErasureHarness) -> None:
    harness.suppressions.suppress_address(invite_id(ANN), since=START)
    harness.suppressions.suppress_address(invite_id("bob@example.com"), since=START)

    harness.erase()

    assert list(harness.suppressions.since) == [invite_id("bob@example.com")]


def test_an_address_that_is_not_proven_erases_nothing_of_another_person(
    harness: ErasureHarness,
) -> None:
    # Ann has named Bob's address as her contact.
    contacts = (Contact("ann", "bob@example.com", "Bob"),)
    pair(harness, "hers", days=-1, contacts=contacts)
    harness.suppressions.suppress_address(invite_id("bob@example.com"), since=START)
    pair(harness, "his", learner_ids=("bob",), contacts=(Contact("bob", "bob@example.com"),))
    harness.settle()
    invites = [each for key, each in harness.memory.invites.items() if key[0] == "his"]
    assert invites

    harness.erase()

    assert list(harness.suppressions.since) == [invite_id("bob@example.com")]
    assert invites == [each for key, each in harness.memory.invites.items() if key[0] == "his"]


def test_a_calendar_that_does_not_respond_delays_the_erasure_for_six_hours(
    harness: ErasureHarness,
) -> None:
    pair(harness, "coming")
    harness.settle()
    harness.calendar.fail("a1", *[request_faults.ERROR_503] * 1000)
    harness.request()
    waits = []
    while harness.receipt().is_running:
        wait = harness.eraser().reconcile(harness.receipt().id, now=harness.at)
        waits.append(wait)
        harness.deliver("coming")
        harness.advance(wait or timedelta(0))

    assert harness.at - START >= PATIENCE
    assert len(waits) < 50
    assert harness.receipt().counts["copiesLeft"] == 1
    assert harness.traces(*TRACES) == []


def test_many_sessions_are_erased_in_several_passes(harness: ErasureHarness) -> None:
    number = worker.SESSIONS + 20
    for each in range(number):
        pair(harness, f"s{each}", days=each - 20, contacts=())
    harness.settle()
    harness.request()

    first = harness.erase_once()
    assert first == timedelta(seconds=1)
    assert harness.receipt().is_running
    receipt = harness.finish()

    assert receipt.counts["sessions"] == number
    assert harness.traces("'ann'") == []


def test_the_erasure_looks_again_after_requests_that_were_under_way(
    harness: ErasureHarness,
) -> None:
    harness.request()
    assert harness.erase_once() == SETTLING
    assert harness.receipt().is_running
    # A booking and a consent that began before the request are stored now.
    pair(harness, "late", contacts=())
    harness.connect("ann", "a2")
    harness.advance(SETTLING)

    receipt = harness.finish()

    assert harness.event("late").status is EventStatus.CANCELLED
    assert harness.traces("'ann'") == []
    assert receipt.counts["connections"] == 2


def test_repeating_a_request_returns_the_running_erasure(harness: ErasureHarness) -> None:
    first = harness.request()
    harness.erase_once()
    harness.advance(timedelta(minutes=5))

    again = harness.request()

    assert (again.requested_at, again.pseudonym) == (first.requested_at, first.pseudonym)
    assert len(harness.records.announced) == 1


def test_a_request_after_completion_erases_what_was_stored_since(harness: ErasureHarness) -> None:
    harness.erase()
    harness.connect("ann", "a2")

    receipt = harness.erase()

    assert receipt.counts["connections"] == 2
    assert harness.traces("'ann'") == []


def test_a_stopped_erasure_is_started_again_by_another_request(harness: ErasureHarness) -> None:
    first = harness.request()
    harness.advance(timedelta(hours=2))

    again = harness.request()

    assert len(harness.records.announced) == 2
    assert (again.requested_at, again.pseudonym) == (first.requested_at, first.pseudonym)
    assert harness.finish().completed_at is not None


def test_a_grant_is_revoked_before_its_tokens_are_deleted(harness: ErasureHarness) -> None:
    google_account(harness, "g1")
    harness.erase()

    assert harness.oauth.revoked == ["refresh-g1"]
    assert harness.receipt().counts["grantsRevoked"] == 1
    assert harness.traces("g1") == []


def test_the_users_sign_in_does_not_keep_a_grant(harness: ErasureHarness) -> None:
    harness.tokens.mark_sign_in(google_account(harness, "g1"))

    harness.erase()

    assert harness.oauth.revoked == ["refresh-g1"]
    assert harness.traces(*TRACES, "sign-in") == []


def test_records_of_disconnected_accounts_and_left_over_copies_are_erased(
    harness: ErasureHarness,
) -> None:
    stored = google_account(harness, "g1")
    harness.tokens.mark_sign_in(stored)
    harness.tokens.record_disconnected(stored)
    harness.people.remove_connection("ann", "g1")
    harness.people.record_left_over("ann", "s9", until=START)

    harness.erase()

    assert harness.traces(*TRACES, "sign-in") == []


@pytest.mark.parametrize("scope", [set(), {"events:write"}, {"users:export"}])
def test_an_erasure_needs_its_own_scope(harness: ErasureHarness, scope: set[str]) -> None:
    caller = Caller(user_id="other", roles=frozenset({Role.ADMIN}), scopes=frozenset(scope))

    with pytest.raises(Forbidden, match="users:erase"):
        harness.erasures.request(caller, "ann", now=START)
    with pytest.raises(Forbidden, match="users:erase"):
        harness.erasures.receipt(caller, "ann")


def test_there_is_no_receipt_without_a_request(harness: ErasureHarness) -> None:
    with pytest.raises(NotFound, match="No erasure of the user ann was requested"):
        harness.erasures.receipt(PLATFORM, "ann")
