"""Report the delivery status of an event's invitations, and send them again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain import invite_steps
from shared.domain.caller import Caller
from shared.domain.errors import FieldProblem, InvalidRequest, NotFound, NotScheduled
from shared.domain.event import EventStatus
from shared.domain.invite import Invite, InviteMethod, invite_id
from shared.domain.recipients import Audience
from shared.domain.retry import Pause
from shared.ports import InviteStore
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.invite_update import update_invite


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteReport:
    """Every invite of an event with its newest attempt, including those not sent yet."""

    event_id: str
    invites: tuple[Invite, ...]

    @property
    def summary(self) -> Mapping[str, int]:
        """The number of recipients by delivery status."""
        return Counter(invite.status.value for invite in self.invites)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendReport:
    """The addresses that get another mail, and the skipped addresses, each with the reason."""

    event_id: str
    resent: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


class InviteReports:
    """The operations on the invitations of an event.

    `pause` waits before try number n of a write that lost a race.
    """

    def __init__(self, *, audiences: AudienceReader, invites: InviteStore, pause: Pause) -> None:
        self._audiences = audiences
        self._invites = invites
        self._pause = pause

    def report(self, caller: Caller, event_id: str) -> InviteReport:
        """Return every invite of the event, ordered by kind and address.

        Raises:
            NotFound: when there is no event with that id that the caller may see.
        """
        audience = self._visible(caller, event_id)
        by_id = {**_new_invites(audience), **{invite.id: invite for invite in audience.invites}}
        invites = sorted(by_id.values(), key=lambda invite: (invite.kind, invite.address))
        return InviteReport(event_id=event_id, invites=tuple(invites))

    def resend(
        self,
        caller: Caller,
        event_id: str,
        *,
        addresses: Sequence[str],
        force: bool,
        now: datetime,
    ) -> ResendReport:
        """Request another mail to `addresses`, or by default to those whose last mail failed.

        `force` without addresses selects all recipients. The mail is sent after the response.
        Without addresses and `force`, addresses on SES's suppression list are skipped, because
        their mail would fail at once.

        Raises:
            NotFound: when there is no event with that id that the caller may see.
            NotScheduled: when the event is pending or cancelled.
            InvalidRequest: when the event does not invite one of the addresses.
        """
        audience = self._visible(caller, event_id)
        if audience.event.status is not EventStatus.SCHEDULED:
            raise NotScheduled("The event is pending or cancelled, so it sends no invitations now.")
        _check_invited(audience, addresses)
        ids = [invite_id(address) for address in addresses] or list(audience.recipients)
        by_id = {**_new_invites(audience), **_current_invites(audience)}
        invites = [by_id[each] for each in dict.fromkeys(ids)]
        is_chosen = bool(addresses) or force
        reasons = {invite.id: _reason_to_skip(invite, is_chosen=is_chosen) for invite in invites}
        resent = [invite for invite in invites if reasons[invite.id] is None]
        for invite in resent:
            self._request_resend(invite, now=now)
        return ResendReport(
            event_id=event_id,
            resent=tuple(invite.address for invite in resent),
            skipped=tuple(
                (invite.address, reason) for invite in invites if (reason := reasons[invite.id])
            ),
        )

    def _visible(self, caller: Caller, event_id: str) -> Audience:
        audience = self._audiences.of(event_id)
        if audience is None or not caller.may_see(audience.event):
            raise NotFound(f"There is no event {event_id} that you take part in.")
        return audience

    def _request_resend(self, invite: Invite, *, now: datetime) -> None:
        def requested(current: Invite) -> Invite:
            if current.resend:
                return current
            return replace(current, resend=True, resend_since=now)

        update_invite(self._invites, invite, requested, pause=self._pause)


def _check_invited(audience: Audience, addresses: Sequence[str]) -> None:
    problems = [
        FieldProblem(f"recipients.{number}", "is not an address that the event invites by mail")
        for number, address in enumerate(addresses)
        if invite_id(address) not in audience.recipients
    ]
    if problems:
        raise InvalidRequest(
            "The event does not invite some of the recipients. See its invite-status.", problems
        )


def _new_invites(audience: Audience) -> dict[str, Invite]:
    return {
        invite_id: invite_steps.new_invite(audience.event, recipient)
        for invite_id, recipient in audience.recipients.items()
    }


def _current_invites(audience: Audience) -> dict[str, Invite]:
    return {invite.id: invite for invite in audience.invites if invite.id in audience.recipients}


def _reason_to_skip(invite: Invite, *, is_chosen: bool) -> str | None:
    """Return why no other mail may be sent now, or None."""
    newest = invite.newest
    if (
        newest is None
        or newest.content.method is InviteMethod.CANCEL
        or invite_steps.is_unsent(invite)
    ):
        return "The invitation has not been sent yet."
    if is_chosen:
        return None
    if invite_steps.is_suppressed(invite):
        return "The address is on the suppression list. Name it or use force to send anyway."
    if not newest.status.has_failed:
        return f"The last delivery has not failed; its status is {newest.status.value}."
    return None
