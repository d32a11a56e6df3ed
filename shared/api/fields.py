"""The field types of the HTTP contract, as pydantic reads them at the edge."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.domain.address import normalised
from shared.domain.connection import Provider
from shared.domain.event import Owner
from shared.domain.role import Role
from shared.domain.zones import is_zone

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
UNKNOWN_ID = "unknown_id"
"""The type of the problem with an id that nothing can have."""
_YEARS = range(1970, 2200)
_OTHER_YEARS = "must be in the years 1970 to 2199 of UTC"
_LINE_BREAKS = {"Zl", "Zp", "Cc", "Cs"}
_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]"
LINE: dict[str, Any] = {"pattern": f"^{_LINE}*$"}
"""What a schema says of text that must be `one_line`."""
_LINE_WITH_TEXT: dict[str, Any] = {"pattern": rf"^{_LINE}*[^\s\x00-\x1f\x7f-\x9f]{_LINE}*$"}

E = TypeVar("E", bound=StrEnum)


def _id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        value = str(value)
    if isinstance(value, str) and ID.fullmatch(value):
        return value
    raise ValueError("must be an integer from 1, or 1-64 characters of A-Z a-z 0-9 _ -")


def _ids(value: Any) -> tuple[str, ...]:
    several = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(_id(each) for each in several))


def _listed(value: Any) -> tuple[str, ...]:
    """Comma-separated, repeated or both; an empty text is what joining no ids gives."""
    text = ",".join(value) if isinstance(value, list) else str(value)
    return _ids(text.split(",")) if text else ()


def _path_session_id(value: Any) -> str:
    try:
        return _id(value)
    except ValueError as error:
        raise PydanticCustomError(UNKNOWN_ID, "names nothing") from error


def _moment(value: Any) -> datetime:
    if not isinstance(value, str) or not _INSTANT.fullmatch(_plus_restored(value)):
        raise ValueError("must be an RFC 3339 instant such as 2026-12-25T09:00:00Z")
    parsed = datetime.fromisoformat(_plus_restored(value).upper())
    if parsed.year not in _YEARS:
        raise ValueError(_OTHER_YEARS)
    return parsed


def _instant(value: Any) -> datetime:
    return instant_in(_moment(value), UTC)


def instant_in(moment: datetime, zone: tzinfo) -> datetime:
    """Return the instant in UTC; without an offset `moment` is what clocks show in `zone`.

    What they show twice means the first time, what they never show is read by the offset before
    the gap (RFC 5545, section 3.3.5).

    Raises:
        ValueError: when that is outside the years 1970 to 2199 of UTC.
    """
    instant = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    if instant.year not in _YEARS:
        raise ValueError(_OTHER_YEARS)
    return instant


def _plus_restored(value: str) -> str:
    """A query string's unescaped + arrives as a space; before an offset it can only have been +."""
    return re.sub(r"(?<=\d) (?=\d\d:?\d\d$)", "+", value) if value.count(":") > 1 else value


def _date(value: Any) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("must be a date such as 2026-12-25")
    parsed = date.fromisoformat(value)
    if parsed.year not in _YEARS:
        raise ValueError("must be in the years 1970 to 2199")
    return parsed


def _zone(value: str) -> str:
    if not is_zone(value):
        raise ValueError("must be an IANA time zone such as Europe/Berlin")
    return value


def one_line(value: str) -> str:
    """Return `value` when it is one line; nothing else may reach a header or a calendar.

    Raises:
        ValueError: when it holds control characters, line breaks or half a surrogate pair.
    """
    if any(unicodedata.category(each) in _LINE_BREAKS for each in value):
        raise ValueError("must be one line of text without control characters")
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be blank")
    return value


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or any(each.isspace() for each in value):
        raise ValueError("must be an http or https address")
    return value


def _spelled(kind: type[E]) -> Callable[[Any], Any]:
    """Read an enum's value without regard to case."""
    known = {each.value.lower(): each for each in kind}

    def read(value: Any) -> Any:
        found = known.get(value.lower()) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"must be one of {', '.join(each.value for each in kind)}")
        return found

    return read


