"""Whose time a booking or a change must check, and which time."""

from dataclasses import dataclass

from shared.domain.caller import Caller
from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.domain.role import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPerson:
    """A coach or learner, and the time at which they are checked; it is never empty.

    If one `must_be_free` is not, the booking is rejected; others cause warnings.
    """

    user_id: str
    role: Role
    times: tuple[Interval, ...]
    must_be_free: bool


def checked_people(event: Event, held: Event | None, caller: Caller) -> tuple[CheckedPerson, ...]:
    """Return whom to check before the event is booked.

    `held` is the version whose time its participants hold, None if there is none. A change that
    takes no new time checks no one: shortening, removing people, adding people who need not be
    free. Otherwise people who must be free and did not have to be before are checked over the whole
    time, everyone else over the time that `held` does not have.
    """
    required = frozenset(event.required_for(caller))
    if held is None:
        return _checked(event, required, known=frozenset(), new_time=(event.interval,))
    new_time = event.interval.minus(held.interval)
    joins = any(user not in held.participants for user, _ in required)
    if not new_time and not joins:
        return ()
    known = {*held.required_for(caller), *(each for each in held.attendees if each not in required)}
    return _checked(event, required, known=frozenset(known), new_time=new_time)


def _checked(
    event: Event,
    required: frozenset[tuple[str, Role]],
    *,
    known: frozenset[tuple[str, Role]],
    new_time: tuple[Interval, ...],
) -> tuple[CheckedPerson, ...]:
    people = (
        CheckedPerson(
            user_id=user,
            role=role,
            times=new_time if (user, role) in known else (event.interval,),
            must_be_free=(user, role) in required,
        )
        for user, role in event.attendees
    )
    return tuple(each for each in people if each.times)
