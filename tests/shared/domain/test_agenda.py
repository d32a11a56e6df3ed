from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.agenda import (
    MOST_OPTIONAL,
    MOST_SESSIONS,
    AgendaDay,
    SessionHeading,
    check_room,
    conflicts,
    days_touching,
)
from shared.domain.errors import TooManySessions
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support.store_samples import DAY, hours, session

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def day(**sessions: Interval) -> AgendaDay:
    return AgendaDay(user_id="ann", day=NOON.date(), sessions=sessions)


def test_a_session_of_the_day_before_may_still_be_running() -> None:
    expected = (date(2026, 3, 1), date(2026, 3, 2))

    assert expected == days_touching(Interval(NOON, NOON + HOUR))


def test_an_interval_that_ends_at_midnight_does_not_touch_the_next_day() -> None:
    expected = (date(2026, 3, 1), date(2026, 3, 2))

    assert expected == days_touching(Interval(NOON, NOON + 12 * HOUR))


def test_an_interval_over_midnight_touches_the_next_day() -> None:
    expected = (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3))

    assert expected == days_touching(Interval(NOON, NOON + 13 * HOUR))


def test_an_empty_interval_touches_its_own_day() -> None:
    expected = (date(2026, 3, 1), date(2026, 3, 2))

    assert expected == days_touching(Interval(NOON, NOON))


def test_sessions_that_overlap_conflict() -> None:
    agenda_day = day(a=Interval(NOON, NOON + HOUR), b=Interval(NOON + HOUR, NOON + 2 * HOUR))

    assert conflicts([agenda_day], Interval(NOON + HOUR / 2, NOON + HOUR)) == {"a"}
    assert conflicts([agenda_day], Interval(NOON, NOON + 2 * HOUR)) == {"a", "b"}


def test_touching_sessions_do_not_conflict() -> None:
    agenda_day = day(a=Interval(NOON, NOON + HOUR))

    assert not conflicts([agenda_day], Interval(NOON + HOUR, NOON + 2 * HOUR))
    assert not conflicts([agenda_day], Interval(NOON - HOUR, NOON))


def test_only_the_session_left_out_does_not_conflict() -> None:
    agenda_day = day(a=Interval(NOON, NOON + HOUR), b=Interval(NOON, NOON + HOUR))

    assert conflicts([agenda_day], Interval(NOON, NOON + HOUR), leaving_out="a") == {"b"}


def test_a_day_never_written_has_no_conflicts() -> None:
    unwritten = AgendaDay(user_id="ann", day=NOON.date())

    assert unwritten.version == 0
    assert not conflicts([unwritten], Interval(NOON, NOON + HOUR))


def full_day(user_id: str, number: int) -> AgendaDay:
    sessions = {f"s{n}": hours(1) for n in range(number)}
    return AgendaDay(user_id=user_id, day=DAY, sessions=sessions)


GROUP = session("new", learner_ids=("l1", "l2"), admin_id="boss")


@pytest.mark.parametrize(
    ("user_id", "most"),
    [("coach-1", MOST_SESSIONS), ("l1", MOST_OPTIONAL), ("boss", MOST_OPTIONAL)],
)
def test_a_day_has_more_room_for_sessions_that_the_person_must_be_free_for(
    user_id: str, most: int
) -> None:
    check_room(GROUP, [full_day(user_id, most - 1)])

    with pytest.raises(TooManySessions, match=f"{user_id} already has {most} sessions"):
        check_room(GROUP, [full_day(user_id, most)])


def test_sessions_of_others_cannot_use_up_the_room_for_a_one_to_one_session() -> None:
    one_to_one = session("new", learner_ids=("l1",))

    check_room(one_to_one, [full_day("l1", MOST_OPTIONAL), full_day("coach-1", MOST_OPTIONAL)])


def test_a_full_day_does_not_keep_a_session_from_changing_or_closing() -> None:
    days = [full_day("coach-1", MOST_SESSIONS)]
    other_day = [replace(days[0], day=DAY + timedelta(days=1)), full_day("stranger", MOST_SESSIONS)]

    check_room(session("s1"), days)
    check_room(session("new", status=EventStatus.CANCELLED), days)
    check_room(session("new"), other_day)


def test_a_pending_session_that_has_expired_takes_no_time() -> None:
    time = Interval(NOON, NOON + HOUR)
    pending = SessionHeading("Coaching", frozenset({"ann"}), EventStatus.PENDING_APPROVAL, time)
    agenda_day = replace(
        day(a=time, b=time),
        version=3,
        headings={"a": pending, "b": pending},
        pending_until={"a": NOON - HOUR},
    )

    assert agenda_day.at(NOON - 2 * HOUR) is agenda_day
    expired = agenda_day.at(NOON - HOUR)
    assert (expired.version, set(expired.sessions)) == (3, {"b"})
    assert (expired.headings["a"].status, expired.headings["b"]) == (EventStatus.EXPIRED, pending)
