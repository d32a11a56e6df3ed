"""What the server's answers mean: a status, a part of what was asked for, too much of it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarTooLarge, CopyGone, ProviderRefused, ProviderUnavailable
from tests.support import icloudish
from tests.support.copies import create, update
from tests.support.loopback_http import Fault
from tests.support.provider_peers import Party, content

TIMEOUT = timedelta(seconds=5)


def entries(party: Party) -> tuple[CalendarEntry, ...]:
    """Read what the calendar holds while the copy would be."""
    return party.provider.entries(party.account, content().interval, timeout=TIMEOUT)


def test_reading_entries_takes_one_request(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    entries(icloudish_party)

    assert [each.method for each in state.seen] == ["REPORT"]


STATUSES = [(403, ProviderRefused), (409, ProviderRefused), (507, ProviderRefused)]
PASSING = [(status, ProviderUnavailable) for status in (408, 421, 423, 500, 502, 503, 504)]


@pytest.mark.parametrize(("status", "expected"), [*STATUSES, *PASSING])
def test_a_status_tells_whether_another_try_helps(
    icloudish_party: Party,
    state: icloudish.Icloudish,
    status: int,
    expected: type[Exception],
) -> None:
    state.fail_next(Fault(status))

    with pytest.raises(expected):
        create(icloudish_party)


def test_a_date_to_retry_after_is_understood(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    state.fail_next(
        Fault(503, {"Retry-After": format_datetime(datetime(2200, 1, 1, tzinfo=UTC), usegmt=True)})
    )

    with pytest.raises(ProviderUnavailable) as caught:
        create(icloudish_party)

    longest = timedelta(days=1)
    assert longest == caught.value.retry_after
    assert caught.value.unsettled


@pytest.mark.parametrize("header", ["soon", "-5", "", "Mon, 01 Jan 2001 00:00:00 GMT"])
def test_a_useless_retry_after_asks_for_no_wait(
    icloudish_party: Party, state: icloudish.Icloudish, header: str
) -> None:
    state.fail_next(Fault(503, {"Retry-After": header}))

    with pytest.raises(ProviderUnavailable) as caught:
        create(icloudish_party)

    assert not caught.value.retry_after


LEFT_OUT = "<response><href>/1234567/calendars/home/x.ics</href>{}</response>"
ONE_MISSING = LEFT_OUT.format("<propstat><prop/><status>HTTP/1.1 500 Oops</status></propstat>")
ONE_DELETED = LEFT_OUT.format("<status>HTTP/1.1 404 Not Found</status>")


def multistatus(inside: str) -> Fault:
    body = f'<multistatus xmlns="DAV:">{inside}</multistatus>'.encode()
    return Fault(207, {"Content-Type": "application/xml"}, body)


def test_an_answer_that_lacks_one_object_is_no_answer(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    state.fail_next(multistatus(ONE_MISSING))

    with pytest.raises(ProviderUnavailable):
        entries(icloudish_party)


def test_an_object_deleted_meanwhile_is_left_out(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    state.fail_next(multistatus(ONE_DELETED))

    found = entries(icloudish_party)

    assert not found


def test_a_part_of_the_objects_is_not_taken_for_all_of_them(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    cut = "<response><href>/x/</href><status>HTTP/1.1 507 Too Much</status></response>"
    state.fail_next(multistatus(cut))

    with pytest.raises(CalendarTooLarge):
        entries(icloudish_party)


def test_a_calendar_of_more_events_than_are_read_is_too_large(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    text = "BEGIN:VEVENT " * 5_001
    data = f'<c:calendar-data xmlns:c="urn:ietf:params:xml:ns:caldav">{text}</c:calendar-data>'
    status = "<status>HTTP/1.1 200 OK</status>"
    state.fail_next(
        multistatus(LEFT_OUT.format(f"<propstat><prop>{data}</prop>{status}</propstat>"))
    )

    with pytest.raises(CalendarTooLarge):
        entries(icloudish_party)


def test_a_uid_the_server_knows_elsewhere_is_refused_for_good(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    body = (
        b'<error xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><c:no-uid-conflict/></error>'
    )
    state.fail_next(Fault(412, {"Content-Type": "application/xml"}, body))

    with pytest.raises(ProviderRefused):
        create(icloudish_party)


def test_a_copy_that_vanishes_while_it_is_created_is_tried_again(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    state.fail_next(Fault(412))

    with pytest.raises(ProviderUnavailable):
        create(icloudish_party)


def test_a_put_that_finds_no_object_says_so(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    ref = create(icloudish_party)
    state.fail_next(Fault(410, method="PUT"))

    with pytest.raises(CopyGone):
        update(icloudish_party, ref)
