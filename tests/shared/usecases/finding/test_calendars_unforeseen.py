"""An error that no code expects makes one calendar unavailable, and nothing else."""

import logging

import pytest

from shared.domain.connection import Connection, Provider
from shared.ports import CalendarProvider
from shared.usecases.finding.calendars import Calendars, SourceState
from tests.support.calendar_stubs import ReadOnlyCalendar
from tests.support.meter import FakeMeter
from tests.support.platform import DAY, Platform, hours
from tests.support.request_faults import RequestFault
from tests.support.token_fakes import tokens_of

WHOLE_DAY = hours(0, 24, day=DAY)
ERRORS = [
    ValueError("private title"),
    TypeError("private title"),
    KeyError("private title"),
    RecursionError("private title"),
    OverflowError("private title"),
    NotImplementedError(),
    OSError("private title"),
]


def broken(platform: Platform, error: BaseException, name: str = "c1") -> Connection:
    """Connect a calendar whose next reading raises the error."""
    connection = platform.connect(name)
    platform.calendar.fail(name, RequestFault(lambda: error))
    return connection


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_unforeseen_error_makes_only_that_calendar_unavailable(error: Exception) -> None:
    platform = Platform()
    poisoned, working = broken(platform, error), platform.connect("c2")
    platform.add_entry("c1", hours(9))
    platform.add_entry("c2", hours(10))

    first, second = platform.calendars.read([poisoned, working], WHOLE_DAY)

    assert (SourceState.UNAVAILABLE, ()) == (first.state, first.entries)
    assert (SourceState.OK, (hours(10),)) == (second.state, second.busy([]))


def test_an_unforeseen_error_is_counted_and_logged_with_its_place_but_not_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    platform = Platform()
    connection = broken(platform, ValueError("private title"))

    platform.calendars.read([connection], WHOLE_DAY)

    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    fields = vars(record)
    assert (connection.id, "read", "ValueError") == (
        fields["connection_id"],
        fields["work"],
        fields["error"],
    )
    assert "faulty_calendar.py" in fields["traceback"]
    assert "private title" not in str(fields)
    assert platform.meter.counts["UnforeseenErrors", "read"] == 1
    assert platform.meter.counts["CalendarReads", "apple", "unavailable"] == 1


def test_the_log_line_of_a_deep_recursion_is_short(caplog: pytest.LogCaptureFixture) -> None:
    platform = Platform()
    connection = platform.connect()

    def recurse() -> BaseException:
        return recurse()

    platform.calendar.fail("c1", RequestFault(recurse))

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert reading.state is SourceState.UNAVAILABLE
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert len(vars(record)["traceback"]) < 20_000


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), SystemExit()])
def test_errors_of_the_process_are_not_hidden(error: BaseException) -> None:
    platform = Platform()
    connection = broken(platform, error)

    with pytest.raises(type(error)):
        platform.calendars.read([connection], WHOLE_DAY)


def test_a_client_that_cannot_be_loaded_makes_its_calendars_unavailable() -> None:
    class Unloadable(ReadOnlyCalendar):
        def get(self, provider: Provider) -> CalendarProvider:
            if provider is Provider.GOOGLE:
                raise ImportError("no such module")
            return super().get(provider)

    platform = Platform()
    connections = [platform.connect("c1", provider=Provider.GOOGLE), platform.connect("c2")]
    calendars = Calendars(
        providers=Unloadable(),
        tokens=tokens_of(platform.people, platform.vault),
        meter=FakeMeter(),
    )

    first, second = calendars.read(connections, WHOLE_DAY)

    assert [SourceState.UNAVAILABLE, SourceState.OK] == [first.state, second.state]


def test_slots_of_a_person_with_such_a_calendar_are_unverified() -> None:
    platform = Platform()
    broken(platform, ValueError("private title"))

    assert {"unverified"} == set(platform.statuses().values())
