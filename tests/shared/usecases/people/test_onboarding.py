from datetime import timedelta

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import Forbidden
from shared.domain.role import Role
from shared.domain.week import RoleAvailability
from shared.usecases.people.onboarding import Onboarding, Welcome
from tests.support.memory import Memory, MemoryPeople
from tests.support.platform import NOW
from tests.support.store_samples import connection

BOTH = Caller(user_id="coach-1", roles=frozenset({Role.COACH, Role.ADMIN}))
LATER = NOW + timedelta(days=1)


def chosen(role: Role) -> RoleAvailability:
    return RoleAvailability(role=role, zone="UTC", use_default=True, windows=())


def test_a_role_that_the_caller_lacks_has_no_checklist() -> None:
    with pytest.raises(Forbidden):
        Onboarding(people=MemoryPeople(Memory())).setup(BOTH, Role.LEARNER)


def test_the_checklist_is_that_of_the_role() -> None:
    people = MemoryPeople(Memory())
    people.save_connection(connection())
    people.save_availability(BOTH.user_id, chosen(Role.COACH))
    onboarding = Onboarding(people=people)

    assert [True, False] == [
        onboarding.setup(BOTH, each).is_complete for each in (Role.COACH, Role.ADMIN)
    ]


def test_the_welcome_shows_until_seen_and_the_first_time_is_stored() -> None:
    onboarding = Onboarding(people=MemoryPeople(Memory()))

    assert Welcome(show=True, seen_at=None) == onboarding.welcome(BOTH)
    seen = Welcome(show=False, seen_at=NOW)
    assert seen == onboarding.record_welcome_seen(BOTH, now=NOW)
    assert seen == onboarding.record_welcome_seen(BOTH, now=LATER)
    assert seen == onboarding.welcome(BOTH)


def test_a_user_who_has_set_up_a_role_is_not_welcomed() -> None:
    people = MemoryPeople(Memory())
    onboarding = Onboarding(people=people)
    people.save_availability(BOTH.user_id, chosen(Role.COACH))
    assert onboarding.welcome(BOTH).show
    people.save_connection(connection())

    assert Welcome(show=False, seen_at=None) == onboarding.welcome(BOTH)


def test_a_role_that_the_token_lacks_does_not_count() -> None:
    people = MemoryPeople(Memory())
    people.save_connection(connection())
    people.save_availability(BOTH.user_id, chosen(Role.LEARNER))

    assert Onboarding(people=people).welcome(BOTH).show
