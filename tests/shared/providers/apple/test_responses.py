"""The errors raised for a server's responses: by status, for partial and for oversized ones."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarTooLarge, CopyGone, ProviderRejected, ProviderUnavailable
from tests.support import icloud_simulator
from tests.support.copy_calls import create, update
from tests.support.loopback_http import ServerFault
from tests.support.provider_cases import ProviderCase, content

TIMEOUT = timedelta(seconds=5)


def entries(case: ProviderCase) -> tuple[CalendarEntry, ...]:
    """Return the entries at the time of the copy."""
    return case.provider.entries(case.account, content().interval, timeout=TIMEOUT)


def test_reading_entries_takes_one_request(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    entries(icloud_case)

    assert [each.method for each in simulator.requests] == ["REPORT"]


STATUSES = [(403, ProviderRejected), (409, ProviderRejected), (507, ProviderRejected)]
TRANSIENT = [(status, ProviderUnavailable) for status in (408, 421, 423, 500, 502, 503, 504)]


@pytest.mark.parametrize(("status", "expected"), [*STATUSES, *TRANSIENT])
def test_the_status_decides_whether_a_retry_helps(
    icloud_case: ProviderCase,
    simulator: icloud_simulator.IcloudSimulator,
    status: int,
    expected: type[Exception],
) -> None:
    simulator.fail_next(ServerFault(status))

    with pytest.raises(expected):
        create(icloud_case)


def test_a_date_in_retry_after_is_parsed(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    simulator.fail_next(
        ServerFault(
            503, {"Retry-After": format_datetime(datetime(2200, 1, 1, tzinfo=UTC), usegmt=True)}
        )
    )

    with pytest.raises(ProviderUnavailable) as caught:
        create(icloud_case)

    longest = timedelta(days=1)
    assert longest == caught.value.retry_after
    assert caught.value.unsettled


@pytest.mark.parametrize("header", ["soon", "-5", "", "Mon, 01 Jan 2001 00:00:00 GMT"])
def test_an_unusable_retry_after_is_ignored(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator, header: str
) -> None:
    simulator.fail_next(ServerFault(503, {"Retry-After": header}))

    with pytest.raises(ProviderUnavailable) as caught:
        create(icloud_case)

    assert not caught.value.retry_after


LEFT_OUT = "<response><href>/1234567/calendars/home/x.ics</href>{}</response>"
ONE_MISSING = LEFT_OUT.format("<propstat><prop/><status>HTTP/1.1 500 Oops</status></propstat>")
ONE_DELETED = LEFT_OUT.format("<status>HTTP/1.1 404 Not Found</status>")


def multistatus(inside: str) -> ServerFault:
    body = f'<multistatus xmlns="DAV:">{inside}</multistatus>'.encode()
    return ServerFault(207, {"Content-Type": "application/xml"}, body)


def test_a_response_that_lacks_one_object_is_unusable(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    simulator.fail_next(multistatus(ONE_MISSING))

    with pytest.raises(ProviderUnavailable):
        entries(icloud_case)


def test_an_object_deleted_in_the_meantime_is_left_out(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    simulator.fail_next(multistatus(ONE_DELETED))

    result = entries(icloud_case)

    assert not result


def test_a_truncated_list_of_objects_is_too_large(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    cut = "<response><href>/x/</href><status>HTTP/1.1 507 Too Much</status></response>"
    simulator.fail_next(multistatus(cut))

    with pytest.raises(CalendarTooLarge):
        entries(icloud_case)


def test_a_calendar_over_the_event_limit_is_too_large(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    text = "BEGIN:VEVENT " * 5_001
    data = f'<c:calendar-data xmlns:c="urn:ietf:params:xml:ns:caldav">{text}</c:calendar-data>'
    status = "<status>HTTP/1.1 200 OK</status>"
    simulator.fail_next(
        multistatus(LEFT_OUT.format(f"<propstat><prop>{data}</prop>{status}</propstat>"))
    )

    with pytest.raises(CalendarTooLarge):
        entries(icloud_case)


def test_a_calendar_over_the_limit_of_objects_is_too_large(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    gone = LEFT_OUT.format("<status>HTTP/1.1 404 Not Found</status>")
    simulator.fail_next(multistatus(gone * 5_001))

    with pytest.raises(CalendarTooLarge, match="objects"):
        entries(icloud_case)


def test_a_uid_conflict_is_rejected(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    body = (
        b'<error xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><c:no-uid-conflict/></error>'
    )
    simulator.fail_next(ServerFault(412, {"Content-Type": "application/xml"}, body))

    with pytest.raises(ProviderRejected):
        create(icloud_case)


def test_a_copy_deleted_while_it_is_created_is_retried(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    simulator.fail_next(ServerFault(412))

    with pytest.raises(ProviderUnavailable):
        create(icloud_case)


def test_a_put_to_a_missing_object_raises_copy_gone(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)
    simulator.fail_next(ServerFault(410, method="PUT"))

    with pytest.raises(CopyGone):
        update(icloud_case, ref)
