"""Weekly windows and time zones of the caller, one set per role."""

from shared.domain.caller import Caller
from shared.domain.organization import Organization
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window, merge_windows, windows_in_zone
from shared.ports import PeopleStore


class Availability:
    """The operations on the caller's own weekly availability."""

    def __init__(self, *, people: PeopleStore, organization: Organization) -> None:
        self._people = people
        self._organization = organization

    def of(self, caller: Caller) -> tuple[RoleAvailability, ...]:
        """Return the availability for each role of the caller: Coach, Learner, Admin."""
        person = self._people.person(caller.user_id)
        return tuple(
            self._organization.availability(person, role) for role in Role if role in caller.roles
        )

    def replace(
        self, caller: Caller, *, role: Role, zone: str, windows: tuple[Window, ...] | None
    ) -> RoleAvailability:
        """Store new windows for a role; None selects the organization's default windows.

        Raises:
            Forbidden: when the caller does not have the role.
        """
        caller.require(role)
        stored = RoleAvailability(
            role=role, zone=zone, use_default=windows is None, windows=merge_windows(windows or ())
        )
        return self._save(caller, stored)

    def set_zone(self, caller: Caller, *, role: Role, zone: str) -> RoleAvailability:
        """Set the zone of a role; its windows keep their local times.

        Raises:
            Forbidden: when the caller does not have the role.
        """
        caller.require(role)
        stored = self._people.person(caller.user_id).availability.get(role)
        return self._save(
            caller,
            RoleAvailability(
                role=role,
                zone=zone,
                use_default=stored is None or stored.use_default,
                windows=windows_in_zone(stored.windows, zone) if stored else (),
                zone_only=stored is None or stored.zone_only,
            ),
        )

    def _save(self, caller: Caller, availability: RoleAvailability) -> RoleAvailability:
        self._people.save_availability(caller.user_id, availability)
        self._people.save_profile(caller.user_id, email=caller.email, roles=caller.roles)
        if not availability.use_default:
            return availability
        return RoleAvailability(
            role=availability.role,
            zone=availability.zone,
            use_default=True,
            windows=self._organization.windows(availability.zone),
        )
