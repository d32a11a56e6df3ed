"""The behaviour every calendar provider must have, run against each of them."""

from datetime import timedelta

import pytest

from shared.domain.copy import CalendarEntry, copy_key
from shared.domain.errors import CopyGone, ProviderRejected
from shared.domain.interval import Interval
from tests.support.provider_cases import DAY, START, ProviderCase, content

pytestmark = pytest.mark.long

TIMEOUT = timedelta(seconds=10)
HOUR = timedelta(hours=1)


def entries(case: ProviderCase, within: Interval = DAY) -> tuple[CalendarEntry, ...]:
    return case.provider.entries(case.account, within, timeout=TIMEOUT)


def only_item(case: ProviderCase) -> str:
    (external_id,) = case.server.items()
    return external_id


def test_a_created_copy_has_the_given_content(case: ProviderCase) -> None:
    wanted = content()

    case.provider.create_copy(case.account, wanted, timeout=TIMEOUT)

    (entry,) = entries(case)
    assert (wanted.title, wanted.interval) == (entry.title, entry.interval)
    assert (wanted.location, wanted.url) == (entry.location, entry.url)
    expected = (True, False)
    assert expected == (entry.busy, entry.all_day)


def test_a_copy_is_recognised_as_a_copy_of_its_session(case: ProviderCase) -> None:
    case.provider.create_copy(case.account, content("session-7"), timeout=TIMEOUT)
    case.server.add_entry("lunch", Interval(START + 2 * HOUR, START + 3 * HOUR))

    result = [(each.title, each.copy_of) for each in entries(case)]

    expected = [("Coaching: Kim & Lee", "session-7"), ("lunch", None)]
    assert expected == result


def test_a_copy_of_another_connection_is_not_an_own_copy(case: ProviderCase) -> None:
    foreign = content(key=copy_key("session-1", "connection-2"))

    case.provider.create_copy(case.account, foreign, timeout=TIMEOUT)

    expected = [None]
    assert expected == [each.copy_of for each in entries(case)]


def test_creating_twice_creates_one_copy(case: ProviderCase) -> None:
    first = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
    second = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)

    assert first == second
    expected = 1
    assert expected == len(case.server.items())


def test_creating_again_updates_the_copy(case: ProviderCase) -> None:
    case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
    case.provider.create_copy(case.account, content(title="Renamed"), timeout=TIMEOUT)

    expected = ["Renamed"]
    assert expected == [each.title for each in entries(case)]


def test_another_event_with_the_id_of_a_copy_is_not_changed(case: ProviderCase) -> None:
    case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
    external_id = only_item(case)
    case.server.put_raw(
        external_id, case.server.items()[external_id].replace("session-1", "session-0")
    )

    with pytest.raises(ProviderRejected):
        case.provider.create_copy(case.account, content(), timeout=TIMEOUT)

    assert "session-0" in case.server.items()[external_id]


def test_an_update_moves_the_copy(case: ProviderCase) -> None:
    ref = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
    moved = content(interval=Interval(START + HOUR, START + 3 * HOUR), location=None, sequence=1)

    case.provider.update_copy(case.account, ref, moved, timeout=TIMEOUT)

    (entry,) = entries(case)
    assert (moved.interval, None) == (entry.interval, entry.location)
    expected = 1
    assert expected == len(case.server.items())


def test_an_update_keeps_what_the_user_added(case: ProviderCase) -> None:
    ref = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
    case.server.decorate(only_item(case))

    case.provider.update_copy(case.account, ref, content(title="Renamed"), timeout=TIMEOUT)

    assert case.server.is_decorated(only_item(case))
    expected = ["Renamed"]
    assert expected == [each.title for each in entries(case)]


def test_notes_and_a_place_that_the_user_added_survive_every_change(case: ProviderCase) -> None:
    ref = case.provider.create_copy(case.account, content(location=None), timeout=TIMEOUT)
    case.server.add_notes(only_item(case), "Bring the contract", place="Room 9")
    later = Interval(START + HOUR, START + 2 * HOUR)
    changed = content(location=None, interval=later, description="Coach: Kay")

    case.provider.update_copy(case.account, ref, changed, timeout=TIMEOUT)

    (entry,) = entries(case)
    (raw,) = case.server.items().values()
    unfolded = raw.replace("\r\n ", "").replace("\n ", "")
    assert ("Room 9", later) == (entry.location, entry.interval)
    assert "Bring the contract" in unfolded
    assert "Kay" in unfolded
    assert "Coach: Kim" not in unfolded


