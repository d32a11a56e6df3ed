"""Report the delivery status of an event's invitations, and send them again."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain import invite_steps
from shared.domain.caller import Caller
from shared.domain.errors import FieldProblem, InvalidRequest, NotScheduled
from shared.domain.event import EventStatus
from shared.domain.invite import Invite, InviteMethod, invite_id
from shared.domain.limits import RESENDS_BY_USER, RESENDS_OF_SESSION
from shared.domain.policy import Policy, Right, not_found
from shared.domain.recipients import Audience, proven_addresses
from shared.domain.retry import Pause
from shared.domain.role import Role
from shared.domain.transitions import check_not_ended
from shared.ports import InviteStore, ParkedEvents, SuppressionStore
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.invite_update import update_invite
from shared.usecases.people.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteReport:
    """Invites of an event with their newest attempt, including those not sent yet.

    These are all of them, or only the caller's own. `unreachable` are the participants who get
    neither an invitation nor a calendar copy, each with a role.
    """

    event_id: str
    invites: tuple[Invite, ...]
    unreachable: tuple[tuple[str, Role], ...] = ()

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

    def __init__(
        self,
        *,
        audiences: AudienceReader,
        invites: InviteStore,
        suppressions: SuppressionStore,
        policy: Policy,
        limits: Limits,
        parked_events: ParkedEvents,
        pause: Pause,
    ) -> None:
        self._audiences = audiences
        self._suppressions = suppressions
        self._limits = limits
        self._parked_events = parked_events
        self._policy = policy
        self._invites = invites
        self._pause = pause

    def report(self, caller: Caller, event_id: str) -> InviteReport:
        """Return the invites of the event that the caller may see, ordered by kind and address.

        Raises:
            NotFound: when there is no event with that id that the caller may see.
        """
        audience = self._audience(Right.READ, caller, event_id)
        by_id = {**_new_invites(audience), **{invite.id: invite for invite in audience.invites}}
        invites = sorted(by_id.values(), key=lambda invite: (invite.kind, invite.address))
        unreachable = audience.unreachable
        if not self._policy.allowed(Right.READ_ALL_INVITES, caller, audience.event):
            invites = _own(caller, audience, invites)
            unreachable = tuple(each for each in unreachable if each == caller.user_id)
        roles = dict(audience.event.attendees)
        return InviteReport(
            event_id=event_id,
            invites=tuple(invites),
            unreachable=tuple((each, roles.get(each, Role.ADMIN)) for each in unreachable),
        )

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

        The mail repeats the last one: an invitation, or a cancellation that failed. `force` without
        addresses selects all recipients. The mail is sent after the response.
        Without addresses and `force`, addresses on SES's suppression list are skipped, because
        their mail would fail at once. A recipient who complained is skipped, unless an Admin names
        the address. An event that is parked is retried.

        Raises:
            NotFound: when there is no event with that id that the caller may see.
            Forbidden: when the caller may not resend its invitations.
            NotScheduled: when the event is pending, or is closed and no cancellation has failed.
            EventEnded: when the session is over.
            InvalidRequest: when the event does not invite one of the addresses.
            TooManyRequests: when the session or the caller has had too many resends.
        """
        audience = self._audience(Right.RESEND, caller, event_id)
        by_id = _mailable(audience)
        _check_sending(audience, by_id, now=now)
        _check_invited(by_id, addresses)
        ids = [invite_id(address) for address in addresses] or list(by_id)
        invites = [by_id[each] for each in dict.fromkeys(ids)]
        is_chosen = bool(addresses) or force
        may_clear = caller.manages_events and bool(addresses)
        reasons = {
            invite.id: _reason_to_skip(invite, is_chosen=is_chosen, may_clear=may_clear)
            for invite in invites
        }
        resent = [invite for invite in invites if reasons[invite.id] is None]
        if resent and not caller.manages_events:
            self._limits.take(RESENDS_OF_SESSION, event_id, now=now)
            self._limits.take(RESENDS_BY_USER, caller.user_id, now=now)
        for invite in resent:
            if invite_steps.has_complained(invite):
                self._suppressions.lift_suppression(invite.id)
            self._request_resend(invite, now=now)
        self._parked_events.unpark([event_id], now=now)
        return ResendReport(
            event_id=event_id,
            resent=tuple(invite.address for invite in resent),
            skipped=tuple(
                (invite.address, reason) for invite in invites if (reason := reasons[invite.id])
            ),
        )

    def _audience(self, operation: Right, caller: Caller, event_id: str) -> Audience:
        audience = self._audiences.of(event_id)
        if audience is None:
            raise not_found(event_id)
        self._policy.require(operation, caller, audience.event)
        return audience

    def _request_resend(self, invite: Invite, *, now: datetime) -> None:
        def requested(current: Invite) -> Invite:
            if current.resend and current.resend_since:  # without a time it is parked
                return current
            return replace(current, resend=True, resend_since=now)

        if not invite.row_version:
            self._invites.record_recipient(invite)
        update_invite(self._invites, invite, requested, pause=self._pause)


def _own(caller: Caller, audience: Audience, invites: Iterable[Invite]) -> list[Invite]:
    """Return the invites to the caller, by user or by an address that is proven to be theirs."""
    person = audience.persons.get(caller.user_id)
    own_ids = set(map(invite_id, proven_addresses(person) if person else ()))
    return [each for each in invites if each.user_id == caller.user_id or each.id in own_ids]


def _check_sending(audience: Audience, by_id: Mapping[str, Invite], *, now: datetime) -> None:
    event = audience.event
    check_not_ended(event, now=now)
    if event.status is not EventStatus.SCHEDULED and not by_id:
        raise NotScheduled("The event is pending or cancelled, so it sends no invitations now.")


def _check_invited(by_id: Mapping[str, Invite], addresses: Sequence[str]) -> None:
    problems = [
        FieldProblem(f"recipients.{number}", "is not an address that the event invites by mail")
        for number, address in enumerate(addresses)
        if invite_id(address) not in by_id
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


def _mailable(audience: Audience) -> dict[str, Invite]:
    """Return the invites of recipients, and those whose cancellation has failed, by id."""
    return {
        **_new_invites(audience),
        **{
            invite.id: invite
            for invite in audience.invites
            if invite.id in audience.recipients or _is_failed_cancellation(invite)
        },
    }


def _is_failed_cancellation(invite: Invite) -> bool:
    newest = invite.newest
    return (
        newest is not None
        and newest.content.method is InviteMethod.CANCEL
        and newest.status.has_failed
    )


def _reason_to_skip(invite: Invite, *, is_chosen: bool, may_clear: bool) -> str | None:
    """Return why no other mail may be sent now, or None.

    `may_clear` means that an Admin names the recipients, which clears their complaints.
    """
    newest = invite.newest
    if invite_steps.has_complained(invite) and not may_clear:
        return invite_steps.COMPLAINED_REASON
    if (
        newest is None
        or (newest.content.method is InviteMethod.CANCEL and not _is_failed_cancellation(invite))
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
