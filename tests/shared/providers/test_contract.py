"""What every calendar provider does, run against each of them."""

from datetime import timedelta

import pytest

from shared.domain.copy import CalendarEntry, copy_key
from shared.domain.errors import CopyGone, ProviderRefused
from shared.domain.interval import Interval
from tests.support.provider_peers import DAY, START, Party, content

TIMEOUT = timedelta(seconds=10)
HOUR = timedelta(hours=1)


def entries(party: Party, within: Interval = DAY) -> tuple[CalendarEntry, ...]:
    return party.provider.entries(party.account, within, timeout=TIMEOUT)


def only_item(party: Party) -> str:
    (external_id,) = party.peer.items()
    return external_id


def test_a_created_copy_says_what_it_was_given(party: Party) -> None:
    wanted = content()

    party.provider.create_copy(party.account, wanted, timeout=TIMEOUT)

    (entry,) = entries(party)
    assert (wanted.title, wanted.interval) == (entry.title, entry.interval)
    assert (wanted.location, wanted.url) == (entry.location, entry.url)
    expected = (True, False)
    assert expected == (entry.busy, entry.all_day)


def test_a_copy_is_recognised_as_a_copy_of_its_session(party: Party) -> None:
    party.provider.create_copy(party.account, content("session-7"), timeout=TIMEOUT)
    party.peer.add_entry("lunch", Interval(START + 2 * HOUR, START + 3 * HOUR))

    found = [(each.title, each.copy_of) for each in entries(party)]

    expected = [("Coaching: Kim & Lee", "session-7"), ("lunch", None)]
    assert expected == found


def test_a_copy_moved_here_from_another_connection_is_not_ours(party: Party) -> None:
    foreign = content(key=copy_key("session-1", "connection-2"))

    party.provider.create_copy(party.account, foreign, timeout=TIMEOUT)

    expected = [None]
    assert expected == [each.copy_of for each in entries(party)]


def test_creating_twice_makes_one_copy(party: Party) -> None:
    first = party.provider.create_copy(party.account, content(), timeout=TIMEOUT)
    second = party.provider.create_copy(party.account, content(), timeout=TIMEOUT)

    assert first == second
    expected = 1
    assert expected == len(party.peer.items())


def test_creating_again_brings_the_copy_up_to_date(party: Party) -> None:
    party.provider.create_copy(party.account, content(), timeout=TIMEOUT)
    party.provider.create_copy(party.account, content(title="Renamed"), timeout=TIMEOUT)

    expected = ["Renamed"]
    assert expected == [each.title for each in entries(party)]


def test_something_else_in_the_place_of_a_copy_is_left_alone(party: Party) -> None:
    party.provider.create_copy(party.account, content(), timeout=TIMEOUT)
    place = only_item(party)
    party.peer.put_raw(place, party.peer.items()[place].replace("session-1", "session-0"))

    with pytest.raises(ProviderRefused):
        party.provider.create_copy(party.account, content(), timeout=TIMEOUT)

    assert "session-0" in party.peer.items()[place]


def test_an_update_moves_the_copy(party: Party) -> None:
    ref = party.provider.create_copy(party.account, content(), timeout=TIMEOUT)
    moved = content(interval=Interval(START + HOUR, START + 3 * HOUR), location=None, sequence=1)

    party.provider.update_copy(party.account, ref, moved, timeout=TIMEOUT)

    (entry,) = entries(party)
    assert (moved.interval, None) == (entry.interval, entry.location)
    expected = 1
    assert expected == len(party.peer.items())


def test_an_update_keeps_what_the_user_added(party: Party) -> None:
    ref = party.provider.create_copy(party.account, content(), timeout=TIMEOUT)
    party.peer.decorate(only_item(party))

    party.provider.update_copy(party.account, ref, content(title="Renamed"), timeout=TIMEOUT)

    assert party.peer.is_decorated(only_item(party))
    expected = ["Renamed"]
    assert expected == [each.title for each in entries(party)]


