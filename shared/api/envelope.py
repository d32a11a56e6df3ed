"""The one shape of every answer: {success, message, data}."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticSerializationError, to_json

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""Headers of every answer: kept nowhere, and no page learns of the address, which on the way back
from a provider holds a code and a state (RFC 9700, section 4.2.4)."""


class Body(BaseModel):
    """A request body: camelCase names, unknown fields ignored."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


def redirect(address: str) -> Response[str]:
    """Return a 302 to `address`, which is told nothing of the page the browser comes from."""
    return Response(status_code=302, headers={"Location": address, **PRIVATE}, body="")


def answer(data: Any, message: str, *, status: int = 200) -> Response[str]:
    """Return the envelope around `data`, which is plain JSON."""
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
        # Half a surrogate pair in a calendar's text is no UTF-8; its escape is JSON all the same.
        return json.dumps(envelope, separators=(",", ":"))
