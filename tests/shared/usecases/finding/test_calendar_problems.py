"""Why a calendar cannot be read in full, as its owner, Admins and others see it."""

from dataclasses import replace

from shared.domain.connection import ProblemCode
from shared.domain.copy import CalendarEntry, copy_key
from shared.domain.errors import CalendarMalformed, CalendarTooLarge
from shared.usecases.finding.calendars import Reading, SourceState, sources
from tests.support import request_faults
from tests.support.platform import ADMIN, COACH, LEARNER, Platform, hours

WHOLE_DAY = hours(0, 24)


def unreadable() -> CalendarMalformed:
    error = CalendarMalformed(
        "The calendar contains an event that cannot be read.", title="Dentist", day="2026-11-24"
    )
    error.entries = (entry(),)
    return error


def entry(**changes: object) -> CalendarEntry:
    plain = CalendarEntry(
        external_id="e1", title="Lunch", interval=hours(12), all_day=False, busy=True
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # tests name what they change


def test_an_unreadable_entry_is_named_and_does_not_hide_the_others() -> None:
    platform = Platform()
    connection = platform.connect()
    platform.calendar.fail("c1", request_faults.RequestFault(unreadable))

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)
    (stored,) = platform.people.person(connection.user_id).connections

    assert reading.state is SourceState.UNAVAILABLE
    assert reading.busy([]) == (hours(12),)
    assert reading.problem
    assert reading.problem.message == 'The entry "Dentist" of 2026-11-24 cannot be read.'
    assert stored.is_active
    assert stored.last_error
    assert stored.last_error.code is ProblemCode.ENTRY_UNREADABLE
    assert stored.last_error.message == reading.problem.message


def test_only_the_owner_and_admins_see_the_problem() -> None:
    platform = Platform()
    connection = platform.connect()
    platform.calendar.fail("c1", request_faults.RequestFault(unreadable))
    readings = platform.calendars.read([connection], WHOLE_DAY)

    shown = [bool(sources(readings, each)[0].problem) for each in (COACH, ADMIN, LEARNER)]

    assert shown == [True, True, False]


def test_the_problem_is_gone_after_the_next_successful_reading() -> None:
    platform = Platform()
    connection = platform.connect()
    failure = CalendarTooLarge("The calendar has over 5,000 objects.")
    platform.calendar.fail("c1", request_faults.RequestFault(lambda: failure))
    platform.calendars.read([connection], WHOLE_DAY)
    (stored,) = platform.people.person(connection.user_id).connections
    assert stored.last_error

    platform.calendars.read([stored], WHOLE_DAY)

    (repaired,) = platform.people.person(connection.user_id).connections
    assert repaired.last_error is None


def test_an_entry_that_was_widened_is_named_although_the_calendar_was_read() -> None:
    platform = Platform()
    connection = platform.connect()
    platform.add_entry("c1", hours(9), title="Odd", problem="It ends before it starts.")

    (reading,) = platform.calendars.read([connection], WHOLE_DAY)

    assert reading.state is SourceState.OK
    assert reading.problem
    assert "Odd" in reading.problem.message


def test_copies_are_recognised_by_their_key_and_for_other_connections_of_the_account() -> None:
    connection = Platform().connect()
    dropped = entry(key=copy_key("s1", connection.id))
    shared = entry(copy_for_other="s1")
    reading = Reading(connection=connection, state=SourceState.OK, entries=(dropped, shared))

    assert reading.busy(["s1"]) == ()
    assert reading.busy(["s2"]) == (hours(12), hours(12))
