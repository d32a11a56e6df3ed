from typing import Any

import pytest

from tests.support.api import ADMIN, COACH, LEARNER
from tests.support.service import User, admin, book, call_api, coach, fresh_id

pytestmark = pytest.mark.usefixtures("service")

AVAILABILITY = "/api/v1/availability"
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def window(start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"startTime": start, "endTime": end, **more}


def put(who: User, week: dict[str, Any] | None = None, **changes: Any) -> Any:
    body = {"role": "Coach", "timezone": "Europe/Berlin", "availability": week or {}, **changes}
    response = call_api("PUT", AVAILABILITY, who, body=body)
    assert response.status == 200, response.json
    assert response.data.pop("conflictingSessions") == []
    return response.data


def windows_of(stored: Any, day: str) -> list[tuple[str, str]]:
    return [(each["startTime"], each["endTime"]) for each in stored["availability"][day]]


def rejection(who: User, **body: Any) -> tuple[int, str]:
    response = call_api("PUT", AVAILABILITY, who, body=body)
    return response.status, response.code


def test_roles_come_from_the_token_in_the_contracts_spelling() -> None:
    who = User(fresh_id(), ("admin", "COACH", "Gardener"))

    response = call_api("GET", f"{AVAILABILITY}/roles", who)

    assert {"userId": who.id, "roles": ["Coach", "Admin"]} == response.data


def test_a_role_that_was_never_set_returns_the_default_windows() -> None:
    who = User(fresh_id(), (LEARNER, COACH))

    data = call_api("GET", AVAILABILITY, who).data

    assert who.id == data["userId"]
    assert [each["role"] for each in data["availability"]] == ["Coach", "Learner"]
    first = data["availability"][0]
    assert (first["useDefaultAvailability"], first["timezone"]) == (True, "UTC")
    assert windows_of(first, "monday") == [("09:00", "17:00")]
    assert windows_of(first, "sunday") == []


def test_stored_windows_are_returned_and_read_back_unchanged() -> None:
    who = coach()

    stored = put(who, {"monday": [window("09:00", "12:30"), window("14:00", "18:00")]})

    assert (stored["useDefaultAvailability"], stored["timezone"]) == (False, "Europe/Berlin")
    assert windows_of(stored, "monday") == [("09:00", "12:30"), ("14:00", "18:00")]
    assert [each for day in DAYS if day != "monday" for each in windows_of(stored, day)] == []
    assert [stored] == call_api("GET", AVAILABILITY, who).data["availability"]


def test_the_weekday_key_decides_and_day_of_week_is_ignored() -> None:
    stored = put(coach(), {"sunday": [window("09:00", "10:00", dayOfWeek=4)]})

    assert [each["dayOfWeek"] for each in stored["availability"]["sunday"]] == [0]
    assert windows_of(stored, "thursday") == []


def test_a_window_may_have_its_own_time_zone() -> None:
    stored = put(
        coach(),
        {"monday": [window("09:00", "10:00", timezone="Asia/Kolkata"), window("11:00", "12:00")]},
    )

    zones = [each["timezone"] for each in stored["availability"]["monday"]]
    assert zones == ["Asia/Kolkata", "Europe/Berlin"]


@pytest.mark.parametrize("end", ["02:00", "00:00", "24:00"])
def test_a_window_may_run_to_or_through_midnight(end: str) -> None:
    stored = put(coach(), {"friday": [window("22:00", end)]})

    assert [("22:00", end)] == windows_of(stored, "friday")
    assert windows_of(stored, "saturday") == []


def test_a_whole_day_is_00_00_to_24_00() -> None:
    stored = put(coach(), {"friday": [window("00:00", "24:00")]})

    assert windows_of(stored, "friday") == [("00:00", "24:00")]


@pytest.mark.parametrize(
    ("windows", "merged"),
    [
        ([("13:00", "15:00"), ("09:00", "12:00"), ("11:00", "14:00")], [("09:00", "15:00")]),
        ([("09:00", "12:00"), ("12:00", "14:00")], [("09:00", "14:00")]),
        ([("09:00", "12:00"), ("09:00", "12:00")], [("09:00", "12:00")]),
        ([("20:00", "23:00"), ("22:00", "02:00")], [("20:00", "02:00")]),
        ([("09:00", "12:00"), ("12:01", "14:00")], [("09:00", "12:00"), ("12:01", "14:00")]),
    ],
)
def test_windows_that_overlap_or_touch_are_merged(
    windows: list[tuple[str, str]], merged: list[tuple[str, str]]
) -> None:
    stored = put(coach(), {"monday": [window(*each) for each in windows]})

    assert merged == windows_of(stored, "monday")


def test_equal_times_are_rejected() -> None:
    week = {"monday": [window("09:00", "09:00")]}

    response = rejection(coach(), role="Coach", timezone="UTC", availability=week)

    assert response == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "week",
    [
        {"monday": [window("9:00", "10:00")]},
        {"monday": [window("24:00", "01:00")]},
        {"monday": [window("09:00", "24:30")]},
        {"monday": [window("09:00", "10:60")]},
        {"monday": [window("09:00\n", "10:00")]},
        {"monday": [window("09:00", "10:00", timezone="Mars/Base")]},
        {"monday": [{"startTime": "09:00"}]},
        {"monday": window("09:00", "10:00")},
        {"monday": [window(f"{n // 4:02}:{n % 4 * 15:02}", "23:59") for n in range(25)]},
        {"Monday": [window("09:00", "10:00")]},
        {"caturday": []},
        [],
    ],
)
def test_an_invalid_week_is_rejected_and_nothing_is_stored(week: Any) -> None:
    who = coach()

    response = rejection(who, role="Coach", timezone="UTC", availability=week)

    assert response == (400, "VALIDATION_ERROR")
    assert call_api("GET", AVAILABILITY, who).data["availability"][0]["useDefaultAvailability"]


