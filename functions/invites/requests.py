"""Request bodies for invitations and guests."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictBool, TypeAdapter, ValidationError

from shared.api.envelope import Body
from shared.api.fields import Email, at_most
from shared.api.text_fields import PersonName
from shared.usecases.invitations.guests import Guest

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


class GuestIn(Body):
    """A guest with an optional name."""

    email: Email
    name: PersonName | None = None

    def guest(self) -> Guest:
        """Return the use case's guest."""
        return Guest(email=self.email, name=self.name)


def _from_address(value: Any) -> Any:
    """Turn a bare address into a guest. An invalid one is reported under the guest's own index."""
    if not isinstance(value, str):
        return value
    try:
        return {"email": _EMAIL.validate_python(value)}
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


class ReplaceAttendees(Body):
    """PUT /sessions/{sessionId}/external-attendees."""

    attendees: Annotated[
        tuple[
            Annotated[
                GuestIn, BeforeValidator(_from_address, json_schema_input_type=Email | GuestIn)
            ],
            ...,
        ],
        Field(max_length=100),
        at_most(100),
    ]

    def guests(self) -> tuple[Guest, ...]:
        """Return the guests to invite, in the order given."""
        return tuple(each.guest() for each in self.attendees)


class ResendInvites(Body):
    """POST /events/{eventId}/resend-invites; the body is optional."""

    recipients: Annotated[tuple[Email, ...], Field(max_length=100), at_most(100)] = ()
    force: StrictBool = False
