"""Items of users in the connections table, except the agenda, and their conversion."""

import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from shared.domain.connection import (
    Connection,
    ConnectionProblem,
    ConnectionStatus,
    Outage,
    ProblemCode,
    Provider,
)
from shared.domain.person import Holiday, Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.stores.attributes import DateAttribute, InstantAttribute, to_provider
from shared.stores.rows import Row

_T = TypeVar("_T")

PERSON_PREFIX = "person#"
PROFILE_SK = "person#profile"
AVAILABILITY_PREFIX = "person#availability#"
HOLIDAY_PREFIX = "person#holiday#"
CONNECTION_PREFIX = "person#connection#"
DUE_SHARDS = 16


class ProfileRow(Row):
    """sk = `person#profile`: e-mail and roles from access tokens, and when the welcome was seen.

    `address_since` marks an e-mail address whose sessions have not been queued yet.
    """

    email = UnicodeAttribute(null=True)
    address_since = InstantAttribute(null=True)
    roles_seen = UnicodeSetAttribute(null=True)
    welcome_seen_at = InstantAttribute(null=True)


class WindowMap(MapAttribute[str, Any]):
    """One weekly window inside an availability item."""

    weekday = NumberAttribute()
    start = NumberAttribute()
    end = NumberAttribute()
    zone = UnicodeAttribute()


class AvailabilityRow(Row):
    """sk = `person#availability#<role>`."""

    zone = UnicodeAttribute()
    use_default = BooleanAttribute()
    windows = ListAttribute(of=WindowMap)
    zone_only = BooleanAttribute(null=True)
    row_version = NumberAttribute(null=True)
    changed_by = UnicodeAttribute(null=True)
    changed_at = InstantAttribute(null=True)


class HolidayRow(Row):
    """sk = `person#holiday#<id>`; `removed_by` is set just before an Admin deletes the item."""

    name = UnicodeAttribute()
    role = UnicodeAttribute()
    first = DateAttribute()
    last = DateAttribute()
    created_at = InstantAttribute()
    created_by = UnicodeAttribute(null=True)
    removed_by = UnicodeAttribute(null=True)


class ConnectionRow(Row):
    """sk = `person#connection#<id>`; `credential` is ciphertext.

    `row_version` numbers the changes that domain events report. An id can be used again after the
    connection was deleted, so the first number is the time of the creation, in microseconds.
    """

    provider = UnicodeAttribute()
    account = UnicodeAttribute()
    email = UnicodeAttribute()
    is_email_verified = BooleanAttribute(null=True)
    calendar_id = UnicodeAttribute()
    calendar_name = UnicodeAttribute(null=True)
    zone = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    credential = BinaryAttribute(legacy_encoding=False)
    token_expires_at = InstantAttribute(null=True)
    last_error = UnicodeAttribute(null=True)
    error_code = UnicodeAttribute(null=True)
    error_since = InstantAttribute(null=True)
    created_at = InstantAttribute()
    connected_at = InstantAttribute(null=True)
    heal_from = InstantAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)
    lease_until = InstantAttribute(null=True)
    read_outage_calls = NumberAttribute(null=True)
    read_outage_since = InstantAttribute(null=True)
    read_outage_at = InstantAttribute(null=True)
    write_outage_calls = NumberAttribute(null=True)
    write_outage_since = InstantAttribute(null=True)
    write_outage_at = InstantAttribute(null=True)
    row_version = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)


def from_availability(user_id: str, availability: RoleAvailability) -> AvailabilityRow:
    """Convert one role's availability."""
    return AvailabilityRow(
        user_id,
        f"{AVAILABILITY_PREFIX}{availability.role}",
        zone=availability.zone,
        use_default=availability.use_default,
        windows=[_window_map(each) for each in availability.windows],
        zone_only=availability.zone_only or None,
        changed_by=availability.changed_by,
        changed_at=availability.changed_at,
    )


def to_availability(item: Mapping[str, Any]) -> RoleAvailability | None:
    """Convert an availability item; return None when this version does not know its role."""
    row = AvailabilityRow.from_raw_data(dict(item))
    role = _known_role(row.sk.removeprefix(AVAILABILITY_PREFIX))
    if role is None:
        return None
    return RoleAvailability(
        role=role,
        zone=row.zone,
        use_default=row.use_default,
        windows=tuple(
            Window(int(each.weekday), int(each.start), int(each.end), each.zone)
            for each in row.windows
        ),
        zone_only=bool(row.zone_only),
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )


def from_holiday(user_id: str, holiday: Holiday) -> HolidayRow:
    """Convert a holiday."""
    return HolidayRow(
        user_id,
        f"{HOLIDAY_PREFIX}{holiday.id}",
        name=holiday.name,
        role=holiday.role.value,
        first=holiday.first,
        last=holiday.last,
        created_at=holiday.created_at,
        created_by=holiday.created_by,
    )


