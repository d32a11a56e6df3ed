"""Request field types of the HTTP contract: ids, names, addresses and enumerations."""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.domain.address import normalise
from shared.domain.connection import KNOWN_PROVIDERS, OAUTH_PROVIDERS, Provider
from shared.domain.event import Owner
from shared.domain.role import Role
from shared.domain.text import is_one_line

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
UNKNOWN_ID = "unknown_id"
"""The error type for a path id that no record can have."""
_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]"
LINE: dict[str, Any] = {"pattern": f"^{_LINE}*$"}
"""The JSON Schema of text that must be `one_line`."""
_LINE_WITH_TEXT: dict[str, Any] = {"pattern": rf"^{_LINE}*[^\s\x00-\x1f\x7f-\x9f]{_LINE}*$"}

E = TypeVar("E", bound=StrEnum)


def _parse_id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        value = str(value)
    if isinstance(value, str) and ID.fullmatch(value):
        return value
    raise ValueError("must be an integer from 1, or 1-64 characters of A-Z a-z 0-9 _ -")


def _parse_ids(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(_parse_id(each) for each in values))


def _parse_query_ids(value: Any) -> tuple[str, ...]:
    """Accept comma-separated ids, a repeated parameter or both; empty text means no ids."""
    text = ",".join(value) if isinstance(value, list) else str(value)
    return _parse_ids(text.split(",")) if text else ()


def _parse_path_session_id(value: Any) -> str:
    try:
        return _parse_id(value)
    except ValueError as error:
        raise PydanticCustomError(UNKNOWN_ID, "is not a valid id") from error


def one_line(value: str) -> str:
    """Return `value` if it is one line. Headers and calendar entries must not get anything else.

    Raises:
        ValueError: when it contains control characters, line breaks or a lone surrogate.
    """
    if not is_one_line(value):
        raise ValueError("must be one line of text without control characters")
    return value


def _check_not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be blank")
    return value


def _check_web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or any(each.isspace() for each in value):
        raise ValueError("must be an http or https address")
    return value


def _parse_enum(kind: Iterable[E]) -> Callable[[Any], Any]:
    """Return a parser of an enum's values that ignores case."""
    known = tuple(kind)
    members = {each.value.lower(): each for each in known}

    def parse(value: Any) -> Any:
        member = members.get(value.lower()) if isinstance(value, str) else None
        if member is None:
            raise ValueError(f"must be one of {', '.join(each.value for each in known)}")
        return member

    return parse


def _enum_schema(*members: StrEnum) -> dict[str, Any]:
    """Return the schema with the usual spellings of the members. Parsing ignores case."""
    spellings = [spell(each) for spell in (str, str.lower, str.upper) for each in members]
    return {"type": "string", "enum": list(dict.fromkeys(spellings))}


_ID_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        {"type": "integer", "minimum": 1},
    ]
}

UserId = Annotated[str, BeforeValidator(_parse_id), WithJsonSchema(_ID_SCHEMA)]
"""A user id of the platform: an integer or a string, parsed to a string."""

ParticipantIds = Annotated[
    tuple[str, ...],
    BeforeValidator(_parse_ids),
    Field(max_length=50),
    WithJsonSchema(
        {"anyOf": [*_ID_SCHEMA["anyOf"], {"type": "array", "maxItems": 50, "items": _ID_SCHEMA}]}
    ),
]
"""One id or an array of ids, without duplicates, in the order given."""

SessionId = Annotated[str, BeforeValidator(_parse_id), WithJsonSchema(_ID_SCHEMA)]
"""A session's id, which is also its event's id. Older clients send it as a number."""

UserIds = Annotated[
    tuple[str, ...],
    BeforeValidator(_parse_query_ids),
    WithJsonSchema({"type": "array", "items": _ID_SCHEMA}),
]
"""Ids in a query: comma-separated or a repeated parameter, without duplicates, in order."""

PathSessionId = Annotated[
    str,
    BeforeValidator(_parse_path_session_id),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}),
]
"""A session's id in a path. Text that cannot be an id is reported as an unknown session."""

RoleName = Annotated[Role, BeforeValidator(_parse_enum(Role)), WithJsonSchema(_enum_schema(*Role))]
ProviderName = Annotated[
    Provider,
    BeforeValidator(_parse_enum(KNOWN_PROVIDERS)),
    WithJsonSchema(_enum_schema(*KNOWN_PROVIDERS)),
]
OAuthProviderName = Annotated[
    Provider,
    BeforeValidator(_parse_enum(OAUTH_PROVIDERS)),
    WithJsonSchema(_enum_schema(*OAUTH_PROVIDERS)),
]
OwnerName = Annotated[
    Owner, BeforeValidator(_parse_enum(Owner)), WithJsonSchema(_enum_schema(*Owner))
]

Title = Annotated[
    str,
    Field(min_length=1, max_length=300, json_schema_extra=_LINE_WITH_TEXT),
    AfterValidator(one_line),
    AfterValidator(_check_not_blank),
]
Place = Annotated[str, Field(max_length=1000, json_schema_extra=LINE), AfterValidator(one_line)]
Link = Annotated[
    str,
    Field(max_length=2048, json_schema_extra={"format": "uri", "pattern": "^[Hh][Tt][Tt][Pp]"}),
    AfterValidator(one_line),
    AfterValidator(_check_web_address),
]
Email = Annotated[
    str, Field(max_length=320, json_schema_extra={"format": "email"}), AfterValidator(normalise)
]
"""An address SES can send to. Its domain is normalised to lower-case ASCII."""

PersonName = Annotated[str, Field(max_length=200, json_schema_extra=LINE), AfterValidator(one_line)]
HolidayName = Annotated[
    str,
    Field(min_length=1, max_length=200, json_schema_extra=_LINE_WITH_TEXT),
    AfterValidator(one_line),
    AfterValidator(_check_not_blank),
]
