"""Items of invites and guest lists, and their conversion."""

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

from shared.domain.interval import Interval
from shared.domain.invite import (
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
    Shown,
)
from shared.stores.attributes import InstantAttribute
from shared.stores.unsynced_rows import UnsyncedRow, unsynced_keys

ADDRESS_PREFIX = "address#"
INVITE_PREFIX = "invite#"
GUEST_LIST_SK = "externals"


class SeenMap(MapAttribute[str, Any]):
    """The time of the first notification of a delivery status."""

    state = UnicodeAttribute()
    at = InstantAttribute()


class ShownMap(MapAttribute[str, Any]):
    """What one invitation shows."""

    title = UnicodeAttribute()
    start = InstantAttribute()
    end = InstantAttribute()
    zone = UnicodeAttribute()
    location = UnicodeAttribute(null=True)
    session_link = UnicodeAttribute(null=True)


class AttemptMap(MapAttribute[str, Any]):
    """One mail inside an invite item."""

    number = NumberAttribute()
    method = UnicodeAttribute()
    sequence = NumberAttribute()
    digest = UnicodeAttribute()
    shown = ShownMap(null=True)  # type: ignore[no-untyped-call]  # untyped in PynamoDB
    status = UnicodeAttribute()
    message_id = UnicodeAttribute(null=True)
    bounce_type = UnicodeAttribute(null=True)
    diagnostic = UnicodeAttribute(null=True)
    seen = ListAttribute(of=SeenMap)
    updated_at = InstantAttribute()
    not_before = InstantAttribute(null=True)
    is_refused = BooleanAttribute(null=True)
    stamp = InstantAttribute(null=True)
    event_version = NumberAttribute(null=True)


class ResponseMap(MapAttribute[str, Any]):
    """The newest answer of the recipient."""

    answer = UnicodeAttribute()
    sequence = NumberAttribute()
    responded_at = InstantAttribute()
    received_at = InstantAttribute()
    comment = UnicodeAttribute(null=True)


class InviteRow(UnsyncedRow):
    """sk = `invite#<invite id>`; `message_id` is that of the newest mail, the key of an index.

    `resend` exists only while another mail is requested. The item is unsynced while it exists, and
    until the newest mail is sent. An item that waits for a limit counts as unsynced from the end of
    the wait, when the sweeper must find it.
    """

    address = UnicodeAttribute()
    kind = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    attempts = ListAttribute(of=AttemptMap)
    message_id = UnicodeAttribute(null=True)
    resend = BooleanAttribute(null=True)
    reply_address = UnicodeAttribute(null=True)
    response = ResponseMap(null=True)  # type: ignore[no-untyped-call]  # untyped in PynamoDB
    row_version = NumberAttribute()


class AttendeeMap(MapAttribute[str, Any]):
    """One guest inside a guest list item."""

    email = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    added_at = InstantAttribute()


class GuestListRow(UnsyncedRow):
    """sk = `externals`: all guests of a session, in one item so that one write replaces them.

    `prepared_by_admin` exists only if it is true.
    """

    session_type = UnicodeAttribute()
    attendees = ListAttribute(of=AttendeeMap)
    prepared_by = UnicodeAttribute(null=True)
    prepared_by_admin = BooleanAttribute(null=True)
    event_version = NumberAttribute(null=True)
    row_version = NumberAttribute()
    expires_at = NumberAttribute(null=True)


def from_invite(invite: Invite) -> InviteRow:
    """Convert an invite."""
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
        reply_address=invite.reply_address,
        response=_response_map(invite.response) if invite.response else None,
        row_version=invite.row_version,
        **unsynced_keys(invite.event_id, _unsynced_since(invite)),
    )


def to_invite(item: Mapping[str, Any]) -> Invite:
    """Convert an invite item."""
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
        reply_address=row.reply_address,
        response=_response(row.response) if row.response else None,
        row_version=int(row.row_version),
    )


def address_key(invite_id: str) -> str:
    """Return the partition of the connections table that names the sessions of an address."""
    return f"{ADDRESS_PREFIX}{invite_id}"


