"""Mail, with its libraries loaded when the first one is written."""

from collections.abc import Mapping
from functools import cache

from shared.ports import InviteMail, InviteWriter, Mailer
from shared.settings import settings
from shared.wiring.adapters import clients


class LazyInvites:
    """Fills `InviteWriter`."""

    def write(self, mail: InviteMail) -> bytes:
        """Return the whole message."""
        return _writer().write(mail)


class LazyMailer:
    """Fills `Mailer`."""

    def send(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> str:
        """Return SES's message id."""
        return _mailer().send(raw, to=to, tags=tags)


@cache
def _writer() -> InviteWriter:
    from shared.mail.writer import MimeInvites

    return MimeInvites(sender=settings().mail_sender)


@cache
def _mailer() -> Mailer:
    from shared.aws.mail import SesMailer

    return SesMailer(
        sender=settings().mail_sender,
        configuration_set=settings().ses_configuration_set,
        clients=clients(),
    )
