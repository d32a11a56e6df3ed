"""Copies that the user has moved, repeated or pasted, on a CalDAV server."""

from datetime import timedelta

import pytest

from shared.domain.connection import ProblemCode
from shared.domain.errors import CopyGone, ProviderFailure, ProviderRejected
from shared.domain.interval import Interval
from tests.support import icloud_simulator
from tests.support.copy_calls import create, delete, update
from tests.support.icloud_collections import DavCollection
from tests.support.provider_cases import START, ProviderCase, content

PATH = f"{icloud_simulator.CALENDAR}{content().key}.ics"
WORK = PATH.replace("/home/", "/work/")
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
TIMEOUT = timedelta(seconds=10)


@pytest.fixture
def moved(icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator) -> ProviderCase:
    """A copy that the user has moved to another calendar."""
    simulator.collections.append(DavCollection("work", title="Work"))
    create(icloud_case)
    simulator.objects[WORK] = simulator.objects.pop(PATH)
    return icloud_case


def test_a_moved_copy_is_updated_where_it_is(
    moved: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = moved.server.ref(content())

    after = update(moved, ref)

    assert after.external_id.endswith(WORK)
    assert [WORK] == list(simulator.objects)
    assert "SUMMARY:New" in simulator.objects[WORK][0]


@pytest.mark.parametrize("with_ref", [True, False])
def test_a_moved_copy_is_deleted_where_it_is(
    moved: ProviderCase,
    simulator: icloud_simulator.IcloudSimulator,
    with_ref: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    delete(moved, moved.server.ref(content()) if with_ref else None)

    assert not simulator.objects


def test_a_moved_copy_is_not_created_twice(
    moved: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    create(moved)

    assert [WORK] == list(simulator.objects)


def test_a_calendar_that_fails_does_not_hide_that_a_copy_is_gone(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)
    simulator.objects.clear()

    with pytest.raises(CopyGone):
        update(icloud_case, ref)


def test_a_missing_calendar_is_not_a_missing_copy(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)
    simulator.objects.clear()
    simulator.collections = [each for each in simulator.collections if each.name != "home"]

    for call in (update, delete):
        with pytest.raises(ProviderFailure) as caught:
            call(icloud_case, ref)
        assert isinstance(caught.value, ProviderRejected)
        assert ProblemCode.CALENDAR_DELETED is caught.value.problem


def repeat(simulator: icloud_simulator.IcloudSimulator, *lines: str) -> None:
    text = simulator.objects[PATH][0]
    added = "\r\n".join(["RRULE:FREQ=WEEKLY", *lines, "END:VEVENT"])
    simulator.put(PATH, text.replace("END:VEVENT", added))


def entries(case: ProviderCase) -> list[tuple[timedelta, bool]]:
    within = Interval(START - HOUR, START + 2 * WEEK)
    found = case.provider.entries(case.account, within, timeout=TIMEOUT)
    return [(each.interval.start - START, each.copy_of is not None) for each in found]


def test_of_a_series_the_first_occurrence_is_the_copy(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)
    repeat(simulator)

    before = entries(icloud_case)
    later = content(interval=Interval(START + HOUR, START + 2 * HOUR))
    icloud_case.provider.update_copy(icloud_case.account, ref, later, timeout=TIMEOUT)
    after = entries(icloud_case)

    assert [(timedelta(), True), (WEEK, False)] == before
    assert [(HOUR, True), (WEEK, False)] == after


def test_deleting_the_copy_leaves_the_other_occurrences(
    icloud_case: ProviderCase, simulator: icloud_simulator.IcloudSimulator
) -> None:
    ref = create(icloud_case)
    repeat(simulator)

    delete(icloud_case, ref)

    assert [(WEEK, False)] == entries(icloud_case)
    with pytest.raises(CopyGone):
        update(icloud_case, ref)