def from_guest_list(guest_list: GuestList, expires_at: int | None = None) -> GuestListRow:
    """Convert a guest list."""
    return GuestListRow(
        guest_list.session_id,
        GUEST_LIST_SK,
        session_type=guest_list.session_type,
        attendees=[_attendee_map(each) for each in guest_list.attendees],
        prepared_by=guest_list.prepared_by,
        prepared_by_admin=guest_list.prepared_by_admin or None,
        event_version=guest_list.event_version,
        row_version=guest_list.row_version,
        expires_at=expires_at,
        **unsynced_keys(guest_list.session_id, guest_list.unsynced_since),
    )


def to_guest_list(item: Mapping[str, Any]) -> GuestList:
    """Convert a guest list item."""
    row = GuestListRow.from_raw_data(dict(item))
    return GuestList(
        session_id=row.pk,
        session_type=row.session_type,
        attendees=tuple(
            ExternalAttendee(email=each.email, name=each.name, added_at=each.added_at)
            for each in row.attendees
        ),
        prepared_by=row.prepared_by,
        prepared_by_admin=bool(row.prepared_by_admin),
        event_version=None if row.event_version is None else int(row.event_version),
        unsynced_since=row.unsynced_since,
        row_version=int(row.row_version),
    )


def _unsynced_since(invite: Invite) -> datetime | None:
    if invite.resend:
        return invite.resend_since
    newest = invite.newest
    if newest is None or not newest.is_unsent:
        return None
    return newest.not_before or newest.updated_at


def _response(row: ResponseMap) -> InviteResponse:
    return InviteResponse(
        answer=Answer(row.answer),
        sequence=int(row.sequence),
        responded_at=row.responded_at,
        received_at=row.received_at,
        comment=row.comment,
    )


def _response_map(response: InviteResponse) -> ResponseMap:
    return ResponseMap(  # type: ignore[no-untyped-call]  # untyped in PynamoDB
        answer=response.answer.value,
        sequence=response.sequence,
        responded_at=response.responded_at,
        received_at=response.received_at,
        comment=response.comment,
    )


def _attempt(row: AttemptMap) -> Attempt:
    return Attempt(
        number=int(row.number),
        content=MailContent(
            method=InviteMethod(row.method), sequence=int(row.sequence), digest=row.digest
        ),
        shown=_shown(row.shown) if row.shown else None,
        status=DeliveryState(row.status),
        message_id=row.message_id,
        bounce_type=row.bounce_type,
        diagnostic=row.diagnostic,
        seen=tuple((DeliveryState(each.state), each.at) for each in row.seen),
        updated_at=row.updated_at,
        not_before=row.not_before,
        is_refused=bool(row.is_refused),
        stamp=row.stamp,
        event_version=int(row.event_version or 0),
    )


def _attempt_map(attempt: Attempt) -> AttemptMap:
    return AttemptMap(  # type: ignore[no-untyped-call]  # untyped in PynamoDB
        number=attempt.number,
        method=attempt.content.method.value,
        sequence=attempt.content.sequence,
        digest=attempt.content.digest,
        shown=_shown_map(attempt.shown) if attempt.shown else None,
        status=attempt.status.value,
        message_id=attempt.message_id,
        bounce_type=attempt.bounce_type,
        diagnostic=attempt.diagnostic,
        seen=[
            SeenMap(state=state.value, at=at)  # type: ignore[no-untyped-call]  # untyped in PynamoDB
            for state, at in attempt.seen
        ],
        updated_at=attempt.updated_at,
        not_before=attempt.not_before,
        is_refused=attempt.is_refused or None,
        stamp=attempt.stamp,
        event_version=attempt.event_version,
    )


def _shown(row: ShownMap) -> Shown:
    return Shown(
        title=row.title,
        interval=Interval(row.start, row.end),
        zone=row.zone,
        location=row.location,
        session_link=row.session_link,
    )


def _shown_map(shown: Shown) -> ShownMap:
    return ShownMap(  # type: ignore[no-untyped-call]  # untyped in PynamoDB
        title=shown.title,
        start=shown.interval.start,
        end=shown.interval.end,
        zone=shown.zone,
        location=shown.location,
        session_link=shown.session_link,
    )


def _attendee_map(attendee: ExternalAttendee) -> AttendeeMap:
    return AttendeeMap(  # type: ignore[no-untyped-call]  # untyped in PynamoDB
        email=attendee.email, name=attendee.name, added_at=attendee.added_at
    )
