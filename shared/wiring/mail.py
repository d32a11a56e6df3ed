"""Composition of mail: sending invitations and verifying SNS notifications.

Libraries are loaded on first use.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from typing_extensions import override

from shared.ports import IncomingMails, InviteMail, InviteWriter, Mailer
from shared.settings import settings
from shared.wiring.adapters import clients

if TYPE_CHECKING:
    from shared.aws.notifications import SnsSubscriptions
    from shared.mail.signatures import SnsVerifier

Fetch = Callable[[str], bytes]

_fetches: list[Fetch | None] = [None]


class LazyInvites(InviteWriter):
    """The invitation writer, loaded on first use."""

    @override
    def write(self, mail: InviteMail) -> bytes:
        return _writer().write(mail)


class LazyMailer(Mailer):
    """The SES mailer, loaded on first use."""

    @override
    def send(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> str:
        return _mailer().send(raw, to=to, tags=tags)


@cache
def _writer() -> InviteWriter:
    from shared.mail.writer import MimeInvites

    return MimeInvites(
        sender=settings().mail_sender,
        reply_to=settings().mail_reply_to,
        organizes_as_sender=settings().rsvp_organizer == "sender",
    )


@cache
def _mailer() -> Mailer:
    from shared.aws.mail import SesMailer

    return SesMailer(
        sender=settings().mail_sender,
        configuration_set=settings().ses_configuration_set,
        clients=clients(),
    )


@cache
def incoming_mails() -> IncomingMails:
    """The mails that SES has received and stored."""
    from shared.aws.incoming import S3IncomingMails
    from shared.mail.mime_parts import LARGEST_MAIL

    return S3IncomingMails(settings().replies_bucket, clients(), largest=LARGEST_MAIL)


def set_certificates(fetch: Fetch | None) -> None:
    """Set how this process fetches SNS's certificates; None restores fetching from SNS.

    For local runs and tests.
    """
    _fetches[:] = [fetch]
    sns_verifier.cache_clear()


def sns_topics() -> tuple[str, ...]:
    """The SNS topics this stack accepts notifications from."""
    return settings().ses_topic_arns


@cache
def sns_verifier() -> "SnsVerifier":
    """The verifier of SNS messages received over HTTP."""
    from shared.mail.signatures import SnsVerifier

    return SnsVerifier(topics=sns_topics(), fetch=_fetches[0] or _fetch())


@cache
def subscriptions() -> "SnsSubscriptions":
    """The subscriptions to the stack's topics."""
    from shared.aws.notifications import SnsSubscriptions

    return SnsSubscriptions(clients())


@cache
def _fetch() -> Fetch:
    from shared.mail.certificates import CertificateFiles
    from shared.providers.tls import tls_context

    return CertificateFiles(tls_context()).fetch
