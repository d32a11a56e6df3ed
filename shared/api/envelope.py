"""The envelope of every JSON response: {success, message, data}."""

import json
import re
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import (
    InitErrorDetails,
    PydanticCustomError,
    PydanticSerializationError,
    to_json,
)

PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every response. No cache stores it, no browser guesses another content type, and no
other page receives its address, which in an OAuth callback contains a code and a state (RFC 9700,
section 4.2.4)."""

REQUEST_ID = "X-Request-Id"
"""The header of every response with the id that the access log and the function's log have."""

STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}
"""The header of every response over https: browsers use https only for a year (RFC 6797)."""


_SEPARATORS = re.compile(r"[\s_-]|\[\]")


class Body(BaseModel):
    """A request body with camelCase names.

    A name that is a field's in another spelling, such as learnerIds or learner_id for learnerId, is
    rejected: ignored, it would look like a change that was made. Other unknown fields are ignored.
    """

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _check_spellings(cls, content: Any) -> Any:
        if not isinstance(content, dict):
            return content
        fields = {_plain(each.alias): each.alias for each in cls.model_fields.values()}
        problems = [
            _misspelt(each, fields[_plain(each)])
            for each in content
            if each not in fields.values() and _plain(each) in fields
        ]
        if problems:
            raise ValidationError.from_exception_data(cls.__name__, problems)
        return content


def _plain(name: str | None) -> str:
    """Return a name without what people write in different ways: case, separators and a plural."""
    return _SEPARATORS.sub("", name or "").casefold().removesuffix("s")


def _misspelt(name: str, field: str | None) -> InitErrorDetails:
    kind = PydanticCustomError("misspelt", "is not a field; use {field}", {"field": field})
    return InitErrorDetails(type=kind, loc=(name,), input=None)


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


def as_result(response: Response[str]) -> dict[str, Any]:
    """Return a JSON response in the form in which a function returns it to API Gateway."""
    headers = {**response.headers, "Content-Type": content_types.APPLICATION_JSON}
    return {"statusCode": response.status_code, "headers": headers, "body": response.body}


def _as_json(envelope: dict[str, Any]) -> str:
    try:
        return to_json(envelope).decode()
    except PydanticSerializationError:
        # A lone surrogate in a calendar's text is not valid UTF-8, but its escape is valid JSON.
        return json.dumps(envelope, separators=(",", ":"))
