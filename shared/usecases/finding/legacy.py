"""What anybody may ask of a user: free or not, set up or not, and nothing else.

A user nothing is kept of answers as one who never works and has set nothing up, after the same
requests: whether an id exists cannot be told from the answer, nor from the time it takes.
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
    """Why somebody is free at an instant, or is not."""

    AVAILABLE = "available"
    BUSY = "busy"
    HOLIDAY = "holiday"
    UNVERIFIED = "unverified"
    OUTSIDE_AVAILABILITY = "outside_availability"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantStatus:
    """Whether somebody is free at an instant, and why."""

    available: bool
    reason: Reason


class Legacy:
    """Answers older servers, which send no token."""

    def __init__(
        self, *, people: PeopleStore, consultation: Participants, rules: SlotRules
    ) -> None:
        self._people = people
        self._consultation = consultation
        self._rules = rules

    def at(self, user_id: str, role: Role, instant: datetime) -> InstantStatus:
        """Return whether the user is free then, by what decides about slots in that role.

        A role never set has the organization's default windows, but only of a user something is
        kept of: a profile, anything they set, or a session around that time. Two requests to the
        stores; calendars are asked only when all else says free.
        """
        within = minute_of(instant).widened(self._rules.buffer_before, self._rules.buffer_after)
        known = self._consultation.known([user_id], within)[user_id]
        if known.person.is_unknown and not any(day.sessions for day in known.agenda):
            return InstantStatus(available=False, reason=Reason.OUTSIDE_AVAILABILITY)
        offline = replace(known, person=replace(known.person, connections=()))
        status = self._status(offline, role, instant)
        if status is SlotStatus.AVAILABLE and known.person.connections:
            status = self._status(known, role, instant)
        reason = Reason(status) if status else Reason.OUTSIDE_AVAILABILITY
        available = status is not None and self._rules.can_book(status)
        return InstantStatus(available=available, reason=reason)

    def setup(self, user_id: str, role: Role) -> Setup:
        """Return how far the user's setup for that role is."""
        return setup_of(self._people.person(user_id), role)

    def _status(self, known: PersonData, role: Role, instant: datetime) -> SlotStatus | None:
        within = minute_of(instant).widened(self._rules.buffer_before, self._rules.buffer_after)
        user = known.person.user_id
        gathered = self._consultation.gather([(user, role)], {user: known}, within)
        return status_at(instant, gathered.consulted[0], self._rules)
