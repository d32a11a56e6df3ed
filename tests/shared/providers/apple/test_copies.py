"""Writes under conditions, against a server with iCloud's measured ways."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from shared.domain.errors import CopyGone, ProviderRefused, ProviderUnavailable
from tests.support import icloudish
from tests.support.copies import create, delete, update
from tests.support.loopback_http import Seen
from tests.support.provider_peers import Party, content

TIMEOUT = timedelta(seconds=5)
PATH = f"{icloudish.CALENDAR}{content().key}.ics"


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


def test_something_else_in_the_place_of_a_copy_is_not_updated(
    icloudish_party: Party, state: icloudish.Icloudish
) -> None:
    ref = create(icloudish_party)
    state.put(PATH, state.objects[PATH][0].replace(content().key, "another"))

    with pytest.raises(ProviderRefused):
        update(icloudish_party, ref)
