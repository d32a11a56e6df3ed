"""What the platform shows a new user: the checklist of a role, and a welcome once."""

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
    """What callers are told of their own first steps."""

    def __init__(self, *, people: PeopleStore) -> None:
        self._people = people

    def setup(self, caller: Caller, role: Role) -> Setup:
        """Return how far the caller's setup for a role is.

        Raises:
            Forbidden: when the caller does not have the role.
        """
        caller.require(role)
        return setup_of(self._people.person(caller.user_id), role)

    def welcome(self, caller: Caller) -> Welcome:
        """Return whether to welcome the caller: never seen, and no role of theirs set up yet.

        Whoever has finished one role knows their way; a second role is no reason to begin anew.
        """
        person = self._people.person(caller.user_id)
        is_new = not any(setup_of(person, role).is_complete for role in caller.roles)
        seen_at = person.welcome_seen_at
        return Welcome(show=seen_at is None and is_new, seen_at=seen_at)

    def see_welcome(self, caller: Caller, *, now: datetime) -> Welcome:
        """Keep that the caller has seen the welcome; the first time is what stays."""
        return Welcome(show=False, seen_at=self._people.see_welcome(caller.user_id, now))
