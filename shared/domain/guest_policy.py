"""Who may prepare the guests of a session that has no event yet.

With an event, the rules of shared/domain/policy.py decide.
"""

from shared.domain.caller import Caller
from shared.domain.errors import Forbidden
from shared.domain.invite import GuestList
from shared.domain.role import Role

_RULE = "guests.prepare"
_ADMIN = "an Admin or a service with the scope events:write"


def may_prepare(caller: Caller) -> bool:
    """Return whether the caller may prepare guests at all: an Admin, a service or a Coach."""
    return caller.manages_events or Role.COACH in caller.roles


def owns_prepared(caller: Caller, guest_list: GuestList) -> bool:
    """Return whether the caller may read and replace a prepared list.

    A list stored before preparers were recorded belongs to Admins only.
    """
    return caller.manages_events or guest_list.prepared_by == caller.user_id


def check_prepare(caller: Caller, stored: GuestList | None) -> None:
    """Return if the caller may replace the stored list of a session without an event.

    Raises:
        Forbidden: the caller may not prepare guests, or another user has prepared these.
    """
    if not may_prepare(caller):
        raise Forbidden(
            f"Rule {_RULE}: only {_ADMIN}, or a user with the role Coach may set guests before the "
            "session has an event."
        )
    if stored is not None and not owns_prepared(caller, stored):
        raise Forbidden(
            f"Rule {_RULE}: only {_ADMIN}, or the user who prepared the guests of "
            f"{stored.session_id} may replace them before the session has an event."
        )
