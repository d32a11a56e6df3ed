from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.agenda import AgendaDay
from shared.domain.errors import TooLarge
from shared.domain.event import Event, EventStatus
from shared.stores.booking_plan import MAX_ACTIONS, MOST_HEADED, BookingPlan, plan
from tests.support.store_samples import DAY, hours, session

BEFORE = DAY - timedelta(days=1)
AFTER = DAY + timedelta(days=1)
COACH = ("coach-1", DAY)
LEARNER = ("learner-1", DAY)


def day(key: tuple[str, date], version: int) -> AgendaDay:
    user_id, when = key
    return AgendaDay(user_id=user_id, day=when, version=version)


def changed(event: Event, **changes: Any) -> Event:
    return replace(event, version=event.version + 1, **changes)


def crowd(size: int) -> Event:
    return session(coach_ids=(), learner_ids=tuple(f"l{n}" for n in range(size)))


def actions(result: BookingPlan) -> int:
    return 1 + len(result.hold) + len(result.release) + len(result.check)


def test_a_new_booking_holds_all_participants_and_checks_the_day_before_of_guarded_users() -> None:
    days = [day(COACH, 3), day(("coach-1", BEFORE), 0), day(LEARNER, 0)]

    result = plan(session(), None, guarded=["coach-1"], seen=days)

    assert result.hold == (COACH, LEARNER)
    assert result.check == (("coach-1", BEFORE),)
    assert result.guards == {COACH: 3, ("coach-1", BEFORE): 0}
    assert frozenset({LEARNER}) == result.unwritten
    assert result.release == result.stale == ()


def test_every_seen_day_of_a_guarded_user_is_guarded() -> None:
    days = [day(COACH, 1), day(("coach-1", BEFORE), 1), day(("coach-1", AFTER), 5), day(LEARNER, 1)]

    result = plan(session(), None, guarded=["coach-1"], seen=days)

    assert result.check == (("coach-1", BEFORE), ("coach-1", AFTER))


def test_a_guarded_user_who_is_not_a_participant_is_only_checked() -> None:
    days = [day(("boss", BEFORE), 0), day(("boss", DAY), 2), day(COACH, 1), day(LEARNER, 1)]

    result = plan(session(), None, guarded=["boss"], seen=days)

    assert result.check == (("boss", BEFORE), ("boss", DAY))


def test_a_new_time_on_the_same_day_is_one_action_per_participant() -> None:
    later = changed(session(), interval=hours(15))

    result = plan(later, session(), guarded=(), seen=[day(COACH, 1), day(LEARNER, 1)])

    assert result.hold == (COACH, LEARNER)
    assert result.release == ()


def test_a_move_to_another_day_holds_that_day_and_releases_the_old_one() -> None:
    later = changed(session(), interval=hours(9, day=AFTER))
    days = [day(("coach-1", AFTER), 0), day(("learner-1", AFTER), 4)]

    result = plan(later, session(), guarded=(), seen=days)

    assert result.hold == (("coach-1", AFTER), ("learner-1", AFTER))
    assert result.release == (COACH, LEARNER)
    assert frozenset({("coach-1", AFTER)}) == result.unwritten


def test_a_change_of_participants_writes_every_agenda_because_each_lists_all_participants() -> None:
    joined = changed(session(), learner_ids=("learner-2",))

    result = plan(joined, session(), guarded=(), seen=[day(COACH, 1), day(("learner-2", DAY), 0)])

    assert result.hold == (COACH, ("learner-2", DAY))
    assert result.release == (LEARNER,)


def test_a_new_title_is_written_to_every_agenda_and_guards_still_apply() -> None:
    renamed = changed(session(), title="New")
    days = [day(COACH, 1), day(("coach-1", BEFORE), 0), day(LEARNER, 1)]

    result = plan(renamed, session(), guarded=["coach-1"], seen=days)

    assert result.hold == (COACH, LEARNER)
    assert result.release == ()
    assert result.check == (("coach-1", BEFORE),)


