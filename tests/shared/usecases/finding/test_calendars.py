import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.errors import (
    CalendarMalformed,
    ProviderFailure,
    ProviderRejected,
    ProviderUnavailable,
)
from shared.ports import CalendarProvider
from shared.usecases.finding.calendars import (
    Calendars,
    Source,
    SourceState,
    all_sources,
    combined_source,
)
from tests.support import request_faults
from tests.support.calendar_stubs import ReadOnlyCalendar
from tests.support.meter import FakeMeter
from tests.support.platform import COACH, DAY, SHORT_DEADLINE, Platform, hours
from tests.support.token_fakes import tokens_of

WHOLE_DAY = hours(0, 24, day=DAY)


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """An event on which calls hang; it is set after the test."""
    event = threading.Event()
    yield event
    event.set()


def test_readings_are_in_the_order_of_the_connections_and_within_the_interval() -> None:
    platform = Platform()
    connections = [platform.connect(name) for name in ("c1", "c2")]
    platform.add_entry("c1", hours(9))
    platform.add_entry("c1", hours(9 + 48))

    readings = platform.calendars.read(connections, WHOLE_DAY)

    assert connections == [each.connection for each in readings]
    assert [(hours(9),), ()] == [each.busy([]) for each in readings]


def test_an_all_day_entry_of_a_calendar_without_a_zone_is_in_the_zone_of_its_user() -> None:
    platform = Platform()
    connection = platform.connect()
    dates = {"all_day": True, "dates": (DAY, DAY), "in_any_zone": True}
    platform.add_entry("c1", hours(-14, 50, day=DAY), **dates)

    (known,) = platform.calendars.read([connection], WHOLE_DAY, {COACH.user_id: "Asia/Tokyo"})
    (unknown,) = platform.calendars.read([connection], WHOLE_DAY, {COACH.user_id: None})

    assert [each.interval for each in known.entries] == [hours(-9, 24, day=DAY)]
    assert [each.interval for each in unknown.entries] == [hours(-14, 50, day=DAY)]


def test_an_all_day_entry_of_another_date_of_its_user_is_left_out() -> None:
    platform = Platform()
    connection = platform.connect()
    before = DAY - timedelta(days=1)
    dates = {"all_day": True, "dates": (before, before), "in_any_zone": True}
    platform.add_entry("c1", hours(-38, 50, day=DAY), **dates)

    (reading,) = platform.calendars.read([connection], WHOLE_DAY, {COACH.user_id: "UTC"})

    assert reading.entries == ()


def test_without_connections_no_provider_is_called() -> None:
    assert Platform().calendars.read([], WHOLE_DAY) == ()


def test_only_busy_entries_that_are_not_own_copies_count() -> None:
    platform = Platform()
    connection = platform.connect()
    platform.add_entry("c1", hours(9))
    platform.add_entry("c1", hours(10), busy=False)
    platform.add_entry("c1", hours(11), copy_of="s1")

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert len(reading.entries) == 3
    assert reading.busy([]) == (hours(9),)


@pytest.mark.parametrize(
    "failure",
    [
        ProviderUnavailable("503"),
        ProviderUnavailable("no response in time", unsettled=True),
        ProviderRejected("403"),
        CalendarMalformed("not a calendar"),
    ],
)
def test_an_unreadable_calendar_is_unavailable_without_entries(
    failure: ProviderFailure,
) -> None:
    platform = Platform()
    connection = platform.connect()
    platform.add_entry("c1", hours(9))
    platform.calendar.fail("c1", request_faults.RequestFault(lambda: failure))

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert reading.state is SourceState.UNAVAILABLE
    assert reading.entries == ()
    assert platform.people.marks == []


def test_an_unconfigured_provider_is_unavailable() -> None:
    platform = Platform()
    connection = platform.connect(provider=Provider.GOOGLE)

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert reading.state is SourceState.UNAVAILABLE


def test_a_credential_of_another_connection_is_not_used() -> None:
    platform = Platform()
    other = platform.connect("c2", "other")
    connection = platform.connect()
    object.__setattr__(connection, "credential", other.credential)

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert reading.state is SourceState.UNAVAILABLE
    assert platform.calendar.calls == []


