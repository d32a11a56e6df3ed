"""Queries without a token: is a user free at an instant, and is the user set up.

A user who has set no availability for the role gets the response of an unknown user at every
instant, after the same store requests, so neither the response nor its timing reveals whether an id
exists. What else is stored (a time zone, holidays, sessions, calendars) makes no difference then.
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
    """The reason why a user is or is not free at an instant; a holiday is not named."""

    AVAILABLE = "available"
    BUSY = "busy"
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

    def at(self, user_id: str, role: Role, instant: datetime, *, now: datetime) -> InstantStatus:
        """Return whether the user is free then, by the slot rules for that role.

        Without availability set for the role (windows, or the default windows by choice) the user
        is never free. Makes two store requests, and reads calendars only when everything else says
        the user is free.
        """
        within = self._rules.around_session(minute_of(instant))
        data = self._participants.read_persons([user_id], within, now=now)[user_id]
        if not setup_of(data.person, role).has_availability:
            return InstantStatus(available=False, reason=Reason.OUTSIDE_AVAILABILITY)
        offline = replace(data, person=replace(data.person, connections=()))
        status = self._status(offline, role, instant)
        if status is SlotStatus.AVAILABLE and data.person.connections:
            status = self._status(data, role, instant)
        available = status is not None and self._rules.can_book(status)
        return InstantStatus(available=available, reason=_reason(status))

    def setup(self, user_id: str, role: Role) -> Setup:
        """Return the setup progress of the user for that role."""
        return setup_of(self._people.person(user_id), role)

    def _status(self, data: PersonData, role: Role, instant: datetime) -> SlotStatus | None:
        within = minute_of(instant).widened(self._rules.buffer_before, self._rules.buffer_after)
        user = data.person.user_id
        times = self._participants.read_times([(user, role)], {user: data}, within, self._rules)
        return status_at(instant, times.consulted[0], self._rules)


def _reason(status: SlotStatus | None) -> Reason:
    """Return the reason to show without a token: a holiday looks like time outside the windows."""
    if status is None or status is SlotStatus.HOLIDAY:
        return Reason.OUTSIDE_AVAILABILITY
    return Reason(status)
