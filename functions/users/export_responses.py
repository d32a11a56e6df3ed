"""Response data of an export; never a credential, and nothing about other participants."""

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import DayText, InstantText, UuidText
from shared.domain.audit import AuditAction
from shared.domain.connection import Connection, ConnectionStatus, Provider
from shared.domain.copy import CopyState
from shared.domain.event import EventStatus
from shared.domain.invite import DeliveryState, Invite, InviteKind
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.week import WEEKDAYS, RoleAvailability
from shared.usecases.erasure.export import SessionExport, UserExport


class ProfileExportOut(TypedDict):
    """What access tokens said about the user, and when the welcome was seen."""

    email: str | None
    roles: list[Role]
    welcomeSeenAt: InstantText | None


class WindowExportOut(TypedDict):
    """One weekly window, in minutes since local midnight."""

    weekday: str
    startMinute: int
    endMinute: int
    timezone: str


class AvailabilityExportOut(TypedDict):
    """The weekly windows of one role."""

    role: Role
    timezone: str
    useDefaultAvailability: bool
    windows: list[WindowExportOut]


class HolidayExportOut(TypedDict):
    """Time off."""

    id: UuidText
    name: str
    role: Role
    startDate: DayText
    endDate: DayText
    createdAt: InstantText


class ConnectionExportOut(TypedDict):
    """A connected calendar, without its credential."""

    id: UuidText
    provider: Provider
    account: str
    email: str
    calendarId: str
    calendarName: str | None
    timezone: str | None
    status: ConnectionStatus
    lastError: str | None
    createdAt: InstantText


class DisconnectedExportOut(TypedDict):
    """An account that the user has disconnected; the next sign-in does not connect it again."""

    provider: Provider
    account: str
    email: str
    calendarId: str


class ContactExportOut(TypedDict):
    """The address and name given for the user in a session."""

    email: str
    name: str | None


class ActionExportOut(TypedDict):
    """What the user did to a session."""

    action: AuditAction
    role: str
    at: InstantText


class CopyExportOut(TypedDict):
    """The copy of a session in a calendar of the user."""

    connectionId: UuidText
    provider: Provider
    state: CopyState
    externalId: str | None
    updatedAt: InstantText


class InviteExportOut(TypedDict):
    """The invitation of the user by mail."""

    email: str
    name: str | None
    kind: InviteKind
    status: DeliveryState
    attempts: int
    diagnostic: str | None
    updatedAt: InstantText | None


class SessionExportOut(TypedDict):
    """What a session contains about the user."""

    id: str
    title: str
    startTime: InstantText
    endTime: InstantText
    timezone: str
    status: EventStatus
    role: str | None
    location: str | None
    sessionLink: str | None
    contact: ContactExportOut | None
    actions: list[ActionExportOut]
    copies: list[CopyExportOut]
    invites: list[InviteExportOut]


class UserExportOut(TypedDict):
    """One page of an export; only sessions differ between pages."""

    userId: str
    exportedAt: InstantText
    profile: ProfileExportOut
    availability: list[AvailabilityExportOut]
    holidays: list[HolidayExportOut]
    connections: list[ConnectionExportOut]
    disconnectedAccounts: list[DisconnectedExportOut]
    sessions: list[SessionExportOut]
    cursor: str | None


def export_out(page: UserExport) -> UserExportOut:
    """Return the contract's UserExport."""
    person = page.person
    return {
        "userId": person.user_id,
        "exportedAt": zulu(page.at),
        "profile": _profile_out(person),
        "availability": [_availability_out(each) for each in person.availability.values()],
        "holidays": [
            {
                "id": each.id,
                "name": each.name,
                "role": each.role,
                "startDate": each.first.isoformat(),
                "endDate": each.last.isoformat(),
                "createdAt": zulu(each.created_at),
            }
            for each in person.holidays
        ],
        "connections": [_connection_out(each) for each in person.connections],
        "disconnectedAccounts": [
            {
                "provider": provider,
                "account": each.account,
                "email": each.email,
                "calendarId": each.calendar_id,
            }
            for provider, each in page.disconnected
        ],
        "sessions": [_session_out(each) for each in page.sessions],
        "cursor": page.cursor,
    }


def _profile_out(person: Person) -> ProfileExportOut:
    return {
        "email": person.email,
        "roles": sorted(person.roles_seen),
        "welcomeSeenAt": zulu(person.welcome_seen_at) if person.welcome_seen_at else None,
    }


def _availability_out(availability: RoleAvailability) -> AvailabilityExportOut:
    return {
        "role": availability.role,
        "timezone": availability.zone,
        "useDefaultAvailability": availability.use_default,
        "windows": [
            {
                "weekday": WEEKDAYS[each.weekday],
                "startMinute": each.start,
                "endMinute": each.end,
                "timezone": each.zone,
            }
            for each in availability.windows
        ],
    }


def _connection_out(connection: Connection) -> ConnectionExportOut:
    return {
        "id": connection.id,
        "provider": connection.provider,
        "account": connection.account,
        "email": connection.email,
        "calendarId": connection.calendar_id,
        "calendarName": connection.calendar_name,
        "timezone": connection.zone,
        "status": connection.status,
        "lastError": connection.error_message,
        "createdAt": zulu(connection.created_at),
    }


def _session_out(session: SessionExport) -> SessionExportOut:
    event, contact = session.event, session.contact
    return {
        "id": event.id,
        "title": event.title,
        "startTime": zulu(event.interval.start),
        "endTime": zulu(event.interval.end),
        "timezone": event.zone,
        "status": event.status,
        "role": session.role,
        "location": event.location,
        "sessionLink": event.session_link,
        "contact": {"email": contact.email, "name": contact.name} if contact else None,
        "actions": [
            {"action": each.action, "role": each.role, "at": zulu(each.at)}
            for each in session.audit
        ],
        "copies": [
            {
                "connectionId": each.connection_id,
                "provider": each.provider,
                "state": each.state_for(event.version),
                "externalId": each.ref.external_id if each.ref else None,
                "updatedAt": zulu(each.updated_at),
            }
            for each in session.copies
        ],
        "invites": [_invite_out(each) for each in session.invites],
    }


def _invite_out(invite: Invite) -> InviteExportOut:
    newest = invite.newest
    return {
        "email": invite.address,
        "name": invite.name,
        "kind": invite.kind,
        "status": invite.status,
        "attempts": invite.attempt_count,
        "diagnostic": newest.diagnostic if newest else None,
        "updatedAt": zulu(newest.updated_at) if newest else None,
    }
