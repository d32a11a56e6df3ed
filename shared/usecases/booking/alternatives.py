"""Other times at which a session could be booked instead."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.caller import Caller
from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.domain.localtime import intervals_of_dates
from shared.domain.slot_rules import MINUTE, SlotRules
from shared.domain.slots import nearest_free
from shared.domain.zones import zone
from shared.usecases.finding.participants import Participants

ALTERNATIVES = 5
ALTERNATIVES_WITHIN = timedelta(days=14)


class Alternatives:
    """Finds times at which everyone who must be free is."""

    def __init__(self, *, participants: Participants, rules: SlotRules) -> None:
        self._participants = participants
        self._rules = rules

    def to(self, event: Event, caller: Caller, *, now: datetime) -> tuple[Interval, ...]:
        """Return up to five free times of the same length that do not overlap, ordered by start.

        They are those nearest to the start of the event, from its local date on, for two weeks.
        """
        required = event.required_for(caller)
        if not required:
            return ()
        length, start = event.interval.length, event.interval.start
        # Slots are whole minutes long; a session may not be, so round its length up.
        rules = replace(self._rules, length=-(-length // MINUTE) * MINUTE)
        starts = Interval(_start_of_date(event), start + ALTERNATIVES_WITHIN)
        reach = Interval(starts.start, starts.end + rules.length)
        within = reach.widened(rules.buffer_before, rules.buffer_after)
        persons = self._participants.read_persons(
            [user for user, _ in required], rules.around_session(reach), now=now
        )
        times = self._participants.read_times(
            required, persons, within, rules, leaving_out=event.id
        )
        slots = nearest_free(
            zone(event.zone),
            times.consulted,
            rules,
            wanted=start,
            within=starts,
            limit=ALTERNATIVES,
            now=now,
        )
        return tuple(Interval(slot.start, slot.start + length) for slot in slots)


def _start_of_date(event: Event) -> datetime:
    """Return the start of the date on which the event starts in its zone."""
    local, start = zone(event.zone), event.interval.start
    day = start.astimezone(local).date()
    return min((each.start for each in intervals_of_dates(local, day, day)), default=start)