def _spellings(*known: StrEnum) -> dict[str, Any]:
    """The schema of an enum's values in the spellings people use; others are read as well."""
    spelled = [way(each) for way in (str, str.lower, str.upper) for each in known]
    return {"type": "string", "enum": list(dict.fromkeys(spelled))}


def _not_apple(value: Provider) -> Provider:
    if value is Provider.APPLE:
        raise ValueError("must be one of google, outlook")
    return value


def zulu(value: datetime) -> str:
    """Return the instant as RFC 3339 in UTC with a trailing Z."""
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text}Z"


_ID_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        {"type": "integer", "minimum": 1},
    ]
}

UserId = Annotated[str, BeforeValidator(_id), WithJsonSchema(_ID_SCHEMA)]
"""An integer or a string of the platform; the string inside."""

ParticipantIds = Annotated[
    tuple[str, ...],
    BeforeValidator(_ids),
    Field(max_length=50),
    WithJsonSchema(
        {"anyOf": [*_ID_SCHEMA["anyOf"], {"type": "array", "maxItems": 50, "items": _ID_SCHEMA}]}
    ),
]
"""One id or an array of them; each once, in the order given."""

SessionId = Annotated[str, BeforeValidator(_id), WithJsonSchema(_ID_SCHEMA)]
"""A session's id, which is its event's id too; older clients send it as a number."""

UserIds = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    WithJsonSchema({"type": "array", "items": _ID_SCHEMA}),
]
"""Ids in a query, comma-separated or the parameter repeated; each once, in the order given."""

PathSessionId = Annotated[
    str,
    BeforeValidator(_path_session_id),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}),
]
"""A session's id in a path: text that no session can have for an id names no session."""

Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(zulu, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""RFC 3339; without an offset it is UTC. Aware UTC inside, a trailing Z in answers."""

InstantStatus = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""RFC 3339; without an offset it is naive inside, for `instant_in` to read in some zone."""

Day = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
"""A date without a zone, 1970-2199."""

Zone = Annotated[str, Field(max_length=64), AfterValidator(_zone)]
"""An IANA name."""

RoleName = Annotated[Role, BeforeValidator(_spelled(Role)), WithJsonSchema(_spellings(*Role))]
ProviderName = Annotated[
    Provider, BeforeValidator(_spelled(Provider)), WithJsonSchema(_spellings(*Provider))
]
OAuthProviderName = Annotated[
    Provider,
    BeforeValidator(_spelled(Provider)),
    AfterValidator(_not_apple),
    WithJsonSchema(_spellings(Provider.GOOGLE, Provider.OUTLOOK)),
]
OwnerName = Annotated[Owner, BeforeValidator(_spelled(Owner)), WithJsonSchema(_spellings(*Owner))]

Title = Annotated[
    str,
    Field(min_length=1, max_length=300, json_schema_extra=_LINE_WITH_TEXT),
    AfterValidator(one_line),
    AfterValidator(_not_blank),
]
Place = Annotated[str, Field(max_length=1000, json_schema_extra=LINE), AfterValidator(one_line)]
Link = Annotated[
    str,
    Field(max_length=2048, json_schema_extra={"format": "uri", "pattern": "^[Hh][Tt][Tt][Pp]"}),
    AfterValidator(one_line),
    AfterValidator(_web_address),
]
Email = Annotated[
    str, Field(max_length=320, json_schema_extra={"format": "email"}), AfterValidator(normalised)
]
"""An address SES can send to; its domain in lower-case ASCII inside."""

PersonName = Annotated[str, Field(max_length=200, json_schema_extra=LINE), AfterValidator(one_line)]
HolidayName = Annotated[
    str,
    Field(min_length=1, max_length=200, json_schema_extra=_LINE_WITH_TEXT),
    AfterValidator(one_line),
    AfterValidator(_not_blank),
]