def test_an_invalid_credential_marks_the_connection_once_and_is_not_used_again() -> None:
    platform = Platform()
    connection = platform.connect()
    platform.calendar.dead_credentials.add("c1")

    first = platform.calendars.read([connection], WHOLE_DAY)
    again = platform.calendars.read([connection], WHOLE_DAY)
    (stored,) = platform.people.person(connection.user_id).connections
    later = platform.calendars.read([stored], WHOLE_DAY)

    assert [r.state for r in (*first, *again, *later)] == [SourceState.RECONNECT_REQUIRED] * 3
    assert platform.people.marks == ["c1"]
    assert stored.status is ConnectionStatus.RECONNECT_REQUIRED
    assert platform.calendar.calls == [("entries", "c1")] * 2


def test_a_hanging_calendar_does_not_affect_other_readings(released: threading.Event) -> None:
    platform = Platform(deadline=SHORT_DEADLINE)
    connections = [platform.connect(name) for name in ("c1", "c2")]
    platform.add_entry("c2", hours(9))
    platform.calendar.fail("c1", request_faults.blocked_until(released))

    hanging, working = platform.calendars.read(connections, WHOLE_DAY)

    assert hanging.state is SourceState.UNAVAILABLE
    assert working.state is SourceState.OK
    assert working.busy([]) == (hours(9),)


def test_many_hanging_calendars_cost_one_deadline_and_do_not_block_the_next_read(
    released: threading.Event,
) -> None:
    platform = Platform(deadline=timedelta(seconds=1))
    hanging = [platform.connect(f"h{n}") for n in range(40)]
    for each in hanging:
        platform.calendar.fail(each.id, request_faults.blocked_until(released))
    fine = platform.connect("c1")

    readings = platform.calendars.read(hanging, WHOLE_DAY)
    (after,) = platform.calendars.read([fine], WHOLE_DAY)

    assert {SourceState.UNAVAILABLE} == {each.state for each in readings}
    assert after.state is SourceState.OK


def test_sources_list_each_calendar_with_its_state() -> None:
    platform = Platform()
    connections = [platform.connect(name) for name in ("c1", "c2")]
    platform.calendar.fail("c2", request_faults.ERROR_503)

    listed = all_sources(platform.calendars.read(connections, WHOLE_DAY))

    assert [(e.connection_id, e.state) for e in listed] == [("c1", "ok"), ("c2", "unavailable")]
    assert {("coach-1", Provider.APPLE)} == {(each.user_id, each.provider) for each in listed}


def test_one_source_stands_for_all_calendars_that_could_not_be_read() -> None:
    platform = Platform()
    connections = [platform.connect(name) for name in ("c1", "c2")]
    dead = platform.connect("c3", status=ConnectionStatus.RECONNECT_REQUIRED)
    platform.calendar.fail("c2", request_faults.ERROR_503)

    complete = combined_source("u", platform.calendars.read(connections[:1], WHOLE_DAY))
    incomplete = combined_source("u", platform.calendars.read([*connections, dead], WHOLE_DAY))

    assert complete == ()
    assert incomplete == (Source(user_id="u", state=SourceState.UNAVAILABLE),)


def test_clients_are_loaded_before_the_deadline_starts() -> None:
    """Loading the libraries of a client may take longer than the deadline in a cold process."""
    platform = Platform()
    providers = RecordingProviders()
    calendars = Calendars(
        providers=providers, tokens=tokens_of(platform.people, platform.vault), meter=FakeMeter()
    )

    calendars.read([platform.connect()], WHOLE_DAY)

    assert providers.requested_in[0] is threading.current_thread()


def test_a_calendar_of_an_unconfigured_provider_is_unavailable() -> None:
    platform = Platform()
    unknown = platform.connect(provider=Provider.GOOGLE)

    (reading,) = platform.calendars.read([unknown], WHOLE_DAY)

    assert reading.state is SourceState.UNAVAILABLE


class RecordingProviders(ReadOnlyCalendar):
    """Records the threads in which clients were requested."""

    def __init__(self) -> None:
        super().__init__()
        self.requested_in: list[threading.Thread] = []

    def get(self, provider: Provider) -> CalendarProvider:
        """Return this calendar."""
        self.requested_in.append(threading.current_thread())
        return super().get(provider)


def test_a_connection_that_this_version_cannot_use_is_unavailable_and_not_free() -> None:
    platform = Platform()
    connection = platform.connect(provider=Provider.UNKNOWN, status=ConnectionStatus.UNAVAILABLE)

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert reading.state is SourceState.UNAVAILABLE
