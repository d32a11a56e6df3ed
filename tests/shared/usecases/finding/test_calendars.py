import threading
from collections.abc import Iterator

import pytest

from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.errors import (
    CalendarGarbled,
    CalendarTooLarge,
    ProviderFailure,
    ProviderRefused,
    ProviderUnavailable,
)
from shared.ports import CalendarProvider
from shared.usecases.finding.calendars import Calendars, SourceState, sources
from tests.support import faults
from tests.support.calendar_fakes import Shelf
from tests.support.meter import FakeMeter
from tests.support.platform import DAY, Platform, hours
from tests.support.token_fakes import tokens_of

WHOLE_DAY = hours(0, 24, day=DAY)


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """Ends, after the test, whatever hangs until it is set."""
    event = threading.Event()
    yield event
    event.set()


def test_readings_come_in_the_order_asked_and_only_what_lies_within() -> None:
    platform = Platform()
    connections = [platform.connect(name) for name in ("c1", "c2")]
    platform.enter("c1", hours(9))
    platform.enter("c1", hours(9 + 48))

    readings = platform.calendars.read(connections, WHOLE_DAY)

    assert connections == [each.connection for each in readings]
    assert [(hours(9),), ()] == [each.busy for each in readings]


def test_nobody_connected_is_nobody_asked() -> None:
    assert Platform().calendars.read([], WHOLE_DAY) == ()


def test_only_entries_that_take_time_and_are_not_ours_are_busy() -> None:
    platform = Platform()
    connection = platform.connect()
    platform.enter("c1", hours(9))
    platform.enter("c1", hours(10), busy=False)
    platform.enter("c1", hours(11), copy_of="s1")

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert len(reading.entries) == 3
    assert reading.busy == (hours(9),)


@pytest.mark.parametrize(
    "failure",
    [
        ProviderUnavailable("503"),
        ProviderUnavailable("no answer in time", unsettled=True),
        ProviderRefused("403"),
        CalendarTooLarge("over 5,000 occurrences"),
        CalendarGarbled("not a calendar"),
    ],
)
def test_a_calendar_that_cannot_be_read_says_nothing_and_is_unavailable(
    failure: ProviderFailure,
) -> None:
    platform = Platform()
    connection = platform.connect()
    platform.enter("c1", hours(9))
    platform.calendar.fail("c1", faults.Fault(lambda: failure))

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert reading.state is SourceState.UNAVAILABLE
    assert reading.entries == ()
    assert platform.people.marks == []


def test_a_provider_this_stack_does_not_know_is_unavailable() -> None:
    platform = Platform()
    connection = platform.connect(provider=Provider.GOOGLE)

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert reading.state is SourceState.UNAVAILABLE


def test_a_credential_of_another_connection_is_not_used() -> None:
    platform = Platform()
    theirs = platform.connect("c2", "other")
    connection = platform.connect()
    object.__setattr__(connection, "credential", theirs.credential)

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert reading.state is SourceState.UNAVAILABLE
    assert platform.calendar.calls == []


def test_a_dead_credential_marks_the_connection_once_and_is_not_used_again() -> None:
    platform = Platform()
    connection = platform.connect()
    platform.calendar.dead_credentials.add("c1")

    first = platform.calendars.read([connection], WHOLE_DAY)
    again = platform.calendars.read([connection], WHOLE_DAY)
    (kept,) = platform.people.person(connection.user_id).connections
    later = platform.calendars.read([kept], WHOLE_DAY)

    assert [r.state for r in (*first, *again, *later)] == [SourceState.RECONNECT_REQUIRED] * 3
    assert platform.people.marks == ["c1"]
    assert kept.status is ConnectionStatus.RECONNECT_REQUIRED
    assert platform.calendar.calls == [("entries", "c1")] * 2


def test_a_calendar_that_hangs_costs_nobody_elses_answer(released: threading.Event) -> None:
    platform = Platform()
    connections = [platform.connect(name) for name in ("c1", "c2")]
    platform.enter("c2", hours(9))
    platform.calendar.fail("c1", faults.held_until(released))

    hanging, answering = platform.calendars.read(connections, WHOLE_DAY)

    assert hanging.state is SourceState.UNAVAILABLE
    assert answering.state is SourceState.OK
    assert answering.busy == (hours(9),)


def test_many_calendars_that_hang_cost_one_deadline_and_leave_room_for_the_next(
    released: threading.Event,
) -> None:
    platform = Platform()
    hanging = [platform.connect(f"h{n}") for n in range(40)]
    for each in hanging:
        platform.calendar.fail(each.id, faults.held_until(released))
    fine = platform.connect("c1")

    readings = platform.calendars.read(hanging, WHOLE_DAY)
    (after,) = platform.calendars.read([fine], WHOLE_DAY)

    assert {SourceState.UNAVAILABLE} == {each.state for each in readings}
    assert after.state is SourceState.OK


def test_a_fault_of_our_own_is_never_read_as_free() -> None:
    platform = Platform()
    connection = platform.connect()
    platform.calendar.fail("c1", faults.Fault(lambda: KeyError("a bug")))

    with pytest.raises(KeyError):
        platform.calendars.read([connection], WHOLE_DAY)


def test_sources_name_each_calendar_and_how_asking_it_went() -> None:
    platform = Platform()
    connections = [platform.connect(name) for name in ("c1", "c2")]
    platform.calendar.fail("c2", faults.ERROR_503)

    told = sources(platform.calendars.read(connections, WHOLE_DAY))

    assert [(e.connection_id, e.state) for e in told] == [("c1", "ok"), ("c2", "unavailable")]
    assert {("coach-1", Provider.APPLE)} == {(each.user_id, each.provider) for each in told}


def test_a_client_is_made_before_the_deadline_begins() -> None:
    """A cold process loads libraries for it, which may take longer than a calendar has."""
    platform = Platform()
    providers = RecordingProviders()
    calendars = Calendars(
        providers=providers, tokens=tokens_of(platform.people, platform.vault), meter=FakeMeter()
    )

    calendars.read([platform.connect()], WHOLE_DAY)

    assert providers.asked_in[0] is threading.current_thread()


def test_a_calendar_of_a_provider_this_stack_does_not_know_is_unavailable() -> None:
    platform = Platform()
    unknown = platform.connect(provider=Provider.GOOGLE)

    (reading,) = platform.calendars.read([unknown], WHOLE_DAY)

    assert reading.state is SourceState.UNAVAILABLE


class RecordingProviders(Shelf):
    """Knows in which threads clients were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_in: list[threading.Thread] = []

    def get(self, provider: Provider) -> CalendarProvider:
        """Return this shelf."""
        self.asked_in.append(threading.current_thread())
        return super().get(provider)
