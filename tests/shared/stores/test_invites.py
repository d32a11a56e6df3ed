import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.errors import LostRace
from shared.domain.invite import (
    KEPT_ATTEMPTS,
    Answer,
    Attempt,
    DeliveryState,
    ExternalAttendee,
    GuestList,
    Invite,
    InviteKind,
    InviteMethod,
    InviteResponse,
    MailContent,
    invite_id,
)
from shared.ports import RecordRejected
from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.invites import DynamoInvites
from shared.stores.tables import Tables
from shared.stores.unsynced import DynamoUnsynced
from tests.support.aws import counted
from tests.support.store_samples import NOON, copy, session


@pytest.fixture
def invites(tables: Tables) -> DynamoInvites:
    """The store of invites."""
    return DynamoInvites(tables)


def attempt(number: int = 1, message_id: str | None = None) -> Attempt:
    """Return a mail with only its required fields."""
    content = MailContent(method=InviteMethod.REQUEST, sequence=3, digest="digest")
    return Attempt(number=number, content=content, message_id=message_id, updated_at=NOON)


def invite(address: str = "Ada@example.org", *attempts: Attempt) -> Invite:
    """Return the unsaved invite of a guest."""
    return Invite(event_id="1-a", address=address, kind=InviteKind.EXTERNAL, attempts=attempts)


FULL = Invite(
    event_id="1-a",
    address="Ada@example.org",
    kind=InviteKind.PARTICIPANT,
    name="Ada 🗓",
    user_id="learner-1",
    attempts=(
        attempt(),
        Attempt(
            number=2,
            content=MailContent(method=InviteMethod.CANCEL, sequence=4, digest="digest"),
            status=DeliveryState.BOUNCED,
            message_id="m-2",
            bounce_type="Permanent/General",
            diagnostic="550 unknown",
            seen=(
                (DeliveryState.SENT, NOON),
                (DeliveryState.BOUNCED, NOON + timedelta(seconds=1)),
            ),
            updated_at=NOON,
        ),
    ),
    resend=True,
    reply_address="rsvp+0f@rsvp.example.com",
    response=InviteResponse(
        answer=Answer.DECLINED,
        sequence=3,
        responded_at=NOON,
        received_at=NOON + timedelta(seconds=2),
        comment="Ill",
    ),
)


@pytest.mark.parametrize("original", [invite(), FULL], ids=["bare", "full"])
def test_an_invite_is_read_back_unchanged(invites: DynamoInvites, original: Invite) -> None:
    saved = invites.save_invite(original)

    assert replace(original, row_version=1) == saved
    assert saved == invites.invite("1-a", original.id)


def test_a_mail_that_waits_for_a_limit_is_unsynced_from_the_end_of_the_wait(
    invites: DynamoInvites, tables: Tables
) -> None:
    until = NOON + timedelta(hours=5)
    waiting = replace(attempt(), not_before=until, diagnostic="Waits")

    saved = invites.save_invite(invite("ada@example.org", waiting))

    assert saved == invites.invite("1-a", saved.id)
    assert DynamoUnsynced(tables).waiting(until=until) == (("1-a", until),)


def test_the_invites_of_an_event_are_read_in_one_request_without_other_items(
    invites: DynamoInvites, events: DynamoEvents, bookings: DynamoBookings, tables: Tables
) -> None:
    bookings.commit(session(), previous=None)
    events.save_copy(copy())
    invites.save_guest_list(GuestList(session_id="1-a", session_type="group"))
    stored = [invites.save_invite(invite(f"{name}@example.org")) for name in "abc"]
    invites.save_invite(replace(invite(), event_id="another"))

    with counted(tables) as sent:
        result = invites.invites("1-a")

    assert {each.id: each for each in stored} == {each.id: each for each in result}
    assert sent == ["Query"]
    assert len(events.find_with_copies("1-a")[1]) == 1


def test_an_address_has_one_invite_regardless_of_case(invites: DynamoInvites) -> None:
    invites.save_invite(invite("Ada@example.org"))

    with pytest.raises(LostRace):
        invites.save_invite(invite("ADA@example.org"))


def test_the_slower_of_two_writers_loses_the_race(invites: DynamoInvites) -> None:
    read = invites.save_invite(invite())
    first = invites.save_invite(replace(read, resend=True))

    with pytest.raises(LostRace):
        invites.save_invite(replace(read, name="Ada"))

    assert first == invites.invite("1-a", read.id)


