"""Bookable slots of one local date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.caller import Caller
from shared.domain.organization import Organization
from shared.domain.policy import Policy
from shared.domain.role import Role
from shared.domain.slot_rules import ConsultedPerson, SlotRules
from shared.domain.slots import Slot, find_slots, reach
from shared.domain.zones import zone
from shared.ports import EventStore, Meter, Metric
from shared.usecases.finding.calendars import Reading, Source, sources
from shared.usecases.finding.participants import Participants, PersonData
from shared.usecases.finding.queries import Basis, ParticipantQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotQuery(ParticipantQuery):
    """A query for the slots of a date."""

    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTimes:
    """What was read for a query: the people whose time limits its slots, and their stored data."""

    viewer: str
    rules: SlotRules
    people: tuple[ConsultedPerson, ...]
    consulted: tuple[tuple[str, Role], ...]
    persons: Mapping[str, PersonData]
    readings: tuple[Reading, ...]
    moving: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotDay:
    """The slots of a date, the rules they follow and the calendars that were read."""

    day: date
    zone: str
    rules: SlotRules
    basis: Basis
    slots: tuple[Slot, ...]
    sources: tuple[Source, ...]


class Slots:
    """Finds bookable slots."""

    def __init__(
        self,
        *,
        participants: Participants,
        events: EventStore,
        policy: Policy,
        organization: Organization,
        rules: SlotRules,
        meter: Meter,
    ) -> None:
        self._participants = participants
        self._events = events
        self._policy = policy
        self._organization = organization
        self._rules = rules
        self._meter = meter

    def on(self, caller: Caller, query: SlotQuery, *, now: datetime) -> SlotDay:
        """Return every slot of the date with its status.

        A reschedule costs one more store request, before the others.

        Raises:
            InvalidRequest: when the query names no user or too many, or is a reschedule
                without a session id.
            Forbidden: when the caller may not ask about these people.
            NotFound: when there is no session with that id that the caller may see.
        """
        return self.day(caller, query, self.times(caller, query, now=now), now=now)

    def times(self, caller: Caller, query: SlotQuery, *, now: datetime) -> QueryTimes:
        """Read what the slots of a query depend on.

        Raises:
            InvalidRequest, Forbidden, NotFound: as `on`.
        """
        query.check()
        query.check_asked_by(caller)
        moving = query.session_to_move(caller, self._events, self._policy)
        rules, consulted, days = query.rules(self._rules), query.consulted, (query.day, query.day)
        persons = self._participants.read_persons(
            [user for user, _ in consulted], query.longest_reach(days, rules), now=now
        )
        viewer = query.viewer_zone(persons, self._organization)
        times = self._participants.read_times(
            consulted,
            persons,
            reach(days, zone(viewer), rules),
            rules,
            leaving_out=moving,
        )
        return QueryTimes(
            viewer=viewer,
            rules=rules,
            people=times.consulted or (self._participants.default_person(viewer),),
            consulted=consulted,
            persons=persons,
            readings=times.readings,
            moving=moving,
        )

    def day(self, caller: Caller, query: SlotQuery, times: QueryTimes, *, now: datetime) -> SlotDay:
        """Return the slots of a query, from what was read for it."""
        slots = find_slots(query.day, zone(times.viewer), times.people, times.rules, now=now)
        self._meter.count(Metric.SLOTS_OFFERED, sum(slot.available for slot in slots))
        return SlotDay(
            day=query.day,
            zone=times.viewer,
            rules=times.rules,
            basis=query.basis,
            slots=slots,
            sources=sources(times.readings, caller),
        )
