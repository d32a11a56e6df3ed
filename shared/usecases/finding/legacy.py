"""Queries without a token: is a user free at an instant, and is the user set up.

An unknown user gets the response of a user who never works and has set nothing up, after the same
store requests, so neither the response nor its timing reveals whether an id exists.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.moment import minute_of, status_at
from shared.domain.role import Role
from shared.domain.setup import Setup, setup_of
from shared.domain.slot_rules import SlotRules, SlotStatus
from shared.ports import PeopleStore
from shared.usecases.finding.participants import Participants, PersonData


class Reason(StrEnum):
    """The reason why a user is or is not free at an instant."""

    AVAILABLE = "available"
    BUSY = "busy"
    HOLIDAY = "holiday"
    UNVERIFIED = "unverified"
    OUTSIDE_AVAILABILITY = "outside_availability"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantStatus:
    """Whether a user is free at an instant, and why."""

    available: bool
    reason: Reason


class Legacy:
    """Serves older servers, which send no token."""

    def __init__(
        self, *, people: PeopleStore, participants: Participants, rules: SlotRules
    ) -> None:
        self._people = people
        self._participants = participants
        self._rules = rules

    def at(self, user_id: str, role: Role, instant: datetime) -> InstantStatus:
        """Return whether the user is free then, by the slot rules for that role.

        A role without stored availability gets the organization's default windows, but only if the
        user is known: a profile, any setting, or a session around that time. Makes two store
        requests, and reads calendars only when everything else says the user is free.
        """
        within = minute_of(instant).widened(self._rules.buffer_before, self._rules.buffer_after)
        data = self._participants.read_persons([user_id], within)[user_id]
        if data.person.is_unknown and not any(day.sessions for day in data.agenda):
            return InstantStatus(available=False, reason=Reason.OUTSIDE_AVAILABILITY)
        offline = replace(data, person=replace(data.person, connections=()))
        status = self._status(offline, role, instant)
        if status is SlotStatus.AVAILABLE and data.person.connections:
            status = self._status(data, role, instant)
        reason = Reason(status) if status else Reason.OUTSIDE_AVAILABILITY
        available = status is not None and self._rules.can_book(status)
        return InstantStatus(available=available, reason=reason)

    def setup(self, user_id: str, role: Role) -> Setup:
        """Return the setup progress of the user for that role."""
        return setup_of(self._people.person(user_id), role)

    def _status(self, data: PersonData, role: Role, instant: datetime) -> SlotStatus | None:
        within = minute_of(instant).widened(self._rules.buffer_before, self._rules.buffer_after)
        user = data.person.user_id
        times = self._participants.read_times([(user, role)], {user: data}, within)
        return status_at(instant, times.consulted[0], self._rules)
