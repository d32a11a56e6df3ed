"""The stored data of one user, with holidays in whole local dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.domain.connection import Connection
from shared.domain.role import Role
from shared.domain.week import RoleAvailability


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """The dates `first` to `last`, both included, in the zone of the person's role.

    `created_by` is the user or an Admin; None if it was stored before that was recorded.
    """

    id: str
    name: str
    role: Role
    first: date
    last: date
    created_at: datetime
    created_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All data of a user that slot finding and booking need, except the agenda.

    An unknown user is an empty `Person`, because the platform assigns user ids and this service
    cannot check them.
    """

    user_id: str
    email: str | None = None
    roles_seen: frozenset[Role] = frozenset()
    availability: Mapping[Role, RoleAvailability] = field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()
    connections: tuple[Connection, ...] = ()
    welcome_seen_at: datetime | None = None

    def zone(self, role: Role, default: str) -> str:
        """Return the zone of `role`, else that of another role, else `default`."""
        if role in self.availability:
            return self.availability[role].zone
        others = sorted(self.availability.values(), key=lambda each: each.role)
        return others[0].zone if others else default

    def has_availability(self, role: Role) -> bool:
        """Whether the person has set windows, none at all, or the default windows by choice."""
        stored = self.availability.get(role)
        return stored is not None and not stored.zone_only

    @property
    def own_zone(self) -> str | None:
        """The zone that the user has chosen, as a coach if there are several; None without one."""
        return self.zone(Role.COACH, "") or None

    def holidays_as(self, role: Role) -> tuple[Holiday, ...]:
        """Return the holidays of one role."""
        return tuple(each for each in self.holidays if each.role is role)