def test_a_resend_request_is_stored_only_while_it_is_open(
    invites: DynamoInvites, tables: Tables
) -> None:
    requested = invites.save_invite(replace(invite(), resend=True))
    key = ("1-a", f"invite#{requested.id}")
    before = tables.events.get(key)
    invites.save_invite(replace(requested, resend=False))
    after = tables.events.get(key)

    assert before is not None
    assert before["resend"] == {"BOOL": True}
    assert after is not None
    assert "resend" not in after


def test_an_invite_is_found_by_the_message_id_of_its_newest_mail(invites: DynamoInvites) -> None:
    saved = invites.save_invite(invite("ada@example.org", attempt(message_id="m-1")))
    first = invites.find_by_message("m-1")
    invites.save_invite(replace(saved, attempts=(*saved.attempts, attempt(2, "m-2"))))

    assert ("1-a", invite_id("ada@example.org")) == first
    assert first == invites.find_by_message("m-2")
    assert invites.find_by_message("m-1") is None


def test_unknown_invites_and_guest_lists_are_not_found(invites: DynamoInvites) -> None:
    assert invites.invites("unknown") == ()
    assert invites.invite("unknown", "x") is None
    assert invites.guest_list("unknown") is None


def test_a_hundred_guests_are_replaced_in_one_write(invites: DynamoInvites, tables: Tables) -> None:
    attendees = tuple(
        ExternalAttendee(email=f"{n:03}-{'x' * 300}@example.org", name="ä" * 200, added_at=NOON)
        for n in range(100)
    )
    old = invites.save_guest_list(GuestList(session_id="s1", session_type="coaching"))

    with counted(tables) as sent:
        saved = invites.save_guest_list(
            replace(old, session_type="group", attendees=(*attendees[:99], BARE))
        )

    assert sent == ["PutItem"]
    assert saved == invites.guest_list("s1")
    assert (2, "group", 100) == (saved.row_version, saved.session_type, len(saved.attendees))


def test_the_preparer_of_a_guest_list_is_stored_only_while_there_is_one(
    invites: DynamoInvites, tables: Tables
) -> None:
    prepared = invites.save_guest_list(
        GuestList(
            session_id="s1",
            session_type="group",
            attendees=(BARE,),
            prepared_by="coach-1",
            prepared_by_admin=True,
        )
    )
    read_back = invites.guest_list("s1")
    adopted = invites.save_guest_list(
        replace(prepared, prepared_by=None, prepared_by_admin=False, event_version=3)
    )
    item = tables.events.get(("s1", "externals"))

    assert prepared == read_back
    assert adopted == invites.guest_list("s1")
    assert item is not None
    assert item.keys().isdisjoint({"prepared_by", "prepared_by_admin"})


def test_a_guest_list_stored_before_preparers_were_recorded_is_readable(
    invites: DynamoInvites, tables: Tables
) -> None:
    invites.save_guest_list(GuestList(session_id="s1", session_type="group", attendees=(BARE,)))
    item = tables.events.get(("s1", "externals"))
    stored = invites.guest_list("s1")

    assert item is not None
    assert item.keys() == {"pk", "sk", "session_type", "attendees", "row_version"}
    assert stored is not None
    assert (stored.prepared_by, stored.prepared_by_admin, stored.event_version) == (
        None,
        False,
        None,
    )


BARE = ExternalAttendee(email="bare@example.org", name=None, added_at=NOON)


def test_the_slower_of_two_writers_of_a_guest_list_loses_the_race(invites: DynamoInvites) -> None:
    fresh = GuestList(session_id="s1", session_type="group", attendees=(BARE,))
    stored = invites.save_guest_list(fresh)

    for stale in (fresh, replace(stored, row_version=7)):
        with pytest.raises(LostRace):
            invites.save_guest_list(stale)

    assert stored == invites.guest_list("s1")


def test_an_invite_that_dynamodb_rejects_is_reported_as_such(invites: DynamoInvites) -> None:
    too_large = replace(attempt(), diagnostic="x" * 450_000)

    with pytest.raises(RecordRejected, match="DynamoDB rejects the invite"):
        invites.save_invite(invite("ada@example.org", too_large))


def test_an_item_with_twenty_full_attempts_is_small(invites: DynamoInvites, tables: Tables) -> None:
    seen = tuple((state, NOON) for state in DeliveryState)
    full = replace(attempt(1, "m" * 100), bounce_type="x" * 500, diagnostic="x" * 500, seen=seen)
    attempts = (replace(full, number=number) for number in range(1, KEPT_ATTEMPTS + 1))
    saved = invites.save_invite(invite("ada@example.org", *attempts))

    stored = tables.events.get(("1-a", f"invite#{saved.id}"))

    assert len(json.dumps(stored)) < 100_000
