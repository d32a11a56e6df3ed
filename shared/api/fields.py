"""Request field types of the HTTP contract: ids, mail addresses, enumerations and arrays."""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.domain.address import normalise
from shared.domain.connection import KNOWN_PROVIDERS, OAUTH_PROVIDERS, Provider
from shared.domain.event import EventStatus, Owner
from shared.domain.role import Role

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
UNKNOWN_ID = "unknown_id"
"""The error type for a path id that no record can have."""
E = TypeVar("E", bound=StrEnum)


def _parse_id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        value = str(value)
    if isinstance(value, str) and ID.fullmatch(value):
        return value
    raise ValueError("must be an integer from 1, or 1-64 characters of A-Z a-z 0-9 _ -")


def _parse_ids(value: Any) -> tuple[str, ...]:
    values = _check_at_most(50)(value) if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(_parse_id(each) for each in values))


def _parse_query_ids(value: Any) -> tuple[str, ...]:
    """Accept comma-separated ids, a repeated parameter or both; empty text means no ids."""
    text = ",".join(value) if isinstance(value, list) else str(value)
    values = text.split(",") if text else ()
    return tuple(dict.fromkeys(_parse_id(each) for each in values))


def query_enums(kind: Iterable[E]) -> tuple[BeforeValidator, WithJsonSchema]:
    """Return what annotates a tuple of an enum's values in a query, comma-separated or repeated."""
    parse, values = enum_parser(kind), [each.value for each in kind]

    def parse_all(value: Any) -> tuple[Any, ...]:
        text = ",".join(value) if isinstance(value, list) else str(value)
        return tuple(dict.fromkeys(parse(each) for each in text.split(","))) if text else ()

    schema = {"type": "array", "items": {"type": "string", "enum": values}}
    return BeforeValidator(parse_all), WithJsonSchema(schema)


def _parse_path_session_id(value: Any) -> str:
    try:
        return _parse_id(value)
    except ValueError as error:
        raise PydanticCustomError(UNKNOWN_ID, "is not a valid id") from error


def _check_at_most(items: int) -> Callable[[Any], Any]:
    """Return a check of an array's length, made before its items are parsed."""

    def check(value: Any) -> Any:
        if not isinstance(value, list):
            raise ValueError("must be an array")  # noqa: TRY004 - pydantic reports ValueError
        if len(value) > items:
            raise ValueError(f"must have at most {items} items")
        return value

    return check


def at_most(items: int) -> BeforeValidator:
    """Return a validator that rejects a longer array before it parses any item of it."""
    return BeforeValidator(_check_at_most(items))


def enum_parser(kind: Iterable[E]) -> Callable[[Any], Any]:
    """Return a parser of an enum's values that ignores case."""
    known = tuple(kind)
    members = {each.value.lower(): each for each in known}

    def parse(value: Any) -> Any:
        member = members.get(value.lower()) if isinstance(value, str) else None
        if member is None:
            raise ValueError(f"must be one of {', '.join(each.value for each in known)}")
        return member

    return parse


def enum_schema(*members: StrEnum) -> dict[str, Any]:
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

RoleName = Annotated[Role, BeforeValidator(enum_parser(Role)), WithJsonSchema(enum_schema(*Role))]
StatusName = Annotated[
    EventStatus,
    BeforeValidator(enum_parser(EventStatus)),
    WithJsonSchema(enum_schema(*EventStatus)),
]
ProviderName = Annotated[
    Provider,
    BeforeValidator(enum_parser(KNOWN_PROVIDERS)),
    WithJsonSchema(enum_schema(*KNOWN_PROVIDERS)),
]
OAuthProviderName = Annotated[
    Provider,
    BeforeValidator(enum_parser(OAUTH_PROVIDERS)),
    WithJsonSchema(enum_schema(*OAUTH_PROVIDERS)),
]
OwnerName = Annotated[
    Owner, BeforeValidator(enum_parser(Owner)), WithJsonSchema(enum_schema(*Owner))
]

Email = Annotated[
    str, Field(max_length=320, json_schema_extra={"format": "email"}), AfterValidator(normalise)
]
"""An address SES can send to. Its domain is normalised to lower-case ASCII."""