def test_availability_may_be_omitted_only_with_use_default_availability() -> None:
    who = coach()

    stored = call_api(
        "PUT",
        AVAILABILITY,
        who,
        body={"role": "coach", "timezone": "Asia/Kolkata", "useDefaultAvailability": True},
    ).data
    assert stored.pop("conflictingSessions") == []

    assert rejection(who, role="Coach", timezone="UTC") == (400, "VALIDATION_ERROR")
    assert (stored["useDefaultAvailability"], stored["timezone"]) == (True, "Asia/Kolkata")
    assert windows_of(stored, "friday") == [("09:00", "17:00")]
    assert [stored] == call_api("GET", AVAILABILITY, who).data["availability"]


@pytest.mark.parametrize("role", ["Coach", "coach", "COACH"])
def test_a_role_is_parsed_case_insensitively_and_returned_in_one_spelling(role: str) -> None:
    assert put(coach(), role=role)["role"] == "Coach"


def test_a_role_the_caller_lacks_is_forbidden() -> None:
    who = coach()

    response = rejection(who, role="Learner", timezone="UTC", availability={})
    moved = call_api(
        "PUT", f"{AVAILABILITY}/timezone", who, body={"role": "Admin", "timezone": "UTC"}
    )

    assert response == (403, "FORBIDDEN")
    assert (moved.status, moved.code) == (403, "FORBIDDEN")


def test_each_role_has_its_own_windows() -> None:
    who = User(fresh_id(), (COACH, LEARNER, ADMIN))

    put(who, {"monday": [window("09:00", "10:00")]})
    put(who, {"monday": [window("11:00", "12:00")]}, role="Learner")

    coach_week, learner_week, admin_week = call_api("GET", AVAILABILITY, who).data["availability"]
    assert windows_of(coach_week, "monday") == [("09:00", "10:00")]
    assert windows_of(learner_week, "monday") == [("11:00", "12:00")]
    assert (
        admin_week["useDefaultAvailability"],
        admin_week["timezone"],
    ) == (True, "Europe/Berlin")


def test_windows_keep_their_wall_clock_times_and_those_of_another_zone_their_zone() -> None:
    who = coach()
    put(who, {"monday": [window("09:00", "12:00", timezone="UTC"), window("22:00", "02:00")]})

    moved = call_api(
        "PUT",
        f"{AVAILABILITY}/timezone",
        who,
        body={"role": "Coach", "timezone": "America/New_York"},
    ).data

    assert moved["timezone"] == "America/New_York"
    assert windows_of(moved, "monday") == [("09:00", "12:00"), ("22:00", "02:00")]
    zones = [each["timezone"] for each in moved["availability"]["monday"]]
    assert zones == ["UTC", "America/New_York"]
    assert moved.pop("conflictingSessions") == []
    assert [moved] == call_api("GET", AVAILABILITY, who).data["availability"]


@pytest.mark.parametrize("path", [AVAILABILITY, f"{AVAILABILITY}/timezone"])
def test_sessions_outside_new_windows_or_a_new_zone_are_named(path: str) -> None:
    who = coach()
    event = book(who, who.id, fresh_id())
    body = {"role": "Coach", "timezone": "Pacific/Auckland"}

    saved = call_api("PUT", path, who, body={**body, "useDefaultAvailability": True}).data
    back = call_api("PUT", path, who, body={**body, "timezone": "UTC", "availability": {}}).data

    assert saved["conflictingSessions"] == [event["id"]]
    is_zone = path != AVAILABILITY
    assert back["conflictingSessions"] == ([] if is_zone else [event["id"]])


def test_setting_only_the_time_zone_keeps_the_default_windows() -> None:
    who = coach()

    moved = call_api(
        "PUT", f"{AVAILABILITY}/timezone", who, body={"role": "Coach", "timezone": "Asia/Tokyo"}
    ).data

    assert (moved["useDefaultAvailability"], moved["timezone"]) == (True, "Asia/Tokyo")
    assert moved["availability"]["monday"][0]["timezone"] == "Asia/Tokyo"


def test_another_users_windows_do_not_change() -> None:
    one, other = coach(), coach()
    put(one, {"monday": [window("09:00", "10:00")]})

    week = {"tuesday": [window("09:00", "10:00")]}
    body = {"role": "Coach", "timezone": "UTC", "availability": week, "userId": one.id}
    assert rejection(other, **body) == (403, "FORBIDDEN")

    unchanged = call_api("GET", AVAILABILITY, one).data["availability"][0]
    assert windows_of(unchanged, "monday") == [("09:00", "10:00")]
    assert windows_of(unchanged, "tuesday") == []


def test_an_admin_sets_and_reads_the_windows_of_another_user() -> None:
    support, who = admin(), coach()

    stored = put(support, {"monday": [window("09:00", "10:00")]}, userId=who.id)

    assert (stored["changedBy"], stored["changedAt"]) == (support.id, "2026-11-23T08:00:00Z")
    assert [stored] == call_api("GET", AVAILABILITY, who).data["availability"]
    read = call_api("GET", AVAILABILITY, support, query={"userId": who.id}).data
    assert (read["userId"], read["availability"][0]) == (who.id, stored)
    assert [each["role"] for each in read["availability"]] == ["Coach", "Learner"]
