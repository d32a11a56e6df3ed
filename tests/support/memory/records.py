"""What is stored about one user, in memory."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from typing_extensions import override

from shared.domain.agenda import session_heading
from shared.domain.connection import Provider
from shared.domain.copy import Copy
from shared.domain.erasure import Erasure, Mention
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.domain.invite import GuestList, Invite
from shared.ports import DisconnectedAccount, UserRecords
from tests.support.memory.tables import Memory


class MemoryUserRecords(UserRecords):
    """The data of one user in the other stores' memory; `announced` lists started erasures."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.announced: list[str] = []

    @override
    def record_users(self, event: Event, user_ids: Iterable[str]) -> None:
        with self._memory.lock:
            self._memory.mentions.update((each, event.id) for each in user_ids)

    @override
    def remove_leftovers(self, event_id: str) -> None:
        with self._memory.lock:
            records = (self._memory.copies, self._memory.invites)
            for each in records if event_id not in self._memory.events else ():
                for key in [key for key in each if key[0] == event_id]:
                    del each[key]

    @override
    def mentions(self, key: str, *, after: str = "", at_most: int) -> tuple[Mention, ...]:
        with self._memory.lock:
            days = (each for each in self._memory.agendas.values() if each.user_id == key)
            found = [
                *(Mention(f"agenda#{each.day}", tuple(each.sessions)) for each in days),
                *(
                    Mention(f"session#{event_id}", (event_id,))
                    for user, event_id in self._memory.mentions
                    if user == key
                ),
            ]
            return tuple(sorted(each for each in found if each.key > after)[:at_most])

    @override
    def forget(self, key: str, mention: Mention) -> None:
        with self._memory.lock:
            kind, _, name = mention.key.partition("#")
            if kind == "agenda":
                self._memory.agendas.pop((key, date.fromisoformat(name)), None)
            self._memory.mentions.discard((key, name))

    @override
    def is_settled(self, event_id: str) -> bool:
        with self._memory.lock:
            guest_list = self._memory.guest_lists.get(event_id)
            has_new_guests = guest_list is not None and guest_list.unsynced_since is not None
            return event_id not in self._memory.unsynced and not has_new_guests

    @override
    def anonymise(self, after: Event, *, before: Event) -> None:
        with self._memory.lock:
            if self._memory.events[after.id] != before:
                raise LostRace(f"event {after.id} has changed")
            for key, day in self._memory.agendas.items():
                if after.id in day.headings:
                    headings = {**day.headings, after.id: session_heading(after)}
                    self._memory.agendas[key] = replace(day, headings=headings)
            self._memory.events[after.id] = after

    @override
    def remove_copies(self, copies: Iterable[Copy]) -> None:
        for each in copies:
            self._memory.copies.pop((each.event_id, each.connection_id), None)

    @override
    def remove_invites(self, invites: Iterable[Invite]) -> None:
        for each in invites:
            self._memory.invites.pop((each.event_id, each.id), None)
            if each.user_id is None:
                self._memory.mentions.discard((f"address#{each.id}", each.event_id))

    @override
    def remove_guest_list(self, guest_list: GuestList) -> None:
        self._memory.guest_lists.pop(guest_list.session_id, None)

    @override
    def remove_items(self, user_id: str, *, at_most: int) -> Mapping[str, int]:
        with self._memory.lock:
            person = self._memory.persons.pop(user_id, None)
            days = [key for key in self._memory.agendas if key[0] == user_id]
            for key in days:
                del self._memory.agendas[key]
            left_overs = self._memory.left_overs.pop(user_id, set())
            accounts = [key for key in self._memory.disconnected if key[0] == user_id]
            for account in accounts:
                del self._memory.disconnected[account]
            return +Counter(
                {
                    "person": int(person is not None),
                    "agenda": len(days),
                    "left-over": len(left_overs),
                    "disconnected": len(accounts),
                }
            )

    @override
    def disconnected_accounts(
        self, user_id: str
    ) -> tuple[tuple[Provider, DisconnectedAccount], ...]:
        found = self._memory.disconnected.items()
        return tuple((provider, each) for (user, provider, _), each in found if user == user_id)

    @override
    def erasure(self, erasure_id: str) -> Erasure | None:
        return self._memory.erasures.get(erasure_id)

    @override
    def save_erasure(self, erasure: Erasure, *, announce: bool) -> Erasure:
        if announce:
            self.announced.append(erasure.id)
        return self._memory.save(self._memory.erasures, erasure.id, erasure)
