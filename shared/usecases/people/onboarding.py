"""Onboarding of new users: the setup checklist of a role, and a welcome shown once."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.caller import Caller
from shared.domain.role import Role
from shared.domain.setup import Setup, setup_of
from shared.ports import PeopleStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Whether to show the welcome, and when it was first seen."""

    show: bool
    seen_at: datetime | None


class Onboarding:
    """The operations on the caller's own onboarding."""

    def __init__(self, *, people: PeopleStore) -> None:
        self._people = people

    def setup(self, caller: Caller, role: Role) -> Setup:
        """Return the caller's setup progress for a role.

        Raises:
            Forbidden: when the caller does not have the role.
        """
        caller.require(role)
        return setup_of(self._people.person(caller.user_id), role)

    def welcome(self, caller: Caller) -> Welcome:
        """Return whether to show the welcome: it was never seen, and no role is set up yet.

        A user who has set up one role is not welcomed again for a second one.
        """
        person = self._people.person(caller.user_id)
        is_new = not any(setup_of(person, role).is_complete for role in caller.roles)
        seen_at = person.welcome_seen_at
        return Welcome(show=seen_at is None and is_new, seen_at=seen_at)

    def record_welcome_seen(self, caller: Caller, *, now: datetime) -> Welcome:
        """Record that the caller has seen the welcome; only the first time is stored."""
        return Welcome(show=False, seen_at=self._people.record_welcome_seen(caller.user_id, now))
