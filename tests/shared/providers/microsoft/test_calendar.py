"""Reading a Microsoft calendar: pages, limits, and the servers that get the token."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from infra.local.simulators.microsoft import PERSONAL_EMAIL
from infra.local.simulators.microsoft.mailbox import CALENDAR_ID
from shared.domain.connection import OAuthCredential
from shared.domain.copy import CalendarEntry
from shared.domain.errors import (
    AccessExpired,
    CalendarMalformed,
    CalendarTooLarge,
    CredentialInvalid,
    ProviderRejected,
    ProviderUnavailable,
)
from shared.domain.interval import Interval
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_test_server import (
    EXPIRES_AT,
    TIMEOUT,
    MicrosoftTestServer,
    graph_error,
    microsoft_case,
)
from tests.support.provider_cases import START, ProviderCase

HOUR = timedelta(hours=1)
DAY = Interval(START - 12 * HOUR, START + 12 * HOUR)


def entries(case: ProviderCase, within: Interval = DAY) -> tuple[CalendarEntry, ...]:
    return case.provider.entries(case.account, within, timeout=TIMEOUT)


def titles(case: ProviderCase, within: Interval = DAY) -> list[str]:
    return [each.title for each in entries(case, within)]


def add_entries(server: MicrosoftTestServer, count: int) -> None:
    for number in range(count):
        server.add_entry(f"entry {number}", Interval(START, START + HOUR))


def test_one_request_reads_a_day_and_one_reads_a_month(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    add_entries(server, 3)

    entries(case)
    entries(case, Interval(START, START + timedelta(days=31)))

    assert 2 == server.requests()


def test_only_the_needed_fields_are_requested(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    entries(case)

    (request,) = server.simulator.requests
    assert "/v1.0/me/calendars/AQMkADAw%2FCalendar%2BPrimary%3D%3D/calendarView" == request["path"]
    assert {"startDateTime", "endDateTime", "$select", "$expand", "$top"} == set(request["query"])
    assert "body" not in request["query"]["$select"]
    assert "2026-03-01T10:00:00Z" == request["query"]["startDateTime"]


def test_every_page_is_read_and_an_empty_page_is_not_the_last(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    add_entries(server, 2_100)
    server.simulator.break_next({"kind": "empty_page"})

    assert 2_100 == len(entries(case))
    assert 4 == server.requests()


def test_a_failed_page_makes_the_calendar_unreadable(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    add_entries(server, 1_100)
    server.simulator.break_next({"kind": "slow", "seconds": 0})
    server.simulator.break_next(graph_error(429, "x", **{"Retry-After": "7"}))

    with pytest.raises(ProviderUnavailable) as caught:
        entries(case)

    assert timedelta(seconds=7) == caught.value.retry_after


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/me/events",
        "https://127.0.0.1:{port}/v1.0/me/events",
        "http://127.0.0.1/v1.0/me/events",
        "http://127.0.0.1:1/v1.0/me/events",
        "http://127.0.0.1:{port}@evil.example/v1.0",
        "http://evil.example@127.0.0.1:{port}/v1.0",
        "http://127.0.0.1.evil.example:{port}/v1.0",
        "//evil.example/v1.0",
        "/v1.0/me/events",
        "http://[broken",
        "",
        7,
    ],
)
def test_a_next_page_on_another_server_never_gets_the_token(
    case: ProviderCase, server: MicrosoftTestServer, link: str | int
) -> None:
    port = server.simulator.url.rpartition(":")[2]
    next_link = link.format(port=port) if isinstance(link, str) else link
    server.simulator.break_next({"kind": "next_link", "link": next_link})

    with pytest.raises(CalendarMalformed):
        entries(case)

    assert 1 == server.requests()


def test_a_next_page_is_requested_with_the_exact_link(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    path = "/v1.0/me/calendar/calendarView"
    query = "startDateTime=2026-03-02T00%3A00%3A00%2B01%3A00&endDateTime=2026-03-03&%24top=5"
    link = f"{server.simulator.url}{path}?{query}"
    server.simulator.break_next({"kind": "next_link", "link": link})

    entries(case)

    assert link == str(server.transport.exchanges[-1].request.url)


def test_a_repeated_next_link_is_rejected(case: ProviderCase, server: MicrosoftTestServer) -> None:
    link = f"{server.simulator.graph_url}/me/events"
    server.simulator.break_next({"kind": "next_link", "link": link}, times=9)

    with pytest.raises(CalendarMalformed):
        entries(case)

    assert 2 == server.requests()


def test_a_calendar_with_too_many_occurrences_is_too_large(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    pattern = {"type": "daily", "interval": 1}
    limits = {"type": "noEnd", "startDate": "2010-01-01"}
    start = {"dateTime": "2010-01-01T09:00:00", "timeZone": "Europe/Berlin"}
    server.put(start=start, end=start, recurrence={"pattern": pattern, "range": limits})

    with pytest.raises(CalendarTooLarge):
        entries(case, Interval(datetime(2010, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)))


def test_pages_over_five_megabytes_in_total_are_too_large(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    for _ in range(6):
        server.put(subject="x" * 990_000)
    top = server.simulator.graph_url + "/me/calendar/events?%24top=1&%24skip="
    for number in range(6):
        server.simulator.break_next({"kind": "next_link", "link": f"{top}{number}"})

    with pytest.raises(CalendarTooLarge):
        entries(case, Interval(START + 500 * HOUR, START + 501 * HOUR))


def test_occurrences_of_a_series_keep_their_local_time_over_a_clock_change(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]}
    limits = {"type": "endDate", "startDate": "2026-03-23", "endDate": "2026-04-06"}
    server.put(
        subject="Weekly",
        start={"dateTime": "2026-03-23T09:00:00", "timeZone": "Europe/Berlin"},
        end={"dateTime": "2026-03-23T10:00:00", "timeZone": "Europe/Berlin"},
        recurrence={"pattern": pattern, "range": limits},
    )

    result = entries(case, Interval(START, START + timedelta(days=60)))

    assert [(23, 8), (30, 7), (6, 7)] == [
        (each.interval.start.day, each.interval.start.hour) for each in result
    ]
    assert 3 == len({each.external_id for each in result})


@pytest.mark.parametrize(
    ("zone", "before", "within", "after"),
    [
        (
            "Pacific/Auckland",
            datetime(2026, 6, 9, 11, tzinfo=UTC),
            datetime(2026, 6, 9, 12, tzinfo=UTC),
            datetime(2026, 6, 10, 12, tzinfo=UTC),
        ),
        (
            "Pacific/Honolulu",
            datetime(2026, 6, 10, 9, tzinfo=UTC),
            datetime(2026, 6, 10, 10, tzinfo=UTC),
            datetime(2026, 6, 11, 10, tzinfo=UTC),
        ),
    ],
)
def test_an_all_day_event_is_found_on_its_date_in_the_mailboxs_zone(
    zone: str, before: datetime, within: datetime, after: datetime
) -> None:
    with microsoft_case(zone=zone) as case:
        server = cast("MicrosoftTestServer", case.server)
        server.mailbox.zone = zone
        start, end = (
            {"dateTime": f"2026-06-{day}T00:00:00", "timeZone": zone} for day in ("10", "11")
        )
        server.put(subject="Off", start=start, end=end, isAllDay=True)

        result = [
            titles(case, Interval(each, each + HOUR))
            for each in (before, within, after - HOUR, after)
        ]

    assert [[], ["Off"], ["Off"], []] == result


@pytest.mark.parametrize("zone", ["W. Europe Standard Time", "tzone://Microsoft/Custom"])
def test_times_in_an_unrequested_zone_make_the_calendar_unreadable(
    case: ProviderCase, server: MicrosoftTestServer, zone: str
) -> None:
    add_entries(server, 1)
    server.simulator.break_next({"kind": "zone", "zone": zone})

    with pytest.raises(CalendarMalformed):
        entries(case)


@pytest.mark.parametrize("body", [{"value": None}, {"value": [7]}, {"answer": 1}, [1], "x"])
def test_a_response_that_is_not_a_list_never_counts_as_an_empty_calendar(
    case: ProviderCase, server: MicrosoftTestServer, body: object
) -> None:
    server.simulator.break_next({"status": 200, "body": body})

    with pytest.raises(ProviderUnavailable):
        entries(case)


def test_a_calendar_the_user_removed_is_rejected(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    server.mailbox.calendars.clear()

    with pytest.raises(ProviderRejected):
        entries(case)


def test_a_personal_account_is_read_like_any_other(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    access, _ = server.simulator.sign_ins.grant(PERSONAL_EMAIL, SCOPES)
    credential = OAuthCredential(access_token=access, expires_at=EXPIRES_AT).to_text()
    server.simulator.mailbox(PERSONAL_EMAIL).create(
        CALENDAR_ID,
        {
            "subject": "Yoga",
            "start": {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-02T11:00:00", "timeZone": "UTC"},
        },
    )
    personal = dataclasses.replace(
        case, account=dataclasses.replace(case.account, credential=credential)
    )

    assert ["Yoga"] == titles(personal)


def test_an_expired_token_raises_access_expired(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    server.simulator.sign_ins.expire_access_tokens()

    with pytest.raises(AccessExpired):
        entries(case)


def test_an_insufficient_grant_is_an_invalid_credential(
    case: ProviderCase, server: MicrosoftTestServer
) -> None:
    access, _ = server.simulator.sign_ins.grant(case.account.connection.email, frozenset({"email"}))
    credential = OAuthCredential(access_token=access, expires_at=EXPIRES_AT).to_text()

    with pytest.raises(CredentialInvalid):
        entries(
            dataclasses.replace(
                case, account=dataclasses.replace(case.account, credential=credential)
            )
        )
