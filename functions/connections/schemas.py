"""Calendar connections as the contract writes them."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr

from shared.api.envelope import Body
from shared.api.fields import one_line, zulu
from shared.domain.connection import Connection


class ConnectApple(Body):
    """POST /auth/apple/connect."""

    username: Annotated[str, Field(min_length=1, max_length=320), AfterValidator(one_line)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=512)]
    server_url: Annotated[str, Field(max_length=2048), AfterValidator(one_line)] = (
        "https://caldav.icloud.com"
    )


def connection_out(connection: Connection) -> dict[str, Any]:
    """Return the contract's Connection; never a token or password."""
    expires = connection.token_expires_at
    return {
        "id": connection.id,
        "provider": connection.provider,
        "email": connection.email,
        "calendarId": connection.calendar_id,
        "calendarName": connection.calendar_name,
        "status": connection.status,
        "tokenExpiresAt": zulu(expires) if expires else None,
        "lastError": connection.last_error,
        "createdAt": zulu(connection.created_at),
    }
