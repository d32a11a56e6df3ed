"""Whatever happens to sessions, in any order and at the same moment, agendas equal events."""

from collections.abc import Mapping
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.usecases.booking.expiry import PendingExpiry
from tests.support.memory import MemoryBookings, MemoryPending
from tests.support.platform import Platform
from tests.support.session_steps import (
    COACHES,
    KINDS,
    LAST,
    LATER,
    LEARNERS,
    SESSIONS,
    STARTS,
    SessionPlayer,
    Step,
)

STEPS = st.builds(
    Step,
    kind=st.sampled_from(KINDS),
    session=st.integers(0, SESSIONS - 1),
    coach=st.integers(0, COACHES - 1),
    learner=st.integers(0, LEARNERS - 1),
    learners=st.integers(1, 3),
    start=st.sampled_from(STARTS),
    later=st.sampled_from(LATER),
)


class OvertakenBookings(MemoryBookings):
    """Bookings in which another request is carried out right before a commit."""

    def __init__(self, platform: Platform, others: list[Step]) -> None:
        super().__init__(platform.memory)
        self._others = others
        self._player = player_of(platform, MemoryBookings(platform.memory))

    @override
    def commit(self, event: Event, **named: Any) -> None:
        if self._others:
            self._player.play(self._others.pop())
        super().commit(event, **named)


class StateInMemory:
    """What the stores in memory have."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def event(self, session: str) -> Event | None:
        return self._platform.memory.events.get(session)

    def agenda(self, user: str) -> Mapping[str, Interval]:
        return self._platform.agenda(user)


def player_of(platform: Platform, bookings: MemoryBookings) -> SessionPlayer:
    return SessionPlayer(
        events=platform.events_with(bookings=bookings),
        expiry=PendingExpiry(
            pending=MemoryPending(platform.memory), events=platform.store, bookings=bookings
        ),
    )


@settings(max_examples=300)
@given(
    steps=st.lists(STEPS, min_size=6, max_size=15),
    others=st.lists(STEPS, min_size=3, max_size=8),
)
@example(steps=[Step(kind="create")], others=[Step(kind="create", session=1, learner=2)])
@example(
    steps=[Step(kind="request"), Step(kind="approve")], others=[Step(kind="expire", later=170)]
)
@example(steps=[Step(kind="request"), Step(kind="decline")], others=[Step(kind="approve")])
@example(
    steps=[Step(kind="request"), Step(kind="create", session=1, later=170)],
    others=[Step(kind="approve")],
)
@example(steps=[Step(kind="create", learners=3), Step(kind="leave")], others=[Step(kind="cancel")])
def test_agendas_equal_events_after_any_steps_that_overtake_each_other(
    steps: list[Step], others: list[Step]
) -> None:
    platform = Platform()
    player = player_of(platform, OvertakenBookings(platform, others))

    for step in steps:
        player.play(step)

    player.expiry.expire(now=LAST)
    player.check(StateInMemory(platform))
