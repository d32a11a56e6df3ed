from typing import Any

import pytest

from tests.support.api import ADMIN, COACH, LEARNER
from tests.support.service import User, ask, coach, fresh_id

pytestmark = pytest.mark.usefixtures("service")

AVAILABILITY = "/api/v1/availability"
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def window(start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"startTime": start, "endTime": end, **more}


def put(who: User, week: dict[str, Any] | None = None, **changes: Any) -> Any:
    body = {"role": "Coach", "timezone": "Europe/Berlin", "availability": week or {}, **changes}
    answer = ask("PUT", AVAILABILITY, who, body=body)
    assert answer.status == 200, answer.json
    return answer.data


def told(stored: Any, day: str) -> list[tuple[str, str]]:
    return [(each["startTime"], each["endTime"]) for each in stored["availability"][day]]


def refused(who: User, **body: Any) -> tuple[int, str]:
    answer = ask("PUT", AVAILABILITY, who, body=body)
    return answer.status, answer.code


def test_roles_are_those_of_the_token_in_the_contracts_spelling() -> None:
    who = User(fresh_id(), ("admin", "COACH", "Gardener"))

    answer = ask("GET", f"{AVAILABILITY}/roles", who)

    assert {"userId": who.id, "roles": ["Coach", "Admin"]} == answer.data


def test_a_role_never_set_answers_the_default_windows() -> None:
    who = User(fresh_id(), (LEARNER, COACH))

    data = ask("GET", AVAILABILITY, who).data

    assert who.id == data["userId"]
    assert [each["role"] for each in data["availability"]] == ["Coach", "Learner"]
    first = data["availability"][0]
    assert (first["useDefaultAvailability"], first["timezone"]) == (True, "UTC")
    assert told(first, "monday") == [("09:00", "17:00")]
    assert told(first, "sunday") == []


def test_stored_windows_are_answered_and_read_back_as_they_are() -> None:
    who = coach()

    stored = put(who, {"monday": [window("09:00", "12:30"), window("14:00", "18:00")]})

    assert (stored["useDefaultAvailability"], stored["timezone"]) == (False, "Europe/Berlin")
    assert told(stored, "monday") == [("09:00", "12:30"), ("14:00", "18:00")]
    assert [each for day in DAYS if day != "monday" for each in told(stored, day)] == []
    assert [stored] == ask("GET", AVAILABILITY, who).data["availability"]


def test_the_weekday_key_decides_and_day_of_week_is_ignored() -> None:
    stored = put(coach(), {"sunday": [window("09:00", "10:00", dayOfWeek=4)]})

    assert [each["dayOfWeek"] for each in stored["availability"]["sunday"]] == [0]
    assert told(stored, "thursday") == []


def test_a_window_may_have_a_zone_of_its_own() -> None:
    stored = put(
        coach(),
        {"monday": [window("09:00", "10:00", timezone="Asia/Kolkata"), window("11:00", "12:00")]},
    )

    zones = [each["timezone"] for each in stored["availability"]["monday"]]
    assert zones == ["Asia/Kolkata", "Europe/Berlin"]


@pytest.mark.parametrize("end", ["02:00", "00:00", "24:00"])
def test_a_window_may_run_to_or_through_midnight(end: str) -> None:
    stored = put(coach(), {"friday": [window("22:00", end)]})

    assert [("22:00", end)] == told(stored, "friday")
    assert told(stored, "saturday") == []


def test_a_whole_day_is_00_00_to_24_00() -> None:
    stored = put(coach(), {"friday": [window("00:00", "24:00")]})

    assert told(stored, "friday") == [("00:00", "24:00")]


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        ([("13:00", "15:00"), ("09:00", "12:00"), ("11:00", "14:00")], [("09:00", "15:00")]),
        ([("09:00", "12:00"), ("12:00", "14:00")], [("09:00", "14:00")]),
        ([("09:00", "12:00"), ("09:00", "12:00")], [("09:00", "12:00")]),
        ([("20:00", "23:00"), ("22:00", "02:00")], [("20:00", "02:00")]),
        ([("09:00", "12:00"), ("12:01", "14:00")], [("09:00", "12:00"), ("12:01", "14:00")]),
    ],
)
def test_windows_that_overlap_or_touch_are_merged(
    given: list[tuple[str, str]], merged: list[tuple[str, str]]
) -> None:
    stored = put(coach(), {"monday": [window(*each) for each in given]})

    assert merged == told(stored, "monday")


