"""Invites and guest lists in memory; a slower writer loses."""

from dataclasses import replace

from typing_extensions import override

from shared.domain.invite import GuestList, Invite
from shared.ports import InviteStore
from tests.support.memory.tables import Memory


class MemoryInvites(InviteStore):
    """Invites and guest lists."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @override
    def invites(self, event_id: str) -> tuple[Invite, ...]:
        with self._memory.lock:
            invites = self._memory.invites.values()
            return tuple(each for each in invites if each.event_id == event_id)

    @override
    def invite(self, event_id: str, invite_id: str) -> Invite | None:
        with self._memory.lock:
            return self._memory.invites.get((event_id, invite_id))

    @override
    def record_recipient(self, invite: Invite) -> None:
        key = invite.user_id or f"address#{invite.id}"
        self._memory.mentions.add((key, invite.event_id))

    @override
    def save_invite(self, invite: Invite) -> Invite:
        return self._memory.save(self._memory.invites, (invite.event_id, invite.id), invite)

    @override
    def find_by_message(self, message_id: str) -> tuple[str, str] | None:
        with self._memory.lock:
            return next(
                (
                    key
                    for key, each in self._memory.invites.items()
                    if each.newest and each.newest.message_id == message_id
                ),
                None,
            )

    @override
    def guest_list(self, session_id: str) -> GuestList | None:
        with self._memory.lock:
            return self._memory.guest_lists.get(session_id)

    @override
    def save_guest_list(self, guest_list: GuestList) -> GuestList:
        if guest_list.prepared_by:
            self._memory.mentions.add((guest_list.prepared_by, guest_list.session_id))
        return self._memory.save(self._memory.guest_lists, guest_list.session_id, guest_list)

    @override
    def mark_guests_synced(self, guest_list: GuestList) -> None:
        with self._memory.lock:
            stored = self._memory.guest_lists[guest_list.session_id]
            if stored.row_version == guest_list.row_version:
                synced = replace(stored, unsynced_since=None)
                self._memory.guest_lists[guest_list.session_id] = synced
