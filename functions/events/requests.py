"""Request bodies for events, parsed into drafts and changes."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StrictBool

from shared.api.envelope import Body
from shared.api.fields import (
    Email,
    OwnerName,
    ParticipantIds,
    SessionId,
    UserId,
    at_most,
)
from shared.api.instants import Instant, Zone
from shared.api.text_fields import Link, PersonName, Place, Reason, Title
from shared.domain.draft import EventDraft
from shared.domain.event import Contact
from shared.domain.event_change import EventChange


class ContactIn(Body):
    """A participant's e-mail address, used for invitations only."""

    user_id: UserId
    email: Email
    name: PersonName | None = None

    def contact(self) -> Contact:
        """Return the domain's contact."""
        return Contact(self.user_id, self.email, self.name)


Contacts = Annotated[tuple[ContactIn, ...], Field(max_length=50), at_most(50)]


ExpectedVersion = Annotated[int, Field(ge=1, strict=True)] | None
"""The version of the event the caller has read; another version is 409 VERSION_CONFLICT."""


class CreateEvent(Body):
    """POST /events."""

    session_id: SessionId
    title: Title
    session_link: Link | None = None
    start_time: Instant
    end_time: Instant
    timezone: Zone = "UTC"
    location: Place | None = None
    owner: OwnerName
    coach_id: ParticipantIds = ()
    learner_id: ParticipantIds = ()
    admin_id: UserId | None = None
    admin_attends: StrictBool | None = None
    auto_approval: StrictBool = False
    allow_conflicts: StrictBool = False
    reopen: StrictBool = False
    contacts: Contacts = ()

    def draft(self) -> EventDraft:
        """Return the draft of the event."""
        return EventDraft(
            session_id=self.session_id,
            title=self.title,
            start=self.start_time,
            end=self.end_time,
            zone=self.timezone,
            owner=self.owner,
            coach_ids=self.coach_id,
            learner_ids=self.learner_id,
            admin_id=self.admin_id,
            session_link=self.session_link,
            location=self.location,
            contacts=tuple(each.contact() for each in self.contacts),
            auto_approval=self.auto_approval,
            allow_conflicts=self.allow_conflicts,
            admin_attends=self.admin_attends,
            reopen=self.reopen,
        )


_LEFT_OUT: Any = None
"""The default of a field that may be left out, but must not be null."""


class UpdateEvent(Body):
    """PUT /events. Only the given fields change; null clears the fields that may be empty."""

    session_id: SessionId
    title: Title = _LEFT_OUT
    session_link: Link | None = None
    start_time: Instant = _LEFT_OUT
    end_time: Instant = _LEFT_OUT
    timezone: Zone = _LEFT_OUT
    location: Place | None = None
    owner: OwnerName = _LEFT_OUT
    coach_id: ParticipantIds = _LEFT_OUT
    learner_id: ParticipantIds = _LEFT_OUT
    admin_id: UserId | None = None
    admin_attends: StrictBool = _LEFT_OUT
    allow_conflicts: StrictBool = False
    contacts: Contacts | None = None
    expected_version: ExpectedVersion = None

    def change(self) -> EventChange:
        """Return the change to make."""
        fields = {
            name: getattr(self, field)
            for field, name in _FIELD_NAMES.items()
            if field in self.model_fields_set
        }
        if "contacts" in self.model_fields_set:
            fields["contacts"] = tuple(each.contact() for each in self.contacts or ())
        return EventChange(
            session_id=self.session_id,
            fields=fields,
            start=self.start_time,
            end=self.end_time,
            expected_version=self.expected_version,
            allow_conflicts=self.allow_conflicts,
            admin_attends=self.admin_attends,
        )


_FIELD_NAMES: Mapping[str, str] = {
    "title": "title",
    "session_link": "session_link",
    "timezone": "zone",
    "location": "location",
    "owner": "owner",
    "coach_id": "coach_ids",
    "learner_id": "learner_ids",
    "admin_id": "admin_id",
}


class SessionRef(Body):
    """POST /events/leave. With expectedVersion, only that version of the event is left."""

    session_id: SessionId
    expected_version: ExpectedVersion = None


class Closing(SessionRef):
    """POST /events/cancel and POST /events/decline."""

    reason: Reason | None = None


class Approval(SessionRef):
    """POST /events/approve."""

    allow_conflicts: StrictBool = False
