"""The API at /_local/token: bearer tokens for any user and role."""

import json
from collections.abc import Callable

from infra.local.control import failure, success
from infra.local.gateway import Response
from shared.domain.role import Role

TOKEN = "/_local/token"  # noqa: S105 - a path


class TokenControl:
    """Makes tokens for the console's user; their secret is public anyway."""

    def __init__(self, mint: Callable[[str, list[str]], str]) -> None:
        self._mint = mint

    def respond(self, method: str, path: str, body: bytes) -> Response:
        """Return a token of the user and roles in the body."""
        if method != "POST" or path != TOKEN:
            return failure(404, "NOT_FOUND", f"Use POST {TOKEN}.")
        try:
            content = json.loads(body)
            user, roles = str(content["userId"]), [Role(each).value for each in content["roles"]]
        except (KeyError, TypeError, ValueError):
            message = 'Send {"userId": "coach-1", "roles": ["Coach"]}.'
            return failure(400, "VALIDATION_ERROR", message)
        return success(f"A token of {user}.", {"token": self._mint(user, roles)})