def test_equal_times_are_refused() -> None:
    week = {"monday": [window("09:00", "09:00")]}

    answer = refused(coach(), role="Coach", timezone="UTC", availability=week)

    assert answer == (400, "VALIDATION_ERROR")


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
def test_a_week_that_is_none_is_refused_and_nothing_is_stored(week: Any) -> None:
    who = coach()

    answer = refused(who, role="Coach", timezone="UTC", availability=week)

    assert answer == (400, "VALIDATION_ERROR")
    assert ask("GET", AVAILABILITY, who).data["availability"][0]["useDefaultAvailability"]


def test_availability_may_be_left_out_only_with_the_default_choice() -> None:
    who = coach()

    stored = ask(
        "PUT",
        AVAILABILITY,
        who,
        body={"role": "coach", "timezone": "Asia/Kolkata", "useDefaultAvailability": True},
    ).data

    assert refused(who, role="Coach", timezone="UTC") == (400, "VALIDATION_ERROR")
    assert (stored["useDefaultAvailability"], stored["timezone"]) == (True, "Asia/Kolkata")
    assert told(stored, "friday") == [("09:00", "17:00")]
    assert [stored] == ask("GET", AVAILABILITY, who).data["availability"]


@pytest.mark.parametrize("role", ["Coach", "coach", "COACH"])
def test_a_role_is_read_in_any_case_and_answered_in_one(role: str) -> None:
    assert put(coach(), role=role)["role"] == "Coach"


def test_a_role_the_caller_lacks_is_forbidden() -> None:
    who = coach()

    answer = refused(who, role="Learner", timezone="UTC", availability={})
    moved = ask("PUT", f"{AVAILABILITY}/timezone", who, body={"role": "Admin", "timezone": "UTC"})

    assert answer == (403, "FORBIDDEN")
    assert (moved.status, moved.code) == (403, "FORBIDDEN")


def test_roles_have_windows_of_their_own() -> None:
    who = User(fresh_id(), (COACH, LEARNER, ADMIN))

    put(who, {"monday": [window("09:00", "10:00")]})
    put(who, {"monday": [window("11:00", "12:00")]}, role="Learner")

    coach_week, learner_week, admin_week = ask("GET", AVAILABILITY, who).data["availability"]
    assert told(coach_week, "monday") == [("09:00", "10:00")]
    assert told(learner_week, "monday") == [("11:00", "12:00")]
    assert (
        admin_week["useDefaultAvailability"],
        admin_week["timezone"],
    ) == (True, "Europe/Berlin")


def test_windows_keep_their_wall_clock_when_the_zone_moves() -> None:
    who = coach()
    put(who, {"monday": [window("09:00", "12:00", timezone="UTC"), window("22:00", "02:00")]})

    moved = ask(
        "PUT",
        f"{AVAILABILITY}/timezone",
        who,
        body={"role": "Coach", "timezone": "America/New_York"},
    ).data

    assert moved["timezone"] == "America/New_York"
    assert told(moved, "monday") == [("09:00", "12:00"), ("22:00", "02:00")]
    assert {"America/New_York"} == {each["timezone"] for each in moved["availability"]["monday"]}
    assert [moved] == ask("GET", AVAILABILITY, who).data["availability"]


def test_a_zone_set_first_keeps_the_default_windows() -> None:
    who = coach()

    moved = ask(
        "PUT", f"{AVAILABILITY}/timezone", who, body={"role": "Coach", "timezone": "Asia/Tokyo"}
    ).data

    assert (moved["useDefaultAvailability"], moved["timezone"]) == (True, "Asia/Tokyo")
    assert moved["availability"]["monday"][0]["timezone"] == "Asia/Tokyo"


def test_somebody_elses_windows_stay_as_they_are() -> None:
    one, other = coach(), coach()
    put(one, {"monday": [window("09:00", "10:00")]})

    put(other, {"tuesday": [window("09:00", "10:00")]}, userId=one.id)

    kept = ask("GET", AVAILABILITY, one).data["availability"][0]
    assert told(kept, "monday") == [("09:00", "10:00")]
    assert told(kept, "tuesday") == []
