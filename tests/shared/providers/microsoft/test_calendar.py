"""Reading a Microsoft calendar: pages, bounds, and whom the token is sent to."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from infra.local.simulators.microsoft import PERSONAL_EMAIL
from infra.local.simulators.microsoft_mailbox import CALENDAR_ID
from shared.domain.copy import CalendarEntry
from shared.domain.credential import OAuthCredential
from shared.domain.errors import (
    AccessExpired,
    CalendarGarbled,
    CalendarTooLarge,
    CredentialDead,
    ProviderRefused,
    ProviderUnavailable,
)
from shared.domain.interval import Interval
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_peer import (
    EXPIRES_AT,
    TIMEOUT,
    MicrosoftPeer,
    graph_error,
    microsoft_party,
)
from tests.support.provider_peers import START, Party

HOUR = timedelta(hours=1)
DAY = Interval(START - 12 * HOUR, START + 12 * HOUR)


def entries(party: Party, within: Interval = DAY) -> tuple[CalendarEntry, ...]:
    return party.provider.entries(party.account, within, timeout=TIMEOUT)


def titles(party: Party, within: Interval = DAY) -> list[str]:
    return [each.title for each in entries(party, within)]


def fill(peer: MicrosoftPeer, count: int) -> None:
    for number in range(count):
        peer.add_entry(f"entry {number}", Interval(START, START + HOUR))


def test_one_request_reads_a_day_and_one_reads_a_month(party: Party, peer: MicrosoftPeer) -> None:
    fill(peer, 3)

    entries(party)
    entries(party, Interval(START, START + timedelta(days=31)))

    assert 2 == peer.requests()


def test_only_what_is_needed_is_asked_for(party: Party, peer: MicrosoftPeer) -> None:
    entries(party)

    (asked,) = peer.simulator.requests
    assert "/v1.0/me/calendars/AQMkADAw%2FCalendar%2BPrimary%3D%3D/calendarView" == asked["path"]
    assert {"startDateTime", "endDateTime", "$select", "$expand", "$top"} == set(asked["query"])
    assert "body" not in asked["query"]["$select"]
    assert "2026-03-01T10:00:00Z" == asked["query"]["startDateTime"]


def test_every_page_is_read_and_an_empty_one_is_not_the_last(
    party: Party, peer: MicrosoftPeer
) -> None:
    fill(peer, 2_100)
    peer.simulator.break_next({"kind": "empty_page"})

    assert 2_100 == len(entries(party))
    assert 4 == peer.requests()


def test_a_failing_page_makes_the_whole_calendar_unknown(party: Party, peer: MicrosoftPeer) -> None:
    fill(peer, 1_100)
    peer.simulator.break_next({"kind": "slow", "seconds": 0})
    peer.simulator.break_next(graph_error(429, "x", **{"Retry-After": "7"}))

    with pytest.raises(ProviderUnavailable) as caught:
        entries(party)

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
def test_a_next_page_on_another_server_never_sees_the_token(
    party: Party, peer: MicrosoftPeer, link: str | int
) -> None:
    port = peer.simulator.url.rpartition(":")[2]
    told = link.format(port=port) if isinstance(link, str) else link
    peer.simulator.break_next({"kind": "next_link", "link": told})

    with pytest.raises(CalendarGarbled):
        entries(party)

    assert 1 == peer.requests()


def test_a_next_page_is_asked_for_exactly_as_it_was_given(
    party: Party, peer: MicrosoftPeer
) -> None:
    path = "/v1.0/me/calendar/calendarView"
    query = "startDateTime=2026-03-02T00%3A00%3A00%2B01%3A00&endDateTime=2026-03-03&%24top=5"
    link = f"{peer.simulator.url}{path}?{query}"
    peer.simulator.break_next({"kind": "next_link", "link": link})

    entries(party)

    assert link == str(peer.transport.exchanges[-1].request.url)


def test_pages_that_lead_around_in_a_circle_end(party: Party, peer: MicrosoftPeer) -> None:
    link = f"{peer.simulator.graph_url}/me/events"
    peer.simulator.break_next({"kind": "next_link", "link": link}, times=9)

    with pytest.raises(CalendarGarbled):
        entries(party)

    assert 2 == peer.requests()


def test_a_calendar_of_too_many_occurrences_is_too_large(party: Party, peer: MicrosoftPeer) -> None:
    pattern = {"type": "daily", "interval": 1}
    limits = {"type": "noEnd", "startDate": "2010-01-01"}
    start = {"dateTime": "2010-01-01T09:00:00", "timeZone": "Europe/Berlin"}
    peer.put(start=start, end=start, recurrence={"pattern": pattern, "range": limits})

    with pytest.raises(CalendarTooLarge):
        entries(party, Interval(datetime(2010, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)))


def test_pages_of_over_five_megabytes_together_are_too_large(
    party: Party, peer: MicrosoftPeer
) -> None:
    for _ in range(6):
        peer.put(subject="x" * 990_000)
    top = peer.simulator.graph_url + "/me/calendar/events?%24top=1&%24skip="
    for number in range(6):
        peer.simulator.break_next({"kind": "next_link", "link": f"{top}{number}"})

    with pytest.raises(CalendarTooLarge):
        entries(party, Interval(START + 500 * HOUR, START + 501 * HOUR))


def test_occurrences_of_a_series_keep_its_wall_clock_over_a_clock_change(
    party: Party, peer: MicrosoftPeer
) -> None:
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]}
    limits = {"type": "endDate", "startDate": "2026-03-23", "endDate": "2026-04-06"}
    peer.put(
        subject="Weekly",
        start={"dateTime": "2026-03-23T09:00:00", "timeZone": "Europe/Berlin"},
        end={"dateTime": "2026-03-23T10:00:00", "timeZone": "Europe/Berlin"},
        recurrence={"pattern": pattern, "range": limits},
    )

    found = entries(party, Interval(START, START + timedelta(days=60)))

    assert [(23, 8), (30, 7), (6, 7)] == [
        (each.interval.start.day, each.interval.start.hour) for each in found
    ]
    assert 3 == len({each.external_id for each in found})


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
def test_an_all_day_event_is_found_on_its_date_where_the_mailbox_is(
    zone: str, before: datetime, within: datetime, after: datetime
) -> None:
    with microsoft_party(zone=zone) as party:
        peer = cast("MicrosoftPeer", party.peer)
        peer.mailbox.zone = zone
        start, end = (
            {"dateTime": f"2026-06-{day}T00:00:00", "timeZone": zone} for day in ("10", "11")
        )
        peer.put(subject="Off", start=start, end=end, isAllDay=True)

        found = [
            titles(party, Interval(each, each + HOUR))
            for each in (before, within, after - HOUR, after)
        ]

    assert [[], ["Off"], ["Off"], []] == found


@pytest.mark.parametrize("zone", ["W. Europe Standard Time", "tzone://Microsoft/Custom", "utc"])
def test_times_in_a_zone_that_was_not_asked_for_make_the_calendar_unknown(
    party: Party, peer: MicrosoftPeer, zone: str
) -> None:
    fill(peer, 1)
    peer.simulator.break_next({"kind": "zone", "zone": zone})

    with pytest.raises(CalendarGarbled):
        entries(party)


@pytest.mark.parametrize("body", [{"value": None}, {"value": [7]}, {"answer": 1}, [1], "x"])
def test_an_answer_that_is_no_list_is_never_an_empty_calendar(
    party: Party, peer: MicrosoftPeer, body: object
) -> None:
    peer.simulator.break_next({"status": 200, "body": body})

    with pytest.raises(ProviderUnavailable):
        entries(party)


def test_a_calendar_the_user_removed_is_refused(party: Party, peer: MicrosoftPeer) -> None:
    peer.mailbox.calendars.clear()

    with pytest.raises(ProviderRefused):
        entries(party)


def test_a_personal_account_is_read_like_any_other(party: Party, peer: MicrosoftPeer) -> None:
    access, _ = peer.simulator.sign_ins.grant(PERSONAL_EMAIL, SCOPES)
    credential = OAuthCredential(access_token=access, expires_at=EXPIRES_AT).to_text()
    peer.simulator.mailbox(PERSONAL_EMAIL).create(
        CALENDAR_ID,
        {
            "subject": "Yoga",
            "start": {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-02T11:00:00", "timeZone": "UTC"},
        },
    )
    personal = dataclasses.replace(
        party, account=dataclasses.replace(party.account, credential=credential)
    )

    assert ["Yoga"] == titles(personal)


def test_an_expired_token_asks_for_a_fresh_one(party: Party, peer: MicrosoftPeer) -> None:
    peer.simulator.sign_ins.expire_access_tokens()

    with pytest.raises(AccessExpired):
        entries(party)


def test_a_grant_that_does_not_suffice_asks_the_user_to_reconnect(
    party: Party, peer: MicrosoftPeer
) -> None:
    access, _ = peer.simulator.sign_ins.grant(party.account.connection.email, frozenset({"email"}))
    credential = OAuthCredential(access_token=access, expires_at=EXPIRES_AT).to_text()

    with pytest.raises(CredentialDead):
        entries(
            dataclasses.replace(
                party, account=dataclasses.replace(party.account, credential=credential)
            )
        )