def to_holiday(item: Mapping[str, Any]) -> Holiday | None:
    """Convert a holiday item; return None when this version does not know its role."""
    row = HolidayRow.from_raw_data(dict(item))
    role = _known_role(row.role)
    if role is None:
        return None
    return Holiday(
        id=row.sk.removeprefix(HOLIDAY_PREFIX),
        name=row.name,
        role=role,
        first=row.first,
        last=row.last,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def from_connection(connection: Connection) -> ConnectionRow:
    """Convert a connection; only active ones get the keys of the due index.

    They are due when their tokens expire, or at once until the user's sessions have been queued.
    """
    due_at = connection.heal_from or connection.token_expires_at
    is_due = connection.is_active and due_at is not None
    problem = connection.last_error
    return ConnectionRow(
        connection.user_id,
        f"{CONNECTION_PREFIX}{connection.id}",
        provider=connection.provider.value,
        account=connection.account,
        email=connection.email,
        is_email_verified=connection.is_email_verified,
        calendar_id=connection.calendar_id,
        calendar_name=connection.calendar_name,
        zone=connection.zone,
        status=connection.status.value,
        credential=connection.credential,
        token_expires_at=connection.token_expires_at,
        last_error=problem.message if problem else None,
        error_code=problem.code.value if problem else None,
        error_since=problem.since if problem else None,
        created_at=connection.created_at,
        connected_at=connection.connected_at,
        heal_from=connection.heal_from,
        due_shard=due_shard(_shard(connection.id)) if is_due else None,
        due_at=due_at if is_due else None,
        **_outage_values("read", connection.read_outage),
        **_outage_values("write", connection.write_outage),
    )


def due_shard(number: int) -> str:
    """Return the index partition with a number from 0 to `DUE_SHARDS` - 1."""
    return f"due#{number}"


def _shard(connection_id: str) -> int:
    return zlib.crc32(connection_id.encode()) % DUE_SHARDS


def to_connection(item: Mapping[str, Any]) -> Connection:
    """Convert a connection item.

    A connection whose provider or status this version does not know is `UNAVAILABLE`, not left
    out: its calendar may be busy.
    """
    row = ConnectionRow.from_raw_data(dict(item))
    provider = to_provider(row.provider)
    is_known = provider is not Provider.UNKNOWN and row.status in set(ConnectionStatus)
    return Connection(
        id=row.sk.removeprefix(CONNECTION_PREFIX),
        user_id=row.pk,
        provider=provider,
        account=row.account,
        email=row.email,
        is_email_verified=row.is_email_verified,
        calendar_id=row.calendar_id,
        calendar_name=row.calendar_name,
        zone=row.zone,
        status=ConnectionStatus(row.status) if is_known else ConnectionStatus.UNAVAILABLE,
        credential=row.credential,
        token_expires_at=row.token_expires_at,
        last_error=_problem(row),
        read_outage=_outage(row.read_outage_calls, row.read_outage_since, row.read_outage_at),
        write_outage=_outage(row.write_outage_calls, row.write_outage_since, row.write_outage_at),
        created_at=row.created_at,
        connected_at=row.connected_at,
        heal_from=row.heal_from,
    )


def _outage_values(kind: str, outage: Outage | None) -> dict[str, Any]:
    return {
        f"{kind}_outage_calls": outage.calls if outage else None,
        f"{kind}_outage_since": outage.since if outage else None,
        f"{kind}_outage_at": outage.at if outage else None,
    }


def _outage(calls: float | None, since: datetime | None, at: datetime | None) -> Outage | None:
    if calls is None or since is None or at is None:
        return None
    return Outage(calls=int(calls), since=since, at=at)


def _problem(row: ConnectionRow) -> ConnectionProblem | None:
    """Return the last error; one without a code this version knows needs a reconnection."""
    if not row.last_error:
        return None
    is_known = row.error_code in set(ProblemCode)
    code = ProblemCode(row.error_code) if is_known else ProblemCode.RECONNECT_REQUIRED
    return ConnectionProblem(code, row.last_error, row.error_since)


def to_person(user_id: str, items: Iterable[Mapping[str, Any]]) -> Person:
    """Combine the items of a user; items of an unknown kind are ignored."""
    rows = list(items)
    profile = next(
        (ProfileRow.from_raw_data(each) for each in _with_prefix(rows, PROFILE_SK)), None
    )
    availability = _known(map(to_availability, _with_prefix(rows, AVAILABILITY_PREFIX)))
    holidays = _known(map(to_holiday, _with_prefix(rows, HOLIDAY_PREFIX)))
    connections = map(to_connection, _with_prefix(rows, CONNECTION_PREFIX))
    return Person(
        user_id=user_id,
        email=profile.email if profile else None,
        roles_seen=frozenset(_known(map(_known_role, (profile and profile.roles_seen) or ()))),
        availability={each.role: each for each in availability},
        holidays=tuple(sorted(holidays, key=lambda each: (each.first, each.last, each.id))),
        connections=tuple(sorted(connections, key=lambda each: (each.created_at, each.id))),
        welcome_seen_at=profile.welcome_seen_at if profile else None,
    )


def _window_map(window: Window) -> WindowMap:
    return WindowMap(  # type: ignore[no-untyped-call]  # untyped in PynamoDB
        weekday=window.weekday, start=window.start, end=window.end, zone=window.zone
    )


def _with_prefix(items: Iterable[Mapping[str, Any]], prefix: str) -> list[dict[str, Any]]:
    return [dict(each) for each in items if each["sk"]["S"].startswith(prefix)]


def _known_role(value: str) -> Role | None:
    return Role(value) if value in set(Role) else None


def _known(values: Iterable[_T | None]) -> list[_T]:
    return [each for each in values if each is not None]