def test_a_change_that_agendas_do_not_show_writes_none_but_guards_still_apply() -> None:
    relocated = changed(session(), location="Room 7", status=EventStatus.SCHEDULED)
    days = [day(COACH, 1), day(("coach-1", BEFORE), 0)]

    result = plan(relocated, session(), guarded=["coach-1"], seen=days)

    assert result.hold == result.release == ()
    assert result.check == (COACH, ("coach-1", BEFORE))


def test_a_cancelled_event_only_releases() -> None:
    cancelled = changed(session(), status=EventStatus.CANCELLED)

    result = plan(cancelled, session(), guarded=(), seen=())

    assert result.release == (COACH, LEARNER)
    assert result.hold == result.check == result.stale == ()


def test_a_day_without_an_item_is_not_released() -> None:
    cancelled = changed(session(), status=EventStatus.CANCELLED)

    result = plan(cancelled, session(), guarded=(), seen=[day(COACH, 0)])

    assert result.release == (LEARNER,)


def test_the_days_of_a_cancelled_event_are_not_released_twice() -> None:
    cancelled = session(status=EventStatus.CANCELLED)

    result = plan(changed(cancelled), cancelled, guarded=(), seen=())

    assert result.hold == result.release == ()


@pytest.mark.parametrize("missing", [COACH, ("coach-1", BEFORE)])
def test_a_guarded_user_with_an_unseen_day_raises_value_error(missing: tuple[str, date]) -> None:
    keys = {COACH, ("coach-1", BEFORE), LEARNER} - {missing}

    with pytest.raises(ValueError, match="lacks the agenda of coach-1"):
        plan(session(), None, guarded=["coach-1"], seen=[day(key, 1) for key in keys])


def test_releases_that_do_not_fit_become_stale_holds() -> None:
    moved = changed(crowd(60), interval=hours(9, day=AFTER))
    days = [day((user, AFTER), 1) for user in moved.participants]

    result = plan(moved, crowd(60), guarded=(), seen=days)

    assert actions(result) == MAX_ACTIONS
    assert [(f"l{n}", DAY) for n in range(60)] == [*result.release, *result.stale]
    assert len(result.stale) == 21


def test_guarded_days_are_never_left_as_stale_holds() -> None:
    moved = changed(crowd(60), interval=hours(9, day=AFTER))
    days = [day((user, AFTER), 1) for user in moved.participants]
    guarded = [day(("l59", DAY), 7)]

    result = plan(moved, crowd(60), guarded=["l59"], seen=[*days, *guarded])

    assert result.release[0] == ("l59", DAY)
    assert ("l59", DAY) not in result.stale
    assert actions(result) == MAX_ACTIONS


def test_more_participants_than_fit_in_one_transaction_are_rejected() -> None:
    days = [day((user, DAY), 1) for user in crowd(100).participants]

    with pytest.raises(TooLarge, match="Name fewer coaches"):
        plan(crowd(100), None, guarded=(), seen=days)


def test_headings_go_with_sessions_of_few_people_and_releases_give_way_to_them() -> None:
    small, large = crowd(MOST_HEADED), crowd(MOST_HEADED + 1)
    days = [day((user, when), 1) for user in large.participants for when in (BEFORE, DAY, AFTER)]
    later = changed(small, interval=hours(9, day=AFTER))

    new = plan(small, None, guarded=(), seen=days)
    moved = plan(later, small, guarded=small.participants, seen=days)
    grown = plan(replace(large, version=2), small, guarded=(), seen=days)

    assert (new.head, new.unhead) == (new.hold, ())
    assert (moved.head, moved.unhead) == (moved.hold, new.hold)
    assert moved.stale == ()
    assert actions(moved) + len(moved.head) + len(moved.unhead) <= MAX_ACTIONS
    assert (grown.head, grown.unhead) == ((), new.hold)


def test_a_cancelled_event_of_few_people_keeps_its_headings() -> None:
    result = plan(changed(session(), status=EventStatus.CANCELLED), session(), guarded=(), seen=())

    assert (result.head, result.unhead) == ((COACH, LEARNER), ())
