"""Invites in memory, with the guarantee the port states: a slower writer loses."""

from collections.abc import Callable
from dataclasses import replace

from shared.domain.errors import LostRace
from shared.domain.invite import GuestList, Invite


class MemoryInvites:
    """Fills `InviteStore`; `before_save` runs before each write, `saves` counts them."""

    def __init__(self, *invites: Invite) -> None:
        self._invites = {(each.event_id, each.id): each for each in invites}
        self._externals: dict[str, GuestList] = {}
        self.before_save: Callable[[], None] = lambda: None
        self.saves = 0

    def invites(self, event_id: str) -> tuple[Invite, ...]:
        return tuple(each for each in self._invites.values() if each.event_id == event_id)

    def invite(self, event_id: str, invite_id: str) -> Invite | None:
        return self._invites.get((event_id, invite_id))

    def save_invite(self, invite: Invite) -> Invite:
        self.before_save()
        key = invite.event_id, invite.id
        kept = self._invites.get(key)
        if invite.row_version != (kept.row_version if kept else 0):
            raise LostRace(f"the invite {key} has changed")
        self.saves += 1
        saved = replace(invite, row_version=invite.row_version + 1)
        self._invites[key] = saved
        return saved

    def by_message(self, message_id: str) -> tuple[str, str] | None:
        return next(
            (
                key
                for key, invite in self._invites.items()
                if any(each.message_id == message_id for each in invite.attempts)
            ),
            None,
        )

    def guest_list(self, session_id: str) -> GuestList | None:
        return self._externals.get(session_id)

    def save_guest_list(self, guest_list: GuestList) -> GuestList:
        kept = self._externals.get(guest_list.session_id)
        if guest_list.row_version != (kept.row_version if kept else 0):
            raise LostRace(f"the attendees of {guest_list.session_id} have changed")
        saved = replace(guest_list, row_version=guest_list.row_version + 1)
        self._externals[guest_list.session_id] = saved
        return saved

    def mark_guests_synced(self, guest_list: GuestList) -> None:
        kept = self._externals[guest_list.session_id]
        if kept.row_version == guest_list.row_version:
            self._externals[guest_list.session_id] = replace(kept, unsynced_since=None)
