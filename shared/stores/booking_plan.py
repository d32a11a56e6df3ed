"""The agenda days that a booking writes, releases and checks, as a pure decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.domain.agenda import AgendaDay, days_touching, session_heading
from shared.domain.event import Event
from shared.stores.attributes import AgendaEntry

MAX_ACTIONS = 100
"""The DynamoDB limit for one transaction; the event itself is one action."""

DayKey = tuple[str, date]
"""A user and a UTC date."""


@dataclass(frozen=True, slots=True)
class BookingPlan:
    """The agenda days of one transaction; no day is in two of the lists.

    `hold`: days to write the event's interval and heading to. `release`: days to remove the event
    from. `check`: days that must only be unchanged. `guards`: the version each guarded day must
    still have. `unwritten`: days in `hold` without an item. `stale`: stale holds, released after
    the transaction.
    """

    hold: tuple[DayKey, ...]
    release: tuple[DayKey, ...]
    check: tuple[DayKey, ...]
    guards: Mapping[DayKey, int]
    unwritten: frozenset[DayKey]
    stale: tuple[DayKey, ...]


def agenda_entry(event: Event) -> AgendaEntry:
    """Return the event's entry in the agenda of every participant."""
    return AgendaEntry(event.interval, session_heading(event))


def holds(event: Event | None) -> dict[DayKey, AgendaEntry]:
    """Return the event's holds: its entry on the start day of every participant."""
    if event is None or event.is_cancelled:
        return {}
    day, entry = event.interval.start.date(), agenda_entry(event)
    return {(user_id, day): entry for user_id in event.participants}


def changed_holds(event: Event, previous: Event | None) -> tuple[DayKey, ...]:
    """Return the days whose item must be written to match the event."""
    before = holds(previous)
    return tuple(key for key, entry in holds(event).items() if before.get(key) != entry)


def plan(
    event: Event,
    previous: Event | None,
    *,
    guarded: Sequence[str],
    seen: Iterable[AgendaDay],
) -> BookingPlan:
    """Return the plan; `seen` has every day to hold and, for guarded users, every day touched.

    The transaction always includes guarded days and new holds. Releases that do not fit become
    stale holds: until they are released, those days block too much time, never too little.

    Raises:
        ValueError: when `seen` lacks a day, or the transaction is too large even without releases.
    """
    versions = {(day.user_id, day.day): day.version for day in seen}
    after = holds(event)
    hold = changed_holds(event, previous)
    releases = [key for key in holds(previous) if key not in after and versions.get(key) != 0]
    guards = {key: version for key, version in versions.items() if key[0] in guarded}
    _require(versions, [*hold, *_touched(event, guarded)])
    check = tuple(key for key in guards if key not in {*hold, *releases})
    room = MAX_ACTIONS - 1 - len(hold) - len(check)
    # The sort is stable: guarded releases first, otherwise in the order of the participants.
    releases.sort(key=lambda key: key not in guards)
    if room < sum(key in guards for key in releases):
        raise ValueError(f"event {event.id} has too many participants for one transaction")
    return BookingPlan(
        hold=hold,
        release=tuple(releases[:room]),
        check=check,
        guards=guards,
        unwritten=frozenset(key for key in hold if versions[key] == 0),
        stale=tuple(releases[room:]),
    )


def _touched(event: Event, guarded: Sequence[str]) -> list[DayKey]:
    if event.is_cancelled:
        return []
    return [(user_id, day) for user_id in guarded for day in days_touching(event.interval)]


def _require(versions: Mapping[DayKey, int], keys: Iterable[DayKey]) -> None:
    for user_id, day in keys:
        if (user_id, day) not in versions:
            raise ValueError(
                f"`seen` lacks the agenda of {user_id} on {day}; pass what `agendas` returned "
                "for the event's interval"
            )
