"""The envelope of every JSON response: {success, message, data}."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticSerializationError, to_json

PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every response. No cache stores it, no browser guesses another content type, and no
other page receives its address, which in an OAuth callback contains a code and a state (RFC 9700,
section 4.2.4)."""

STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}
"""The header of every response over https: browsers use https only for a year (RFC 6797)."""


class Body(BaseModel):
    """A request body with camelCase names. Unknown fields are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


def redirect(address: str) -> Response[str]:
    """Return a 302 to `address`, sent without a Referer header."""
    return Response(status_code=302, headers={"Location": address, **PRIVATE}, body="")


def success(data: Any, message: str, *, status: int = 200) -> Response[str]:
    """Return a success envelope with `data`, which must be plain JSON."""
    envelope = {"success": True, "message": message, "data": data}
    return Response(
        status_code=status,
        content_type=content_types.APPLICATION_JSON,
        headers=PRIVATE,
        body=_as_json(envelope),
    )


def _as_json(envelope: dict[str, Any]) -> str:
    try:
        return to_json(envelope).decode()
    except PydanticSerializationError:
        # A lone surrogate in a calendar's text is not valid UTF-8, but its escape is valid JSON.
        return json.dumps(envelope, separators=(",", ":"))
