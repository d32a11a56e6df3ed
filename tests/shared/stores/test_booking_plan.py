from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.agenda import AgendaDay
from shared.domain.event import Event, EventStatus
from shared.stores.booking_plan import MAX_ACTIONS, BookingPlan, plan
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


def actions(found: BookingPlan) -> int:
    return 1 + len(found.hold) + len(found.release) + len(found.check)


def test_a_new_booking_holds_everybody_and_checks_the_day_before_for_the_guarded() -> None:
    days = [day(COACH, 3), day(("coach-1", BEFORE), 0), day(LEARNER, 0)]

    found = plan(session(), None, guarded=["coach-1"], seen=days)

    assert found.hold == (COACH, LEARNER)
    assert found.check == (("coach-1", BEFORE),)
    assert found.guards == {COACH: 3, ("coach-1", BEFORE): 0}
    assert frozenset({LEARNER}) == found.unwritten
    assert found.release == found.stale == ()


def test_every_day_seen_of_a_guarded_user_is_guarded() -> None:
    days = [day(COACH, 1), day(("coach-1", BEFORE), 1), day(("coach-1", AFTER), 5), day(LEARNER, 1)]

    found = plan(session(), None, guarded=["coach-1"], seen=days)

    assert found.check == (("coach-1", BEFORE), ("coach-1", AFTER))


def test_somebody_guarded_who_takes_no_part_is_only_checked() -> None:
    days = [day(("boss", BEFORE), 0), day(("boss", DAY), 2), day(COACH, 1), day(LEARNER, 1)]

    found = plan(session(), None, guarded=["boss"], seen=days)

    assert found.check == (("boss", BEFORE), ("boss", DAY))


def test_a_new_time_on_the_same_day_is_one_action_a_person() -> None:
    later = changed(session(), interval=hours(15))

    found = plan(later, session(), guarded=(), seen=[day(COACH, 1), day(LEARNER, 1)])

    assert found.hold == (COACH, LEARNER)
    assert found.release == ()


def test_another_day_is_held_and_the_old_one_released() -> None:
    later = changed(session(), interval=hours(9, day=AFTER))
    days = [day(("coach-1", AFTER), 0), day(("learner-1", AFTER), 4)]

    found = plan(later, session(), guarded=(), seen=days)

    assert found.hold == (("coach-1", AFTER), ("learner-1", AFTER))
    assert found.release == (COACH, LEARNER)
    assert frozenset({("coach-1", AFTER)}) == found.unwritten


def test_who_stays_is_written_too_when_people_change_as_every_agenda_names_them_all() -> None:
    joined = changed(session(), learner_ids=("learner-2",))

    found = plan(joined, session(), guarded=(), seen=[day(COACH, 1), day(("learner-2", DAY), 0)])

    assert found.hold == (COACH, ("learner-2", DAY))
    assert found.release == (LEARNER,)


def test_a_new_title_is_written_to_every_agenda_and_guards_still_hold() -> None:
    renamed = changed(session(), title="New")
    days = [day(COACH, 1), day(("coach-1", BEFORE), 0), day(LEARNER, 1)]

    found = plan(renamed, session(), guarded=["coach-1"], seen=days)

    assert found.hold == (COACH, LEARNER)
    assert found.release == ()
    assert found.check == (("coach-1", BEFORE),)


def test_what_no_agenda_shows_writes_none_but_guards_still_hold() -> None:
    elsewhere = changed(session(), location="Room 7", status=EventStatus.SCHEDULED)
    days = [day(COACH, 1), day(("coach-1", BEFORE), 0)]

    found = plan(elsewhere, session(), guarded=["coach-1"], seen=days)

    assert found.hold == found.release == ()
    assert found.check == (COACH, ("coach-1", BEFORE))


def test_a_cancelled_event_only_releases() -> None:
    cancelled = changed(session(), status=EventStatus.CANCELLED)

    found = plan(cancelled, session(), guarded=(), seen=())

    assert found.release == (COACH, LEARNER)
    assert found.hold == found.check == found.stale == ()


def test_a_day_known_to_have_no_item_is_not_released() -> None:
    cancelled = changed(session(), status=EventStatus.CANCELLED)

    found = plan(cancelled, session(), guarded=(), seen=[day(COACH, 0)])

    assert found.release == (LEARNER,)


def test_what_a_cancelled_event_held_is_not_released_twice() -> None:
    cancelled = session(status=EventStatus.CANCELLED)

    found = plan(changed(cancelled), cancelled, guarded=(), seen=())

    assert found.hold == found.release == ()


@pytest.mark.parametrize("missing", [COACH, ("coach-1", BEFORE)])
def test_a_guarded_user_whose_day_was_not_seen_is_a_mistake(missing: tuple[str, date]) -> None:
    keys = {COACH, ("coach-1", BEFORE), LEARNER} - {missing}

    with pytest.raises(ValueError, match="lacks the agenda of coach-1"):
        plan(session(), None, guarded=["coach-1"], seen=[day(key, 1) for key in keys])


def test_releases_that_find_no_room_are_left_for_later() -> None:
    moved = changed(crowd(60), interval=hours(9, day=AFTER))
    days = [day((user, AFTER), 1) for user in moved.participants]

    found = plan(moved, crowd(60), guarded=(), seen=days)

    assert actions(found) == MAX_ACTIONS
    assert [(f"l{n}", DAY) for n in range(60)] == [*found.release, *found.stale]
    assert len(found.stale) == 21


def test_guarded_days_are_never_left_for_later() -> None:
    moved = changed(crowd(60), interval=hours(9, day=AFTER))
    days = [day((user, AFTER), 1) for user in moved.participants]
    guarded = [day(("l59", DAY), 7)]

    found = plan(moved, crowd(60), guarded=["l59"], seen=[*days, *guarded])

    assert found.release[0] == ("l59", DAY)
    assert ("l59", DAY) not in found.stale
    assert actions(found) == MAX_ACTIONS


def test_more_people_than_one_transaction_holds_are_refused() -> None:
    days = [day((user, DAY), 1) for user in crowd(100).participants]

    with pytest.raises(ValueError, match="too many participants"):
        plan(crowd(100), None, guarded=(), seen=days)
