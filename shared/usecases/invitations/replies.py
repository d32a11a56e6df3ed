"""Record what recipients answer to their invitations."""

from functools import partial

from shared.domain.errors import LostRace
from shared.domain.invite import invite_id
from shared.domain.replies import Reply, ReplyOutcome, obstacle, with_response
from shared.domain.retry import Pause, retry_lost_races
from shared.ports import InviteStore, Meter, Metric

TRIES = 8
"""How many times a reply is tried against concurrent writes to the same invite."""


class Replies:
    """Records replies of the recipients of invitations.

    `mail_domain` is the last part of the UID of every session. `pause` waits before try number n of
    a write that lost a race.
    """

    def __init__(
        self, *, invites: InviteStore, mail_domain: str, pause: Pause, meter: Meter
    ) -> None:
        self._invites = invites
        self._mail_domain = mail_domain
        self._pause = pause
        self._meter = meter

    def record(self, reply: Reply | None) -> ReplyOutcome:
        """Store the response of a reply if it counts; None is a mail that cannot be read.

        Raises:
            LostRace: when other writers were faster every time; Lambda tries again.
        """
        outcome = ReplyOutcome.UNREADABLE if reply is None else self._recorded(reply)
        self._meter.count(Metric.REPLIES, outcome=outcome.value)
        return outcome

    def _recorded(self, reply: Reply) -> ReplyOutcome:
        event_id, _, domain = reply.uid.rpartition("@")
        if not event_id or domain != self._mail_domain:
            return ReplyOutcome.FOREIGN
        return retry_lost_races(
            partial(self._record, event_id, reply),
            pause=self._pause,
            error=LostRace("Too many concurrent writes to this invite. Retry later."),
            tries=TRIES,
        )

    def _record(self, event_id: str, reply: Reply) -> ReplyOutcome:
        invite = self._invites.invite(event_id, invite_id(reply.address))
        if invite is None:
            return ReplyOutcome.FOREIGN
        if problem := obstacle(invite, reply):
            return problem
        changed = with_response(invite, reply.response)
        if changed == invite:
            return ReplyOutcome.KNOWN
        self._invites.save_invite(changed)
        return ReplyOutcome.CHANGED
