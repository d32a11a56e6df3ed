"""Bookable slots of one local date."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.caller import Caller
from shared.domain.errors import FieldProblem, InvalidRequest
from shared.domain.organization import Organization
from shared.domain.policy import Policy, Right, not_found
from shared.domain.slot_rules import SlotRules
from shared.domain.slots import Slot, find_slots, reach
from shared.domain.zones import zone
from shared.ports import EventStore, Meter, Metric
from shared.usecases.finding.calendars import Source, sources
from shared.usecases.finding.participants import Participants
from shared.usecases.finding.queries import Basis, ParticipantQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotQuery(ParticipantQuery):
    """A query for slots. A reschedule treats the time of session `session_id` as free."""

    day: date
    session_id: str | None = None
    reschedule: bool = False


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
        query.check()
        query.check_asked_by(caller)
        moving = self._session_to_move(caller, query)
        rules, consulted, days = query.rules(self._rules), query.consulted, (query.day, query.day)
        persons = self._participants.read_persons(
            [user for user, _ in consulted], query.longest_reach(days, rules)
        )
        viewer = query.viewer_zone(persons, self._organization)
        times = self._participants.read_times(
            consulted,
            persons,
            reach(days, zone(viewer), rules),
            leaving_out=moving,
        )
        people = times.consulted or (self._participants.default_person(viewer),)
        slots = find_slots(query.day, zone(viewer), people, rules, now=now)
        self._meter.count(Metric.SLOTS_OFFERED, sum(slot.available for slot in slots))
        return SlotDay(
            day=query.day,
            zone=viewer,
            rules=rules,
            basis=query.basis,
            slots=slots,
            sources=sources(times.readings, caller),
        )

    def _session_to_move(self, caller: Caller, query: SlotQuery) -> str | None:
        """Return the id of the session whose time counts as free, None if it is no reschedule."""
        if not query.reschedule:
            return None
        if query.session_id is None:
            problem = FieldProblem("sessionId", "is required when reschedule is true")
            raise InvalidRequest("Name the session to reschedule in sessionId.", [problem])
        event = self._events.find(query.session_id)
        if event is None:
            raise not_found(query.session_id)
        self._policy.require(Right.READ, caller, event)
        return event.id
