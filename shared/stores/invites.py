"""Invites and external attendees in the events table."""

import dataclasses

from shared.domain.errors import LostRace
from shared.domain.invite import GuestList, Invite
from shared.stores.invite_rows import (
    EXTERNALS_SK,
    INVITE_PREFIX,
    GuestListRow,
    InviteRow,
    from_guest_list,
    from_invite,
    to_guest_list,
    to_invite,
)
from shared.stores.table import PK, SK
from shared.stores.tables import MESSAGE_INDEX, Tables
from shared.stores.unsynced_rows import settle


class DynamoInvites:
    """Fills `InviteStore`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.events

    def invites(self, event_id: str) -> tuple[Invite, ...]:
        """Return the invite of every address of the event, in one request."""
        return tuple(map(to_invite, self._table.query(event_id, SK.startswith(INVITE_PREFIX))))

    def invite(self, event_id: str, invite_id: str) -> Invite | None:
        """Return one, or None."""
        item = self._table.get((event_id, f"{INVITE_PREFIX}{invite_id}"))
        return to_invite(item) if item else None

    def save_invite(self, invite: Invite) -> Invite:
        """Keep the record and return it with its next `row_version`.

        Raises:
            LostRace: when the record has changed since `invite.row_version` was read.
        """
        read = invite.row_version
        saved = dataclasses.replace(invite, row_version=read + 1)
        unchanged = InviteRow.row_version == read if read else PK.does_not_exist()
        if not self._table.put(from_invite(saved), unchanged):
            raise LostRace(
                f"the invite {invite.id} of {invite.event_id} has changed since version {read}; "
                "read it again"
            )
        return saved

    def by_message(self, message_id: str) -> tuple[str, str] | None:
        """Return (event id, invite id) of the mail SES gave that id, from an index that may lag."""
        items = self._table.query(message_id, None, index=MESSAGE_INDEX)
        item = next(items, None)
        if item is None:
            return None
        return item["pk"]["S"], item["sk"]["S"].removeprefix(INVITE_PREFIX)

    def guest_list(self, session_id: str) -> GuestList | None:
        """Return the ad-hoc attendees of a session, or None when none were ever set."""
        item = self._table.get((session_id, EXTERNALS_SK))
        return to_guest_list(item) if item else None

    def save_guest_list(self, guest_list: GuestList) -> GuestList:
        """Replace the whole set at once and return it with its next `row_version`.

        Raises:
            LostRace: when it has changed since `guest_list.row_version` was read.
        """
        read = guest_list.row_version
        saved = dataclasses.replace(guest_list, row_version=read + 1)
        unchanged = GuestListRow.row_version == read if read else PK.does_not_exist()
        if not self._table.put(from_guest_list(saved), unchanged):
            raise LostRace(
                f"the attendees of {guest_list.session_id} have changed since version {read}; "
                "read them again"
            )
        return saved

    def mark_guests_synced(self, guest_list: GuestList) -> None:
        """Note that everybody was told what follows from these guests, unless they have changed."""
        key = (guest_list.session_id, EXTERNALS_SK)
        settle(self._table, key, GuestListRow.row_version, guest_list.row_version)
