"""How the invitations of an event fared, and sending them again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain import invite_steps as records
from shared.domain.caller import Caller
from shared.domain.errors import FieldProblem, InvalidRequest, LostRace, NotFound, NotScheduled
from shared.domain.event import EventStatus
from shared.domain.invite import Invite, InviteMethod, invite_id
from shared.domain.recipients import Audience
from shared.ports import InviteStore
from shared.usecases.invitations.audience import AudienceReader

TRIES = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteReport:
    """Every mail of an event by its newest attempt, those still to come included."""

    event_id: str
    invites: tuple[Invite, ...]

    @property
    def summary(self) -> Mapping[str, int]:
        """How many recipients there are of each status that occurs."""
        return Counter(each.status.value for each in self.invites)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendReport:
    """The addresses that get one more mail, and those left out, each with the reason."""

    event_id: str
    resent: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


class Invites:
    """What people may ask of the invitations of an event."""

    def __init__(self, *, audiences: AudienceReader, invites: InviteStore) -> None:
        self._audiences = audiences
        self._invites = invites

    def report(self, caller: Caller, event_id: str) -> InviteReport:
        """Return how each invitation fared, in a stable order.

        Raises:
            NotFound: when there is no such event that this caller may see.
        """
        audience = self._visible(caller, event_id)
        every = {**_to_come(audience), **{each.id: each for each in audience.invites}}
        invites = sorted(every.values(), key=lambda each: (each.kind, each.address))
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
        """Ask for one more mail to those whose last one failed, to those named, or to all.

        Sent after the answer. Without names and `force`, an address on SES's suppression list is
        left out: the mail would fail at once.

        Raises:
            NotFound: when there is no such event that this caller may see.
            NotScheduled: when the event is pending or cancelled.
            InvalidRequest: when the event does not invite one of `addresses`.
        """
        audience = self._visible(caller, event_id)
        if audience.event.status is not EventStatus.SCHEDULED:
            raise NotScheduled("The event is pending or cancelled, so it invites nobody now.")
        _check_invited(audience, addresses)
        named = [invite_id(each) for each in addresses] or list(audience.recipients)
        invites = {**_to_come(audience), **_invited(audience)}
        asked = [invites[each] for each in dict.fromkeys(named)]
        reasons = {each.id: _reason(each, is_chosen=bool(addresses) or force) for each in asked}
        chosen = [each for each in asked if reasons[each.id] is None]
        for each in chosen:
            self._ask(each, now=now)
        return ResendReport(
            event_id=event_id,
            resent=tuple(each.address for each in chosen),
            skipped=tuple((each.address, reason) for each in asked if (reason := reasons[each.id])),
        )

    def _visible(self, caller: Caller, event_id: str) -> Audience:
        audience = self._audiences.of(event_id)
        if audience is None or not caller.may_see(audience.event):
            raise NotFound(f"There is no event {event_id} that you take part in.")
        return audience

    def _ask(self, invite: Invite, *, now: datetime) -> None:
        present: Invite | None = invite
        for _ in range(TRIES):
            if present is None or present.resend:
                return
            try:
                self._invites.save_invite(replace(present, resend=True, resend_since=now))
            except LostRace:
                present = self._invites.invite(invite.event_id, invite.id)
                continue
            return
        raise LostRace(f"others keep writing the invites of {invite.event_id}; ask again later")


def _check_invited(audience: Audience, addresses: Sequence[str]) -> None:
    problems = [
        FieldProblem(f"recipients.{number}", "is no address the event invites by mail")
        for number, each in enumerate(addresses)
        if invite_id(each) not in audience.recipients
    ]
    if problems:
        raise InvalidRequest(
            "The event does not invite some of the recipients; see its invite-status.", problems
        )


def _to_come(audience: Audience) -> dict[str, Invite]:
    return {
        each: records.new_invite(audience.event, recipient)
        for each, recipient in audience.recipients.items()
    }


def _invited(audience: Audience) -> dict[str, Invite]:
    return {each.id: each for each in audience.invites if each.id in audience.recipients}


def _reason(invite: Invite, *, is_chosen: bool) -> str | None:
    """Why there is to be no further mail now, or None."""
    newest = invite.newest
    if newest is None or newest.content.method is InviteMethod.CANCEL or records.is_unsent(invite):
        return "The invitation is still on its way out."
    if is_chosen:
        return None
    if records.is_suppressed(invite):
        return "The address is on the suppression list; name it, or use force, to try anyway."
    if not newest.status.has_failed:
        return f"The last delivery has not failed: it is {newest.status.value}."
    return None
