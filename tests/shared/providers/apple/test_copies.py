"""Writes under conditions, against a server with iCloud's measured ways."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import cast

import pytest

from shared.domain.copy import CopyRef
from shared.domain.errors import CalendarTooLarge, CopyGone, ProviderRefused, ProviderUnavailable
from tests.support import icloudish
from tests.support.loopback_http import Fault, Seen
from tests.support.provider_peers import IcloudishPeer, Party, content

TIMEOUT = timedelta(seconds=5)
PATH = f"{icloudish.CALENDAR}{content().key}.ics"


@pytest.fixture
def state(icloudish_party: Party) -> icloudish.Icloudish:
    return cast("IcloudishPeer", icloudish_party.peer).state


def create(party: Party) -> CopyRef:
    return party.provider.create_copy(party.account, content(), timeout=TIMEOUT)


def update(party: Party, ref: CopyRef) -> CopyRef:
    return party.provider.update_copy(party.account, ref, content(title="New"), timeout=TIMEOUT)


def delete(party: Party, ref: CopyRef | None) -> None:
    party.provider.delete_copy(party.account, ref, key=content().key, timeout=TIMEOUT)


def sent(state: icloudish.Icloudish, method: str) -> list[Seen]:
    return [each for each in state.seen if each.method == method]


def test_every_write_is_conditional_and_mails_nobody(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    ref = create(icloudish_party)
    delete(icloudish_party, update(icloudish_party, ref))

    expected = [(None, "*"), ('"v1"', None)]
    puts = sent(state, "PUT")
    assert expected == [
        (put.headers.get("if-match"), put.headers.get("if-none-match")) for put in puts
    ]
    assert [each.headers.get("if-match") for each in sent(state, "DELETE")] == ['"v2"']
    bodies = "".join(put.body for put in puts)
    assert not [word for word in ("ORGANIZER", "ATTENDEE", "METHOD", "TZID") if word in bodies]


def test_an_etag_the_answer_leaves_out_is_asked_for(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    state.tells_etag_of_put = False

    ref = create(icloudish_party)

    expected = '"v1"'
    assert expected == ref.etag


def test_a_weak_etag_is_neither_kept_nor_used(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    state.weak_etags = True

    refs = [create(icloudish_party)]
    refs.append(update(icloudish_party, refs[0]))
    delete(icloudish_party, replace(refs[1], etag='W/"v2"'))

    assert [each.etag for each in refs] == [None, None]
    assert not [each for each in state.seen if "if-match" in each.headers]
    assert not state.objects


def test_an_edit_that_comes_between_is_read_and_merged_again(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    ref = create(icloudish_party)
    edits = count()

    def edit_before_write(seen: Seen) -> None:
        if seen.method == "PUT" and next(edits) < 2:
            icloudish_party.peer.decorate(ref.external_id)

    state.before = edit_before_write

    update(icloudish_party, ref)

    assert icloudish_party.peer.is_decorated(ref.external_id)
    assert "SUMMARY:New" in state.objects[PATH][0]


def test_a_copy_that_never_holds_still_is_left_for_later(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    ref = create(icloudish_party)

    def edit_before_write(seen: Seen) -> None:
        if seen.method in ("PUT", "DELETE"):
            state.put(PATH, state.objects[PATH][0])

    state.before = edit_before_write

    with pytest.raises(ProviderUnavailable):
        update(icloudish_party, ref)
    with pytest.raises(ProviderUnavailable):
        delete(icloudish_party, ref)


def test_a_copy_deleted_while_it_is_updated_is_gone_and_not_made_again(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    ref = create(icloudish_party)

    def delete_before_write(seen: Seen) -> None:
        if seen.method == "PUT":
            state.objects.pop(PATH, None)

    state.before = delete_before_write

    with pytest.raises(CopyGone):
        update(icloudish_party, ref)
    assert not state.objects


def test_a_copy_the_user_moved_to_another_calendar_is_not_made_twice(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    create(icloudish_party)
    state.objects[PATH.replace("/home/", "/work/")] = state.objects.pop(PATH)

    with pytest.raises(ProviderRefused):
        create(icloudish_party)

    assert len(state.objects) == 1


def test_a_copy_the_user_cancelled_counts_as_gone_and_comes_back_when_created(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    ref = create(icloudish_party)
    cancelled = state.objects[PATH][0].replace("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT")
    state.put(PATH, cancelled)

    with pytest.raises(CopyGone):
        update(icloudish_party, ref)
    create(icloudish_party)

    assert "CANCELLED" not in state.objects[PATH][0]


def test_an_update_that_changes_nothing_writes_nothing(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    ref = create(icloudish_party)

    again = icloudish_party.provider.update_copy(
        icloudish_party.account, ref, content(sequence=4), timeout=TIMEOUT
    )

    assert ref == again
    assert len(sent(state, "PUT")) == 1


def test_reading_entries_takes_one_request(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    within = content().interval

    icloudish_party.provider.entries(icloudish_party.account, within, timeout=TIMEOUT)

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
        icloudish_party.provider.entries(
            icloudish_party.account, content().interval, timeout=TIMEOUT
        )


def test_an_object_deleted_meanwhile_is_left_out(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    state.fail_next(multistatus(ONE_DELETED))

    found = icloudish_party.provider.entries(
        icloudish_party.account, content().interval, timeout=TIMEOUT
    )

    assert not found


def test_a_part_of_the_objects_is_not_taken_for_all_of_them(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    cut = "<response><href>/x/</href><status>HTTP/1.1 507 Too Much</status></response>"
    state.fail_next(multistatus(cut))

    with pytest.raises(CalendarTooLarge):
        icloudish_party.provider.entries(
            icloudish_party.account, content().interval, timeout=TIMEOUT
        )


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
        icloudish_party.provider.entries(
            icloudish_party.account, content().interval, timeout=TIMEOUT
        )


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


def test_something_else_in_the_place_of_a_copy_is_not_updated(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    ref = create(icloudish_party)
    state.put(PATH, state.objects[PATH][0].replace(content().key, "another"))

    with pytest.raises(ProviderRefused):
        update(icloudish_party, ref)


def test_a_put_that_finds_no_object_says_so(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    ref = create(icloudish_party)
    state.fail_next(Fault(410, method="PUT"))

    with pytest.raises(CopyGone):
        update(icloudish_party, ref)
