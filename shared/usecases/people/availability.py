"""Weekly windows and time zones, per role of the caller."""

from shared.domain.caller import Caller
from shared.domain.organization import Organization
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window, merged, moved
from shared.ports import PeopleStore


class Availability:
    """What callers say of their own ordinary week."""

    def __init__(self, *, people: PeopleStore, organization: Organization) -> None:
        self._people = people
        self._organization = organization

    def of(self, caller: Caller) -> tuple[RoleAvailability, ...]:
        """Return what holds for each role of the caller, in the order Coach, Learner, Admin."""
        person = self._people.person(caller.user_id)
        return tuple(
            self._organization.availability(person, role) for role in Role if role in caller.roles
        )

    def replace(
        self, caller: Caller, *, role: Role, zone: str, windows: tuple[Window, ...] | None
    ) -> RoleAvailability:
        """Keep new windows for a role, or with None the choice of the default ones.

        Raises:
            Forbidden: when the caller does not have the role.
        """
        caller.require(role)
        stored = RoleAvailability(
            role=role, zone=zone, use_default=windows is None, windows=merged(windows or ())
        )
        return self._keep(caller, stored)

    def set_zone(self, caller: Caller, *, role: Role, zone: str) -> RoleAvailability:
        """Move a role to another zone; its windows keep their wall-clock times.

        Raises:
            Forbidden: when the caller does not have the role.
        """
        caller.require(role)
        stored = self._people.person(caller.user_id).availability.get(role)
        return self._keep(
            caller,
            RoleAvailability(
                role=role,
                zone=zone,
                use_default=stored is None or stored.use_default,
                windows=moved(stored.windows, zone) if stored else (),
                zone_only=stored is None or stored.zone_only,
            ),
        )

    def _keep(self, caller: Caller, availability: RoleAvailability) -> RoleAvailability:
        self._people.save_availability(caller.user_id, availability)
        self._people.remember(caller.user_id, email=caller.email, roles=caller.roles)
        if not availability.use_default:
            return availability
        return RoleAvailability(
            role=availability.role,
            zone=availability.zone,
            use_default=True,
            windows=self._organization.windows(availability.zone),
        )
