"""An export has what is stored about the user, and nothing of others."""

from dataclasses import replace

import pytest

from shared.domain.caller import Caller
from shared.domain.erasure import EXPORT_SCOPE
from shared.domain.errors import Forbidden
from shared.domain.event import Contact
from shared.domain.invite import ExternalAttendee, GuestList
from shared.domain.role import Role
from shared.usecases.erasure import export
from shared.usecases.erasure.export import UserExport
from tests.support.erasure_harness import ErasureHarness
from tests.support.sync_harness import START

SERVICE = Caller(user_id="platform", scopes=frozenset({EXPORT_SCOPE}))


def page(harness: ErasureHarness, user: str = "ann", after: str | None = None) -> UserExport:
    return harness.exports.page(SERVICE, user, after=after, now=START)


def test_each_session_has_the_users_part_only() -> None:
    harness = ErasureHarness()
    harness.connect("ann", "a1")
    harness.connect("cora", "c1")
    contacts = (Contact("ann", "ann@example.com", "Ann"), Contact("cora", "cora@example.com"))
    harness.book("s1", ("ann",), coach_ids=("cora",), contacts=contacts)
    harness.settle()

    (session,) = page(harness).sessions

    assert (session.role, session.contact) == ("Learner", contacts[0])
    assert [each.connection_id for each in session.copies] == ["a1"]
    assert session.audit == ()
    assert page(harness, "cora").sessions[0].role == "Coach"


def test_sessions_in_which_the_user_is_admin_or_a_guest_are_exported() -> None:
    harness = ErasureHarness()
    harness.people.save_profile("ann", email="ann@example.com", roles=frozenset({Role.ADMIN}))
    harness.book("s1", ("bob",), admin_id="ann")
    harness.book("s2", ("bob",))
    guest = ExternalAttendee(email="ann@example.com", name=None, added_at=START)
    guests = GuestList(session_id="s2", session_type="coaching", attendees=(guest,))
    harness.invites.save_guest_list(replace(guests, event_version=1, unsynced_since=START))
    harness.settle()

    first, second = page(harness).sessions

    assert (first.event.id, first.role) == ("s1", "Admin")
    assert (second.event.id, second.role, len(second.invites)) == ("s2", None, 1)


def test_prepared_guests_without_a_session_are_no_session() -> None:
    harness = ErasureHarness()
    prepared = GuestList(session_id="later", session_type="coaching", prepared_by="ann")
    harness.invites.save_guest_list(prepared)

    assert page(harness).sessions == ()


def test_accounts_that_the_user_has_disconnected_are_exported() -> None:
    harness = ErasureHarness()
    mine, other = harness.connect("ann", "a1"), harness.connect("cora", "c1")
    for each in (mine, other):
        harness.tokens.record_disconnected(each)

    ((provider, account),) = page(harness).disconnected

    assert (provider, account.account) == (mine.provider, mine.account)


def test_pages_continue_where_the_last_one_ended() -> None:
    harness = ErasureHarness()
    for number in range(export.PAGE + 1):
        harness.records.record_users(harness.book(f"s{number:02}", ("bob",)), ["ann"])

    first = page(harness)
    last = page(harness, after=first.cursor)

    assert (len(first.sessions), len(last.sessions), last.cursor) == (export.PAGE, 1, None)
    assert last.sessions[0].event.id not in {each.event.id for each in first.sessions}


def test_an_export_needs_its_own_scope() -> None:
    harness = ErasureHarness()
    for scope in ("users:erase", "events:write"):
        caller = Caller(user_id="x", roles=frozenset({Role.ADMIN}), scopes=frozenset({scope}))
        with pytest.raises(Forbidden, match="users:export"):
            harness.exports.page(caller, "ann", after=None, now=START)
