"""Invites in memory that run a hook before each write; a slower writer loses."""

from collections.abc import Callable
from dataclasses import replace

from typing_extensions import override

from shared.domain.errors import LostRace
from shared.domain.invite import GuestList, Invite
from shared.ports import InviteStore


class HookedInvites(InviteStore):
    """Invites; `before_save` runs before each write, `saves` counts the writes."""

    def __init__(self, *invites: Invite) -> None:
        self._invites = {(each.event_id, each.id): each for each in invites}
        self._guest_lists: dict[str, GuestList] = {}
        self.before_save: Callable[[], None] = lambda: None
        self.saves = 0

    @override
    def invites(self, event_id: str) -> tuple[Invite, ...]:
        return tuple(each for each in self._invites.values() if each.event_id == event_id)

    @override
    def invite(self, event_id: str, invite_id: str) -> Invite | None:
        return self._invites.get((event_id, invite_id))

    @override
    def record_recipient(self, invite: Invite) -> None:
        """Record nothing: no test erases a user from these invites."""

    @override
    def save_invite(self, invite: Invite) -> Invite:
        self.before_save()
        key = invite.event_id, invite.id
        stored = self._invites.get(key)
        if invite.row_version != (stored.row_version if stored else 0):
            raise LostRace(f"the invite {key} has changed")
        self.saves += 1
        saved = replace(invite, row_version=invite.row_version + 1)
        self._invites[key] = saved
        return saved

    @override
    def find_by_message(self, message_id: str) -> tuple[str, str] | None:
        return next(
            (
                key
                for key, invite in self._invites.items()
                if any(each.message_id == message_id for each in invite.attempts)
            ),
            None,
        )

    @override
    def guest_list(self, session_id: str) -> GuestList | None:
        return self._guest_lists.get(session_id)

    @override
    def save_guest_list(self, guest_list: GuestList) -> GuestList:
        stored = self._guest_lists.get(guest_list.session_id)
        if guest_list.row_version != (stored.row_version if stored else 0):
            raise LostRace(f"the guests of {guest_list.session_id} have changed")
        saved = replace(guest_list, row_version=guest_list.row_version + 1)
        self._guest_lists[guest_list.session_id] = saved
        return saved

    @override
    def mark_guests_synced(self, guest_list: GuestList) -> None:
        stored = self._guest_lists[guest_list.session_id]
        if stored.row_version == guest_list.row_version:
            self._guest_lists[guest_list.session_id] = replace(stored, unsynced_since=None)