def test_an_update_under_an_old_etag_succeeds(party: Party) -> None:
    ref = party.provider.create_copy(party.account, content(), timeout=TIMEOUT)
    party.provider.update_copy(party.account, ref, content(title="Second"), timeout=TIMEOUT)

    party.provider.update_copy(party.account, ref, content(title="Third"), timeout=TIMEOUT)

    expected = ["Third"]
    assert expected == [each.title for each in entries(party)]


def test_updating_a_copy_the_user_deleted_says_so(party: Party) -> None:
    ref = party.provider.create_copy(party.account, content(), timeout=TIMEOUT)
    party.provider.delete_copy(party.account, ref, key=content().key, timeout=TIMEOUT)

    with pytest.raises(CopyGone):
        party.provider.update_copy(party.account, ref, content(), timeout=TIMEOUT)


def test_a_deleted_copy_is_gone(party: Party) -> None:
    ref = party.provider.create_copy(party.account, content(), timeout=TIMEOUT)

    party.provider.delete_copy(party.account, ref, key=content().key, timeout=TIMEOUT)

    assert not party.peer.items()


def test_a_copy_the_user_changed_is_deleted_all_the_same(party: Party) -> None:
    ref = party.provider.create_copy(party.account, content(), timeout=TIMEOUT)
    party.peer.decorate(only_item(party))

    party.provider.delete_copy(party.account, ref, key=content().key, timeout=TIMEOUT)

    assert not party.peer.items()


def test_a_copy_whose_create_got_no_answer_is_deleted_by_its_key(party: Party) -> None:
    party.provider.create_copy(party.account, content(), timeout=TIMEOUT)

    party.provider.delete_copy(party.account, None, key=content().key, timeout=TIMEOUT)

    assert not party.peer.items()


@pytest.mark.parametrize("known", [True, False])
def test_deleting_what_is_not_there_says_so(party: Party, known: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    made = party.provider.create_copy(party.account, content(), timeout=TIMEOUT)
    party.provider.delete_copy(party.account, made, key=content().key, timeout=TIMEOUT)
    ref = made if known else None

    with pytest.raises(CopyGone):
        party.provider.delete_copy(party.account, ref, key=content().key, timeout=TIMEOUT)


def test_entries_are_those_that_overlap(party: Party) -> None:
    party.peer.add_entry("before", Interval(START - 2 * HOUR, START - HOUR))
    party.peer.add_entry("touching", Interval(START - HOUR, START))
    party.peer.add_entry("across", Interval(START - HOUR, START + HOUR))
    party.peer.add_entry("after", Interval(START + HOUR, START + 2 * HOUR))

    found = entries(party, Interval(START, START + HOUR))

    expected = ["across"]
    assert expected == [each.title for each in found]


def test_entries_of_an_empty_calendar_are_none(party: Party) -> None:
    assert not entries(party)


def test_awkward_text_arrives_as_it_was(party: Party) -> None:
    awkward = 'Zoë "Ü" \\ ; , : \n🎈 <b>&amp;</b> BEGIN:VEVENT'

    party.provider.create_copy(party.account, content(title=awkward), timeout=TIMEOUT)

    assert [awkward] == [each.title for each in entries(party)]


def test_line_breaks_and_control_characters_add_no_property(party: Party) -> None:
    nasty = "x\r\nATTENDEE:mailto:eve@evil.example\r\nBEGIN:VALARM\x00\x1b\u202e"
    wanted = content(title=nasty, description=nasty, location=nasty, url="https://a/\r\nX-Y:z")

    party.provider.create_copy(party.account, wanted, timeout=TIMEOUT)

    (raw,) = party.peer.items().values()
    added = [line for line in raw.splitlines() if line.startswith(("ATTENDEE", "X-Y", "BEGIN:VA"))]
    assert not added
    assert not {"\x00", "\x1b", "\u202e"} & set(raw)
