"""Windows, zones and months where local time is odd: midnight, clock changes, renamed zones."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.month_views import get_data, month
from tests.support.oauth_flows import at
from tests.support.requests import SLOTS_ADMIN
from tests.support.service import User, admin, book, call_api, coach, learner

pytestmark = pytest.mark.usefixtures("service")

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
ALWAYS = {day: [{"startTime": "00:00", "endTime": "24:00"}] for day in DAYS}


def set_week(who: User, week: dict[str, Any], zone: str, role: str = "Coach") -> None:
    body = {"role": role, "timezone": zone, "availability": week}
    assert call_api("PUT", "/api/v1/availability", who, body=body).status == 200


def window(start: str, end: str) -> list[dict[str, str]]:
    return [{"startTime": start, "endTime": end}]


def starts(who: User, other: User, date: str, zone: str = "UTC") -> list[str]:
    """Return the local starts of the available slots of a date."""
    query = {"date": date, "role": "Coach", "coachId": who.id, "learnerId": other.id}
    day = get_data(admin(), SLOTS_ADMIN, timezone=zone, **query)
    return [each["localStart"][:16] for each in day["slots"] if each["available"]]


def test_a_window_over_midnight_has_the_slot_that_crosses_it() -> None:
    who, other = coach(), learner()
    set_week(who, {"monday": window("22:30", "01:30")}, "Asia/Dhaka")

    monday, tuesday = (starts(who, other, f"2027-06-{n}", "Asia/Dhaka") for n in (14, 15))

    assert [f"2027-06-14T{each}" for each in ("22:30", "23:00", "23:30")] == monday
    assert ["2027-06-15T00:00", "2027-06-15T00:30"] == tuesday


@pytest.mark.parametrize("end", ["24:00", "00:00"])
def test_a_window_that_ends_at_midnight_touches_one_that_starts_there(end: str) -> None:
    who, other = coach(), learner()
    set_week(who, {"sunday": window("22:00", end), "monday": window("00:00", "02:00")}, "UTC")

    assert "2027-06-13T23:30" == starts(who, other, "2027-06-13")[-1]
    assert "2027-06-14T00:00" == starts(who, other, "2027-06-14")[0]


@pytest.mark.parametrize(
    ("windows", "merged"),
    [
        ([("22:00", "24:00"), ("23:00", "02:00")], [("22:00", "02:00")]),
        ([("00:00", "24:00"), ("10:00", "11:00")], [("00:00", "24:00")]),
        ([("23:59", "00:01")], [("23:59", "00:01")]),
    ],
)
def test_windows_at_midnight_are_merged_and_stay_on_their_day(
    windows: list[tuple[str, str]], merged: list[tuple[str, str]]
) -> None:
    week = {"monday": [each for pair in windows for each in window(*pair)]}
    body = {"role": "Coach", "timezone": "UTC", "availability": week}

    stored = call_api("PUT", "/api/v1/availability", coach(), body=body).data["availability"]

    shown = [(each["startTime"], each["endTime"]) for each in stored["monday"]]
    assert (merged, []) == (shown, stored["sunday"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("US/Eastern", "America/New_York"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("America/Indianapolis", "America/Indiana/Indianapolis"),
        ("Pacific/Enderbury", "Pacific/Kanton"),
    ],
)
def test_a_renamed_zone_works_like_the_new_name(old: str, new: str) -> None:
    who, other = coach(), learner()
    set_week(who, {"tuesday": window("09:00", "17:00")}, old)
    set_week(other, ALWAYS, new, "Learner")

    listed = starts(who, other, "2027-06-15", new)

    assert listed == starts(who, other, "2027-06-15", old)
    assert (15, "2027-06-15T09:00") == (len(listed), listed[0])


@pytest.mark.parametrize(
    ("zone", "status"),
    [
        *((each, 200) for each in ("EST", "Etc/GMT-5", "GMT", "CET")),
        *((each, 400) for each in ("GMT+2", "PST", "Z", "India Standard Time", "Europe/Berlin ")),
    ],
)
def test_abbreviations_count_only_if_iana_has_them(zone: str, status: int) -> None:
    body = {"role": "Coach", "timezone": zone, "availability": {}}

    assert status == call_api("PUT", "/api/v1/availability", coach(), body=body).status


def test_the_signs_of_etc_gmt_are_those_of_posix() -> None:
    who, other = coach(), learner()
    set_week(who, {"tuesday": window("09:00", "10:00")}, "Etc/GMT-5")

    assert ["2027-06-15T04:00"] == starts(who, other, "2027-06-15")  # five hours east of UTC


@pytest.mark.parametrize(
    ("year", "number", "zone", "days"),
    [
        (1970, 1, "Pacific/Kiritimati", 31),
        (2199, 12, "America/Adak", 31),
        (2028, 2, "UTC", 29),
        (2100, 2, "UTC", 28),
        (2011, 12, "Pacific/Apia", 31),
    ],
)
def test_a_month_has_each_of_its_dates(year: int, number: int, zone: str, days: int) -> None:
    query: dict[str, Any] = {"year": year, "month": number, "timezone": zone}

    listed = month(admin(), role="Coach", coachId="7", **query)["days"]

    assert [f"{year}-{number:02}-{n + 1:02}" for n in range(days)] == [
        each["date"] for each in listed
    ]


@pytest.mark.parametrize(
    "zone",
    [
        "Pacific/Kiritimati",
        "America/Santiago",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Pacific/Pago_Pago",
    ],
)
@pytest.mark.parametrize(("year", "number"), [(2027, 4), (2027, 9), (2027, 10), (2028, 2)])
def test_the_first_and_last_days_of_a_month_count_what_the_day_lists(
    zone: str, year: int, number: int
) -> None:
    who, other = coach(), learner()
    set_week(who, {day: window("20:00", "04:00") for day in DAYS}, "America/New_York")
    set_week(other, ALWAYS, "Asia/Tokyo", "Learner")
    pair = {"role": "Coach", "coachId": who.id, "learnerId": other.id, "timezone": zone}

    days = month(admin(), year=year, month=number, **pair)["days"]

    for day in (days[0], days[len(days) // 2], days[-1]):
        slots = get_data(admin(), SLOTS_ADMIN, date=day["date"], **pair)["slots"]
        available = sum(each["available"] for each in slots)
        assert (len(slots), available) == (day["totalSlots"], day["availableSlots"]), day
        assert slots


def test_a_new_zone_moves_windows_and_no_session() -> None:
    who, other = coach(), learner()
    set_week(who, {"tuesday": window("09:00", "17:00")}, "Europe/Berlin")
    event = book(who, who.id, other.id)

    body = {"role": "Coach", "timezone": "America/Chicago"}
    call_api("PUT", "/api/v1/availability/timezone", who, body=body)

    stored = call_api("GET", f"/api/v1/events/{event['id']}", who).data
    assert event["startTime"] == stored["startTime"]
    assert ["2026-11-24T15:00", "2026-11-24T15:30"] == starts(who, other, "2026-11-24")[:2]


def test_a_date_of_25_hours_lists_each_session_once() -> None:
    who = coach()
    for start, end in (
        ("2027-10-30T21:30:00Z", "2027-10-30T22:30:00Z"),
        ("2027-10-31T00:00:00Z", "2027-10-31T01:00:00Z"),  # 02:00 to 02:00 in Berlin
        ("2027-10-31T01:00:00Z", "2027-10-31T02:00:00Z"),
        ("2027-10-31T22:30:00Z", "2027-10-31T23:00:00Z"),
        ("2027-10-31T23:00:00Z", "2027-10-31T23:30:00Z"),
    ):
        book(who, who.id, learner().id, startTime=start, endTime=end)

    counts = [
        len(get_data(who, "/api/v1/events", date=date, timezone="Europe/Berlin")["events"])
        for date in ("2027-10-30", "2027-10-31", "2027-11-01")
    ]

    assert [1, 4, 1] == counts


def test_a_session_under_way_is_renamed_and_extended_but_not_moved_back() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    whole = {"sessionId": event["id"], "owner": "COACH", "coachId": who.id, "learnerId": other.id}

    def changed(**fields: Any) -> str:
        response = call_api("PUT", "/api/v1/events", who, body={**whole, **fields})
        return response.data["endTime"] if response.status == 200 else response.code

    with at(datetime(2026, 11, 24, 10, 15, tzinfo=UTC)):
        assert "2026-11-24T11:00:00Z" == changed(title="New")
        times = {"startTime": "2026-11-24T10:00:00Z", "endTime": "2026-11-24T12:00:00Z"}
        assert "2026-11-24T12:00:00Z" == changed(**times)
        assert "START_IN_PAST" == changed(**{**times, "startTime": "2026-11-24T09:00:00Z"})
