"""Items of invites and external attendees, and their translation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from shared.domain.invite import (
    Attempt,
    DeliveryState,
    ExternalAttendee,
    GuestList,
    Invite,
    InviteKind,
    InviteMethod,
    MailContent,
)
from shared.stores.attributes import InstantAttribute
from shared.stores.unsynced_rows import UnsyncedRow, unsynced_keys

INVITE_PREFIX = "invite#"
EXTERNALS_SK = "externals"


class SeenMap(MapAttribute[str, Any]):
    """When a state of a mail was first notified."""

    state = UnicodeAttribute()
    at = InstantAttribute()


class AttemptMap(MapAttribute[str, Any]):
    """One mail inside an invite item."""

    number = NumberAttribute()
    method = UnicodeAttribute()
    sequence = NumberAttribute()
    digest = UnicodeAttribute()
    status = UnicodeAttribute()
    message_id = UnicodeAttribute(null=True)
    bounce_type = UnicodeAttribute(null=True)
    diagnostic = UnicodeAttribute(null=True)
    seen = ListAttribute(of=SeenMap)
    updated_at = InstantAttribute()


class InviteRow(UnsyncedRow):
    """sk = `invite#<invite id>`; `message_id` is the newest mail's and leads the index to it.

    `resend` is there only while one more mail is asked for; until then, and until the newest mail
    is sent, the item is unsynced.
    """

    address = UnicodeAttribute()
    kind = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    attempts = ListAttribute(of=AttemptMap)
    message_id = UnicodeAttribute(null=True)
    resend = BooleanAttribute(null=True)
    row_version = NumberAttribute()


class AttendeeMap(MapAttribute[str, Any]):
    """One guest inside the item of a session's guests."""

    email = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    added_at = InstantAttribute()


class GuestListRow(UnsyncedRow):
    """sk = `guest_list`: every guest of a session, one item so that one write replaces all."""

    session_type = UnicodeAttribute()
    attendees = ListAttribute(of=AttendeeMap)
    row_version = NumberAttribute()


def from_invite(invite: Invite) -> InviteRow:
    """Return the item for an invite."""
    return InviteRow(
        invite.event_id,
        f"{INVITE_PREFIX}{invite.id}",
        address=invite.address,
        kind=invite.kind.value,
        name=invite.name,
        user_id=invite.user_id,
        attempts=[_attempt_map(each) for each in invite.attempts],
        message_id=invite.newest.message_id if invite.newest else None,
        resend=invite.resend or None,
        row_version=invite.row_version,
        **unsynced_keys(invite.event_id, _unsynced_since(invite)),
    )


def to_invite(item: Mapping[str, Any]) -> Invite:
    """Return the invite an item stands for."""
    row = InviteRow.from_raw_data(dict(item))
    return Invite(
        event_id=row.pk,
        address=row.address,
        kind=InviteKind(row.kind),
        name=row.name,
        user_id=row.user_id,
        attempts=tuple(_attempt(each) for each in row.attempts),
        resend=bool(row.resend),
        resend_since=row.unsynced_since if row.resend else None,
        row_version=int(row.row_version),
    )


def from_guest_list(guest_list: GuestList) -> GuestListRow:
    """Return the item for the guests of a session."""
    return GuestListRow(
        guest_list.session_id,
        EXTERNALS_SK,
        session_type=guest_list.session_type,
        attendees=[_attendee_map(each) for each in guest_list.attendees],
        row_version=guest_list.row_version,
        **unsynced_keys(guest_list.session_id, guest_list.unsynced_since),
    )


def to_guest_list(item: Mapping[str, Any]) -> GuestList:
    """Return the guests an item stands for."""
    row = GuestListRow.from_raw_data(dict(item))
    return GuestList(
        session_id=row.pk,
        session_type=row.session_type,
        attendees=tuple(
            ExternalAttendee(email=each.email, name=each.name, added_at=each.added_at)
            for each in row.attendees
        ),
        unsynced_since=row.unsynced_since,
        row_version=int(row.row_version),
    )


def _unsynced_since(invite: Invite) -> datetime | None:
    if invite.resend:
        return invite.resend_since
    newest = invite.newest
    return newest.updated_at if newest and newest.is_unsent else None


def _attempt(row: AttemptMap) -> Attempt:
    return Attempt(
        number=int(row.number),
        content=MailContent(
            method=InviteMethod(row.method), sequence=int(row.sequence), digest=row.digest
        ),
        status=DeliveryState(row.status),
        message_id=row.message_id,
        bounce_type=row.bounce_type,
        diagnostic=row.diagnostic,
        seen=tuple((DeliveryState(each.state), each.at) for each in row.seen),
        updated_at=row.updated_at,
    )


def _attempt_map(attempt: Attempt) -> AttemptMap:
    return AttemptMap(  # type: ignore[no-untyped-call]  # PynamoDB left it without types
        number=attempt.number,
        method=attempt.content.method.value,
        sequence=attempt.content.sequence,
        digest=attempt.content.digest,
        status=attempt.status.value,
        message_id=attempt.message_id,
        bounce_type=attempt.bounce_type,
        diagnostic=attempt.diagnostic,
        seen=[
            SeenMap(state=state.value, at=at)  # type: ignore[no-untyped-call]  # likewise
            for state, at in attempt.seen
        ],
        updated_at=attempt.updated_at,
    )


def _attendee_map(attendee: ExternalAttendee) -> AttendeeMap:
    return AttendeeMap(  # type: ignore[no-untyped-call]  # likewise
        email=attendee.email, name=attendee.name, added_at=attendee.added_at
    )
