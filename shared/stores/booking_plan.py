"""Which agenda days a booking writes, frees and checks: pure, decided before anything is sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.domain.agenda import AgendaDay, SessionHeading, days_touching
from shared.domain.event import Event
from shared.stores.attributes import AgendaEntry

MAX_ACTIONS = 100
"""What DynamoDB takes in one transaction; the event itself is one of them."""

DayKey = tuple[str, date]
"""A user and a UTC date."""


@dataclass(frozen=True, slots=True)
class BookingPlan:
    """The agenda days of one transaction; no day stands in two of these.

    `hold` gets the event's interval and heading, `release` loses the event, `check` must only be
    unchanged. `guards` has the version each guarded day must still have; `unwritten` are days to
    hold that have no item yet. `stale` are days that lose the event right after the transaction.
    """

    hold: tuple[DayKey, ...]
    release: tuple[DayKey, ...]
    check: tuple[DayKey, ...]
    guards: Mapping[DayKey, int]
    unwritten: frozenset[DayKey]
    stale: tuple[DayKey, ...]


def held(event: Event) -> AgendaEntry:
    """Return what every participant's agenda keeps of the event."""
    return AgendaEntry(event.interval, SessionHeading(event.title, frozenset(event.participants)))


def holds(event: Event | None) -> dict[DayKey, AgendaEntry]:
    """Return what the event holds, on the start day of every participant."""
    if event is None or event.is_cancelled:
        return {}
    day, kept = event.interval.start.date(), held(event)
    return {(user_id, day): kept for user_id in event.participants}


def new_holds(event: Event, previous: Event | None) -> tuple[DayKey, ...]:
    """Return the days whose item must come to show the event as it is now."""
    before = holds(previous)
    return tuple(key for key, kept in holds(event).items() if before.get(key) != kept)


def plan(
    event: Event,
    previous: Event | None,
    *,
    guarded: Sequence[str],
    seen: Iterable[AgendaDay],
) -> BookingPlan:
    """Return the plan; `seen` has every day to hold and, of guarded users, every day touched.

    Guarded days and new holds are always in the transaction. Releases that find no room there are
    stale: the day then blocks too much for a moment, never too little.

    Raises:
        ValueError: when `seen` lacks a day, or the transaction would be too large even so.
    """
    versions = {(day.user_id, day.day): day.version for day in seen}
    after = holds(event)
    hold = new_holds(event, previous)
    freed = [key for key in holds(previous) if key not in after and versions.get(key) != 0]
    guards = {key: version for key, version in versions.items() if key[0] in guarded}
    _require(versions, [*hold, *_touched(event, guarded)])
    check = tuple(key for key in guards if key not in {*hold, *freed})
    room = MAX_ACTIONS - 1 - len(hold) - len(check)
    # Stable, so guarded releases come first and the participants' order stays.
    freed.sort(key=lambda key: key not in guards)
    if room < sum(key in guards for key in freed):
        raise ValueError(f"event {event.id} has too many participants for one transaction")
    return BookingPlan(
        hold=hold,
        release=tuple(freed[:room]),
        check=check,
        guards=guards,
        unwritten=frozenset(key for key in hold if versions[key] == 0),
        stale=tuple(freed[room:]),
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
