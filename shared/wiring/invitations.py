"""Composition of `shared.usecases.invitations`: invitations, guests and delivery statuses."""

from functools import cache, partial
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters
from shared.wiring.clock import jitter, pause
from shared.wiring.limits import invitation_limits, mail_limits
from shared.wiring.mail import LazyInvites, LazyMailer

if TYPE_CHECKING:
    from shared.usecases.invitations.audience import AudienceReader
    from shared.usecases.invitations.delivery import Delivery
    from shared.usecases.invitations.guests import Guests
    from shared.usecases.invitations.invite_sync import InviteSync
    from shared.usecases.invitations.replies import Replies
    from shared.usecases.invitations.report import InviteReports


@cache
def audiences() -> "AudienceReader":
    """The recipients of invitations."""
    from shared.usecases.invitations.audience import AudienceReader

    return AudienceReader(
        events=adapters.event_store(),
        people=adapters.people_store(),
        invites=adapters.invite_store(),
        has_mail=bool(settings().mail_sender),
    )


@cache
def invite_sync() -> "InviteSync":
    """The reconciliation of mail."""
    from secrets import token_hex

    from shared.domain.replies import new_reply_address
    from shared.usecases.invitations.invite_sender import InviteSender
    from shared.usecases.invitations.invite_sync import InviteSync
    from shared.usecases.invitations.mail_limits import MailLimits

    sender = InviteSender(
        writer=LazyInvites(),
        mailer=LazyMailer(),
        mail_domain=settings().mail_domain,
        organization=settings().mail_name,
        jitter=jitter,
        meter=adapters.meter(),
    )
    domain = settings().rsvp_domain
    return InviteSync(
        audiences=audiences(),
        invites=adapters.invite_store(),
        sender=sender,
        limits=MailLimits(
            limits=mail_limits(), suppressions=adapters.suppressions(), meter=adapters.meter()
        ),
        pause=pause,
        reply_address=partial(new_reply_address, domain, token=token_hex) if domain else None,
    )


@cache
def replies() -> "Replies":
    """The recording of replies to invitations."""
    from shared.usecases.invitations.replies import Replies

    return Replies(
        invites=adapters.invite_store(),
        mail_domain=settings().mail_domain,
        pause=pause,
        meter=adapters.meter(),
    )


@cache
def invite_reports() -> "InviteReports":
    """The delivery status of invitations, and resending them."""
    from shared.usecases.invitations.report import InviteReports

    return InviteReports(
        audiences=audiences(),
        invites=adapters.invite_store(),
        suppressions=adapters.suppressions(),
        policy=adapters.policy(),
        limits=invitation_limits(),
        parked_events=adapters.parked_events(),
        pause=pause,
    )


@cache
def guests() -> "Guests":
    """The guests of sessions."""
    from shared.usecases.invitations.guests import Guests

    return Guests(
        audiences=audiences(),
        events=adapters.event_store(),
        invites=adapters.invite_store(),
        policy=adapters.policy(),
        limits=invitation_limits(),
        organizer=settings().mail_address,
        pause=pause,
    )


@cache
def delivery() -> "Delivery":
    """The recording of delivery statuses."""
    from shared.usecases.invitations.delivery import Delivery

    return Delivery(
        invites=adapters.invite_store(),
        suppressions=adapters.suppressions(),
        pause=pause,
        meter=adapters.meter(),
    )
