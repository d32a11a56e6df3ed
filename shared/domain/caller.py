"""The caller of a request, from the bearer token."""

from dataclasses import dataclass

from shared.domain.errors import Forbidden
from shared.domain.role import Role

EVENTS_SCOPE = "events:write"
"""The scope of a service token that has an Admin's rights on events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The user or service behind a verified token.

    `acting_admin` is the id of the Admin who acts for this user; None for the user's own requests.
    """

    user_id: str
    roles: frozenset[Role] = frozenset()
    email: str | None = None
    scopes: frozenset[str] = frozenset()
    acting_admin: str | None = None

    @property
    def actor_id(self) -> str:
        """Who made the request: the user, or the Admin who acts for the user."""
        return self.acting_admin or self.user_id

    @property
    def is_admin(self) -> bool:
        """Whether the token carries the Admin role."""
        return Role.ADMIN in self.roles

    @property
    def manages_events(self) -> bool:
        """Whether the caller has an Admin's rights on events: an Admin or a service with the scope.

        What a user may do with a session is decided in shared/domain/policy.py.
        """
        return self.is_admin or EVENTS_SCOPE in self.scopes

    def acting_for(self, user_id: str | None) -> "Caller":
        """Return the caller of a request about that user's settings; None means one's own.

        An Admin acts for another user as a Coach and a Learner, and without an Admin's rights.

        Raises:
            Forbidden: when the user is another one and the caller is not an Admin.
        """
        if user_id is None or user_id == self.user_id:
            return self
        if not self.is_admin:
            raise Forbidden("Rule own.others: only an Admin may name another user in userId.")
        return Caller(
            user_id=user_id,
            roles=frozenset({Role.COACH, Role.LEARNER}),
            acting_admin=self.user_id,
        )

    def require_scope(self, scope: str) -> None:
        """Require a service token with the scope.

        Raises:
            Forbidden: for any other token, including a user's.
        """
        if scope not in self.scopes:
            raise Forbidden(f"This request needs a service token with the scope {scope}.")

    def require(self, role: Role) -> None:
        """Require the role.

        Raises:
            Forbidden: when the token does not have it.
        """
        if role not in self.roles:
            raise Forbidden(f"This request needs the role {role}, which your token does not have.")
