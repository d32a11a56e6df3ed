"""Conditional writes, against a server with the measured behaviour of iCloud."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from shared.domain.errors import CopyGone, ProviderRejected, ProviderUnavailable
from tests.support import icloud_simulator
from tests.support.copy_calls import create, delete, update
from tests.support.loopback_http import ReceivedRequest
from tests.support.provider_cases import ProviderCase, content

TIMEOUT = timedelta(seconds=5)
PATH = f"{icloud_simulator.CALENDAR}{content().key}.ics"


def requests_sent(
    simulator: icloud_simulator.IcloudSimulator, method: str
) -> list[ReceivedRequest]:
    return [each for each in simulator.requests if each.method == method]


def test_every_write_is_conditional_and_sends_no_mail(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)
    delete(icloud_case, update(icloud_case, ref))

    expected = [(None, "*"), ('"v1"', None)]
    puts = requests_sent(simulator, "PUT")
    assert expected == [
        (put.headers.get("if-match"), put.headers.get("if-none-match")) for put in puts
    ]
    assert [each.headers.get("if-match") for each in requests_sent(simulator, "DELETE")] == ['"v2"']
    bodies = "".join(put.body for put in puts)
    assert not [word for word in ("ORGANIZER", "ATTENDEE", "METHOD", "TZID") if word in bodies]


def test_an_etag_missing_from_the_response_is_requested(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    simulator.returns_etag_of_put = False

    ref = create(icloud_case)

    expected = '"v1"'
    assert expected == ref.etag


def test_a_weak_etag_is_neither_stored_nor_used(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    simulator.weak_etags = True

    refs = [create(icloud_case)]
    refs.append(update(icloud_case, refs[0]))
    delete(icloud_case, replace(refs[1], etag='W/"v2"'))

    assert [each.etag for each in refs] == [None, None]
    assert not [each for each in simulator.requests if "if-match" in each.headers]
    assert not simulator.objects


def test_a_concurrent_edit_is_read_and_merged_again(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)
    edits = count()

    def edit_before_write(request: ReceivedRequest) -> None:
        if request.method == "PUT" and next(edits) < 2:
            icloud_case.server.decorate(ref.external_id)

    simulator.before = edit_before_write

    update(icloud_case, ref)

    assert icloud_case.server.is_decorated(ref.external_id)
    assert "SUMMARY:New" in simulator.objects[PATH][0]


def test_a_copy_that_keeps_changing_is_retried_later(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)

    def edit_before_write(request: ReceivedRequest) -> None:
        if request.method in ("PUT", "DELETE"):
            simulator.put(PATH, simulator.objects[PATH][0])

    simulator.before = edit_before_write

    with pytest.raises(ProviderUnavailable):
        update(icloud_case, ref)
    with pytest.raises(ProviderUnavailable):
        delete(icloud_case, ref)


def test_a_copy_deleted_during_an_update_raises_copy_gone_and_is_not_created_again(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)

    def delete_before_write(request: ReceivedRequest) -> None:
        if request.method == "PUT":
            simulator.objects.pop(PATH, None)

    simulator.before = delete_before_write

    with pytest.raises(CopyGone):
        update(icloud_case, ref)
    assert not simulator.objects


def test_a_copy_the_user_moved_to_another_calendar_is_not_created_twice(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    create(icloud_case)
    simulator.objects[PATH.replace("/home/", "/work/")] = simulator.objects.pop(PATH)

    with pytest.raises(ProviderRejected):
        create(icloud_case)

    assert len(simulator.objects) == 1


def test_a_cancelled_copy_raises_copy_gone_and_is_restored_by_a_create(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)
    cancelled = simulator.objects[PATH][0].replace("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT")
    simulator.put(PATH, cancelled)

    with pytest.raises(CopyGone):
        update(icloud_case, ref)
    create(icloud_case)

    assert "CANCELLED" not in simulator.objects[PATH][0]


def test_an_update_that_changes_nothing_writes_nothing(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)

    again = icloud_case.provider.update_copy(
        icloud_case.account, ref, content(sequence=4), timeout=TIMEOUT
    )

    assert ref == again
    assert len(requests_sent(simulator, "PUT")) == 1


def test_another_object_at_the_copys_address_is_not_updated(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)
    simulator.put(PATH, simulator.objects[PATH][0].replace(content().key, "another"))

    with pytest.raises(ProviderRejected):
        update(icloud_case, ref)
