"""Invites and guest lists in the events table."""

import dataclasses

from pynamodb.exceptions import PynamoDBConnectionError
from typing_extensions import override

from shared.domain.errors import LostRace, TooLarge
from shared.domain.invite import GuestList, Invite
from shared.ports import InviteStore, RecordRejected
from shared.stores.invite_rows import (
    GUEST_LIST_SK,
    INVITE_PREFIX,
    GuestListRow,
    InviteRow,
    address_key,
    from_guest_list,
    from_invite,
    to_guest_list,
    to_invite,
)
from shared.stores.mention_rows import record_mention
from shared.stores.table import PK, SK
from shared.stores.tables import MESSAGE_INDEX, Tables
from shared.stores.unsynced_rows import mark_synced


class DynamoInvites(InviteStore):
    """Invites and guest lists, in the partition of their event, and the index by SES message id."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._table = tables.events

    @override
    def invites(self, event_id: str) -> tuple[Invite, ...]:
        return tuple(map(to_invite, self._table.query(event_id, SK.startswith(INVITE_PREFIX))))

    @override
    def invite(self, event_id: str, invite_id: str) -> Invite | None:
        item = self._table.get((event_id, f"{INVITE_PREFIX}{invite_id}"))
        return to_invite(item) if item else None

    @override
    def record_recipient(self, invite: Invite) -> None:
        key = invite.user_id or address_key(invite.id)
        record_mention(self._tables, key, invite.event_id, None)

    @override
    def save_invite(self, invite: Invite) -> Invite:
        read = invite.row_version
        saved = dataclasses.replace(invite, row_version=read + 1)
        unchanged = InviteRow.row_version == read if read else PK.does_not_exist()
        try:
            is_saved = self._table.put(from_invite(saved), unchanged)
        except (PynamoDBConnectionError, TooLarge) as error:
            rejected = getattr(error, "cause_response_code", "ValidationException")
            if rejected != "ValidationException":
                raise
            raise RecordRejected(
                f"DynamoDB rejects the invite {invite.id} of {invite.event_id}: {error}"
            ) from error
        if not is_saved:
            raise LostRace(
                f"the invite {invite.id} of {invite.event_id} has changed since version {read}; "
                "read it again"
            )
        return saved

    @override
    def find_by_message(self, message_id: str) -> tuple[str, str] | None:
        items = self._table.query(message_id, None, index=MESSAGE_INDEX)
        item = next(items, None)
        if item is None:
            return None
        return item["pk"]["S"], item["sk"]["S"].removeprefix(INVITE_PREFIX)

    @override
    def guest_list(self, session_id: str) -> GuestList | None:
        item = self._table.get((session_id, GUEST_LIST_SK))
        return to_guest_list(item) if item else None

    @override
    def save_guest_list(self, guest_list: GuestList) -> GuestList:
        read = guest_list.row_version
        saved = dataclasses.replace(guest_list, row_version=read + 1)
        unchanged = GuestListRow.row_version == read if read else PK.does_not_exist()
        if guest_list.prepared_by and not read:
            record_mention(self._tables, guest_list.prepared_by, guest_list.session_id, None)
        if not self._table.put(from_guest_list(saved, self._expiry(saved)), unchanged):
            raise LostRace(
                f"the guests of {guest_list.session_id} have changed since version {read}; "
                "read them again"
            )
        return saved

    @override
    def mark_guests_synced(self, guest_list: GuestList) -> None:
        key = (guest_list.session_id, GUEST_LIST_SK)
        mark_synced(self._table, key, GuestListRow.row_version, guest_list.row_version)

    def _expiry(self, guest_list: GuestList) -> int | None:
        """Return when a list without an event expires; one of an event ends with the event."""
        saved_at = guest_list.unsynced_since
        return self._tables.expiry(saved_at) if guest_list.prepared_by and saved_at else None
