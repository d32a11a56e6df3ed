"""Decide whether a mail may be sent now: limits, and recipients who complained."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from shared.domain import invite_steps
from shared.domain.errors import TooManyRequests
from shared.domain.event import Event
from shared.domain.invite import Attempt, Invite, InviteMethod
from shared.domain.limits import MAILS_OF_SESSION, MAILS_OF_USER, MAILS_TO_RECIPIENT, Limit
from shared.domain.retry import LONGEST_WAIT
from shared.ports import CountUnavailable, Meter, Metric, SuppressionStore
from shared.usecases.people.limits import Limits


class MailLimits:
    """Counts mails per user who caused them, per session and per recipient.

    A mail over a limit waits for the next window: it is neither lost nor a failure of the
    recipient. A cancellation counts but never waits, because it follows an invitation that was
    counted, and because people must not come to a session that is off.
    """

    def __init__(self, *, limits: Limits, suppressions: SuppressionStore, meter: Meter) -> None:
        self._limits = limits
        self._suppressions = suppressions
        self._meter = meter

    def obstacle(
        self, event: Event, invite: Invite, *, is_first_try: bool, now: datetime
    ) -> Callable[[Attempt], Attempt] | None:
        """Return what to record of the newest attempt instead of sending it, None to send it.

        A mail counts when it is first tried. A second try, after a crash or while SES was not
        available, has been counted. If the counter fails, the mail waits, because the limits
        protect other people.
        """
        if self._suppressions.is_address_suppressed(invite.id):
            self._meter.count(Metric.INVITES, fate="suppressed")
            return partial(invite_steps.mark_complained, now=now)
        if not is_first_try:
            return None
        if invite.newest and invite.newest.content.method is InviteMethod.CANCEL:
            for limit, key in _counted(event, invite):
                self._limits.count(limit, key, now=now)
            return None
        return self._postponement(event, invite, now=now)

    def _postponement(
        self, event: Event, invite: Invite, *, now: datetime
    ) -> Callable[[Attempt], Attempt] | None:
        taken: list[tuple[Limit, str]] = []
        for limit, key in _counted(event, invite):
            try:
                self._limits.take(limit, key, now=now)
            except TooManyRequests as error:
                until, why = now + error.retry_after, error.message
            except CountUnavailable:
                until, why = now + LONGEST_WAIT, "mails cannot be counted at the moment"
            else:
                taken.append((limit, key))
                continue
            for each in taken:
                self._limits.give_back(*each, now=now)
            self._meter.count(Metric.INVITES, fate="postponed")
            reason = f"Waits until {until:%Y-%m-%d %H:%M} UTC: {why}."
            return partial(invite_steps.mark_postponed, until=until, reason=reason)
        return None


def _counted(event: Event, invite: Invite) -> Iterator[tuple[Limit, str]]:
    """Yield the limits that apply, each with its key; the recipient's comes last.

    The user of the newest version caused its mails, unless an Admin or a service did. A user over
    the limit must not use up what other users may send to the same recipient.
    """
    actor = event.audit[-1] if event.audit else None
    if actor and not actor.is_by_admin:
        yield MAILS_OF_USER, actor.actor_id
    yield MAILS_OF_SESSION, event.id
    yield MAILS_TO_RECIPIENT, invite.id