def test_a_place_of_ours_that_is_no_longer_set_is_cleared(case: ProviderCase) -> None:
    ref = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)

    case.provider.update_copy(case.account, ref, content(location=None), timeout=TIMEOUT)

    assert [None] == [each.location for each in entries(case)]


def test_a_duplicate_of_a_copy_is_the_users_own_entry(case: ProviderCase) -> None:
    ref = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
    later = Interval(START + 4 * HOUR, START + 5 * HOUR)
    case.server.duplicate(ref.external_id, later)

    both = [(each.interval.start - START, each.copy_of) for each in entries(case)]
    case.provider.update_copy(case.account, ref, content(title="Renamed"), timeout=TIMEOUT)
    titles = [each.title for each in entries(case)]
    case.provider.delete_copy(case.account, ref, key=content().key, timeout=TIMEOUT)

    assert [(timedelta(), "session-1"), (4 * HOUR, None)] == both
    assert ["Renamed", "Coaching: Kim & Lee"] == titles
    assert [later] == [each.interval for each in entries(case)]


def test_an_update_with_an_old_etag_succeeds(case: ProviderCase) -> None:
    ref = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
    case.provider.update_copy(case.account, ref, content(title="Second"), timeout=TIMEOUT)

    case.provider.update_copy(case.account, ref, content(title="Third"), timeout=TIMEOUT)

    expected = ["Third"]
    assert expected == [each.title for each in entries(case)]


def test_updating_a_deleted_copy_raises_copy_gone(case: ProviderCase) -> None:
    ref = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
    case.provider.delete_copy(case.account, ref, key=content().key, timeout=TIMEOUT)

    with pytest.raises(CopyGone):
        case.provider.update_copy(case.account, ref, content(), timeout=TIMEOUT)


def test_a_deleted_copy_is_no_longer_in_the_calendar(case: ProviderCase) -> None:
    ref = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)

    case.provider.delete_copy(case.account, ref, key=content().key, timeout=TIMEOUT)

    assert not case.server.items()


def test_a_copy_the_user_changed_can_be_deleted(case: ProviderCase) -> None:
    ref = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
    case.server.decorate(only_item(case))

    case.provider.delete_copy(case.account, ref, key=content().key, timeout=TIMEOUT)

    assert not case.server.items()


def test_a_copy_whose_create_got_no_response_is_deleted_by_its_key(case: ProviderCase) -> None:
    case.provider.create_copy(case.account, content(), timeout=TIMEOUT)

    case.provider.delete_copy(case.account, None, key=content().key, timeout=TIMEOUT)

    assert not case.server.items()


@pytest.mark.parametrize("with_ref", [True, False])
def test_deleting_a_missing_copy_raises_copy_gone(case: ProviderCase, with_ref: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    created = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
    case.provider.delete_copy(case.account, created, key=content().key, timeout=TIMEOUT)
    ref = created if with_ref else None

    with pytest.raises(CopyGone):
        case.provider.delete_copy(case.account, ref, key=content().key, timeout=TIMEOUT)


def test_only_overlapping_entries_are_returned(case: ProviderCase) -> None:
    case.server.add_entry("before", Interval(START - 2 * HOUR, START - HOUR))
    case.server.add_entry("touching", Interval(START - HOUR, START))
    case.server.add_entry("across", Interval(START - HOUR, START + HOUR))
    case.server.add_entry("after", Interval(START + HOUR, START + 2 * HOUR))

    result = entries(case, Interval(START, START + HOUR))

    expected = ["across"]
    assert expected == [each.title for each in result]


def test_an_empty_calendar_has_no_entries(case: ProviderCase) -> None:
    assert not entries(case)


def test_special_characters_in_text_are_preserved(case: ProviderCase) -> None:
    awkward = 'Zoë "Ü" \\ ; , : \n🎈 <b>&amp;</b> BEGIN:VEVENT'

    case.provider.create_copy(case.account, content(title=awkward), timeout=TIMEOUT)

    assert [awkward] == [each.title for each in entries(case)]


def test_line_breaks_and_control_characters_cannot_add_a_property(case: ProviderCase) -> None:
    nasty = "x\r\nATTENDEE:mailto:eve@evil.example\r\nBEGIN:VALARM\x00\x1b\u202e"
    wanted = content(title=nasty, description=nasty, location=nasty, url="https://a/\r\nX-Y:z")

    case.provider.create_copy(case.account, wanted, timeout=TIMEOUT)

    (raw,) = case.server.items().values()
    added = [line for line in raw.splitlines() if line.startswith(("ATTENDEE", "X-Y", "BEGIN:VA"))]
    assert not added
    assert not {"\x00", "\x1b", "\u202e"} & set(raw)
