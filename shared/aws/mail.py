"""Sending composed mail through SES (API version 2)."""

import re
from collections.abc import Mapping
from email.utils import formataddr
from http import HTTPStatus
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from typing_extensions import override

from shared.aws.clients import Clients
from shared.domain.address import Mailbox, normalise, parse_mailbox
from shared.domain.errors import (
    MailFailure,
    MailNotPermitted,
    MailRefused,
    MailRejected,
    MailUnavailable,
)
from shared.ports import Mailer

PERMANENT_ERRORS = frozenset({"BadRequestException", "MessageRejected"})
"""SES errors that a retry cannot fix. An operator can fix missing permissions, a suspended or
paused account, a MAIL FROM domain and a missing configuration set, so mails that fail for those
reasons are retried. So is MessageRejected if it names the sender as not verified."""

_TOO_FAST = frozenset(
    {"TooManyRequestsException", "ThrottlingException", "LimitExceededException", "Throttling"}
)
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_ADDRESS = re.compile(r"\S+@\S+")


class SesMailer(Mailer):
    """SES; `sender` is `Name <address>` or an address, of a domain that SES has verified."""

    def __init__(self, *, sender: str, configuration_set: str, clients: Clients) -> None:
        self._sender = parse_mailbox(sender)
        self._configuration_set = configuration_set
        self._clients = clients

    @override
    def send(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> str:
        """Send one message (RFC 5322) to one recipient with SendEmail.

        After a time-out it is unknown whether SES accepted it: SendEmail is not idempotent.
        No error contains the address, not even in its cause.

        Raises:
            MailUnavailable: SES is throttling, unreachable, or sending is not permitted now.
            MailRejected: SES will never accept this mail.
            ValueError: when a tag has characters other than A-Z a-z 0-9 _ -.
        """
        request = self._request(raw, to=to, tags=tags)
        try:
            return str(self._clients.get("sesv2").send_email(**request)["MessageId"])
        except (ClientError, BotoCoreError) as error:
            failure = _failure(error, self._sender)
        raise failure

    def _request(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> dict[str, Any]:
        if not all(_TAG.fullmatch(each) for pair in tags.items() for each in pair):
            raise ValueError("an SES tag is 1-256 characters of A-Z a-z 0-9 _ -; pass ids only")
        request: dict[str, Any] = {
            "FromEmailAddress": _from_address(self._sender),
            "Destination": {"ToAddresses": [_recipient(to)]},
            "Content": {"Raw": {"Data": raw}},
            "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
        }
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        return request


def _recipient(address: str) -> str:
    try:
        return normalise(address)
    except ValueError as error:
        raise MailRejected(f"SES cannot send to the address: it {error}") from None


def _deferral(code: str, status: int) -> type[MailUnavailable]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return MailUnavailable
    return MailRefused if code in _TOO_FAST else MailNotPermitted


def _from_address(sender: Mailbox) -> str:
    """Return the sender with its name: SES replaces the From of a raw message by this value."""
    return formataddr((sender.name or "", sender.address))


def _is_about_sender(message: str, sender: Mailbox) -> bool:
    """Whether SES names the sender's address or domain as an identity that is not verified."""
    _, _, identities = message.partition("failed the check")
    names = re.split(r"[\s,:]+", identities.lower())
    return not {sender.address.lower(), sender.domain.lower()}.isdisjoint(names)


def _failure(error: ClientError | BotoCoreError, sender: Mailbox) -> MailFailure:
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        code = details.get("Code", "Unknown")
        message = details.get("Message", "")
        reason = f"{code} {_ADDRESS.sub('<address>', message)}".rstrip()
        if code in PERMANENT_ERRORS and not _is_about_sender(message, sender):
            return MailRejected(f"SES rejected the mail: {reason}")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        return _deferral(code, status)(f"SES did not accept the mail: {reason}")
    if isinstance(error, ParamValidationError):
        return MailRejected("botocore rejected the parameters of the mail")
    return MailUnavailable(f"SES did not respond: {type(error).__name__}")
