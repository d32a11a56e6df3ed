from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from shared.domain.interval import Interval, busy_spans
from shared.domain.moment import minute_of, status_at
from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.domain.slot_rules import ConsultedPerson, SlotRules
from shared.domain.week import Window

TUESDAY = 1
RULES = SlotRules(length=timedelta(hours=1), step=timedelta(minutes=30))


def clock(time: str, day: str = "2026-11-24") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


def person(
    *busy: Interval, zone: str = "UTC", holidays: tuple[Holiday, ...] = ()
) -> ConsultedPerson:
    windows = (Window(TUESDAY, 9 * 60, 17 * 60, zone),)
    return ConsultedPerson(
        role=Role.COACH, zone=zone, windows=windows, holidays=holidays, busy=busy_spans(busy)
    )


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("08:59:59.999999", None),
        ("09:00", "available"),
        ("16:59:59.999999", "available"),
        ("17:00", None),
    ],
)
def test_a_window_includes_its_start_and_not_its_end(time: str, expected: str | None) -> None:
    assert expected == status_at(clock(time), person(), RULES)


@pytest.mark.parametrize(
    ("time", "expected"),
    [("09:59:59", "available"), ("10:00", "busy"), ("10:59:59", "busy"), ("11:00", "available")],
)
def test_a_busy_time_includes_its_start_and_not_its_end(time: str, expected: str) -> None:
    taken = Interval(clock("10:00"), clock("11:00"))

    assert expected == status_at(clock(time), person(taken), RULES)


@pytest.mark.parametrize(
    ("time", "expected"),
    [("09:44", "available"), ("09:45", "busy"), ("11:09", "busy"), ("11:10", "available")],
)
def test_buffers_apply_as_for_a_slot(time: str, expected: str) -> None:
    rules = SlotRules(
        length=timedelta(hours=1),
        step=timedelta(minutes=30),
        buffer_before=timedelta(minutes=10),
        buffer_after=timedelta(minutes=15),
    )
    taken = Interval(clock("10:00"), clock("11:00"))

    assert expected == status_at(clock(time), person(taken), rules)


def test_a_holiday_is_a_date_in_the_zone_of_the_role_and_takes_precedence_over_busy() -> None:
    off = Holiday(
        id="h",
        name="Off",
        role=Role.COACH,
        first=date(2026, 11, 24),
        last=date(2026, 11, 24),
        created_at=clock("08:00"),
    )
    in_tokyo = person(Interval(clock("00:00"), clock("01:00")), zone="Asia/Tokyo", holidays=(off,))

    assert "holiday" == status_at(clock("00:00"), in_tokyo, RULES)
    assert "available" == status_at(clock("00:00", "2026-12-01"), in_tokyo, RULES)


def test_no_instant_is_past_or_too_soon() -> None:
    rules = SlotRules(
        length=timedelta(hours=1), step=timedelta(minutes=30), minimum_notice=timedelta(days=1)
    )

    assert "available" == status_at(clock("10:00", "1970-01-06"), person(), rules)


def test_an_unreadable_calendar_makes_free_time_unverified() -> None:
    unread = ConsultedPerson(role=Role.COACH, zone="UTC", windows=person().windows, unread=True)

    assert "unverified" == status_at(clock("10:00"), unread, RULES)
    assert status_at(clock("18:00"), unread, RULES) is None


def test_a_minute_is_a_utc_minute_regardless_of_the_offset() -> None:
    half_past = timezone(timedelta(hours=5, minutes=30))

    expected = Interval(clock("10:00"), clock("10:01"))

    assert expected == minute_of(datetime(2026, 11, 24, 15, 30, 59, 1, tzinfo=half_past))
