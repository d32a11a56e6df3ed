"""Merging the replies of recipients into their invites, in any order, any number of times."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.invite import Answer, Invite, InviteMethod, InviteResponse

_RANDOM_CHARACTERS = 32


class ReplyOutcome(StrEnum):
    """The effect of a reply. Only `CHANGED` changes an invite."""

    CHANGED = "changed"
    KNOWN = "known"
    """It is stored already, or a newer one is."""
    STALE = "stale"
    """It answers an invitation that has been replaced or cancelled since."""
    NEVER_SENT = "never_sent"
    """It answers a SEQUENCE that this service has not sent."""
    FORGED = "forged"
    """It was not sent to the secret address of that recipient."""
    FOREIGN = "foreign"
    """It is about another service's event, or from an address that was not invited to it."""
    UNREADABLE = "unreadable"
    """The mail is not a reply, or not one that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An iTIP reply (RFC 5546, 3.2.3) as it arrived.

    `address` is that of the attendee who answers. `sent_to` are the recipients of the mail's
    envelope. `stamp` is DTSTAMP, None if the reply has none.
    """

    uid: str
    address: str
    sent_to: tuple[str, ...]
    answer: Answer
    sequence: int
    stamp: datetime | None
    received_at: datetime
    comment: str | None = None

    @property
    def response(self) -> InviteResponse:
        """The response it states. A calendar whose clock is fast answers when the mail arrives."""
        return InviteResponse(
            answer=self.answer,
            sequence=self.sequence,
            responded_at=min(self.stamp or self.received_at, self.received_at),
            received_at=self.received_at,
            comment=self.comment,
        )


def new_reply_address(domain: str, *, token: Callable[[int], str]) -> str:
    """Return an address that cannot be guessed; `token` returns that many random bytes in hex."""
    return f"rsvp+{token(_RANDOM_CHARACTERS // 2)}@{domain}"


def obstacle(invite: Invite, reply: Reply) -> ReplyOutcome | None:
    """Return why the reply must not change the invite, or None if it counts.

    It counts if it came to the invite's own address and answers the newest invitation. A moved
    session has a higher SEQUENCE, so an earlier answer does not count for the new time.
    """
    own = (invite.reply_address or "").lower()
    if not own or not any(_is_same(own, each.lower()) for each in reply.sent_to):
        return ReplyOutcome.FORGED
    newest = invite.newest
    if newest is None or reply.sequence > newest.content.sequence:
        return ReplyOutcome.NEVER_SENT
    is_open = newest.content.method is InviteMethod.REQUEST
    if not is_open or reply.sequence < newest.content.sequence:
        return ReplyOutcome.STALE
    return None


def with_response(invite: Invite, response: InviteResponse) -> Invite:
    """Return the invite with the newer of its response and this one.

    The same responses in any order, with any repeats, result in the same invite.
    """
    stored = invite.response
    newest = response if stored is None else max(stored, response, key=_age)
    return invite if newest == stored else replace(invite, response=newest)


def current_response(invite: Invite) -> InviteResponse | None:
    """Return the response to the newest invitation, None if there is none yet."""
    newest, response = invite.newest, invite.response
    if newest is None or response is None or newest.content.method is not InviteMethod.REQUEST:
        return None
    return response if response.sequence == newest.content.sequence else None


def _age(response: InviteResponse) -> tuple[int, datetime, datetime, str, str]:
    """Return what orders responses; the texts decide between two that came at the same time."""
    return (
        response.sequence,
        response.responded_at,
        response.received_at,
        response.answer.value,
        response.comment or "",
    )


def _is_same(secret: str, given: str) -> bool:
    return hmac.compare_digest(secret.encode(), given.encode())
