"""Mail through SES (API version 2), already written."""

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from shared.aws.clients import Clients
from shared.domain.address import mailbox, normalised
from shared.domain.errors import MailFailure, MailRefused, MailUnavailable

REFUSALS = frozenset(
    {
        "AccountSuspendedException",
        "BadRequestException",
        "MailFromDomainNotVerifiedException",
        "MessageRejected",
    }
)
"""Errors that asking again cannot mend. Missing rights, a pause of sending and a configuration set
that is not there are mended by an operator, so those mails wait."""

_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_ADDRESS = re.compile(r"\S+@\S+")


class SesMailer:
    """Fills `Mailer`; `sender` is `Name <address>` or an address, of a domain SES has verified."""

    def __init__(self, *, sender: str, configuration_set: str, clients: Clients) -> None:
        self._sender = mailbox(sender).address
        self._configuration_set = configuration_set
        self._clients = clients

    def send(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> str:
        """Hand one whole message (RFC 5322) to SES for one recipient; return SES's id for it.

        A time-out leaves open whether SES has taken it, as SendEmail cannot be made idempotent.
        No error carries the address, not even as its cause.

        Raises:
            MailUnavailable: throttled, not reached, or not allowed for now.
            MailRefused: never, however often it is asked.
            ValueError: when a tag is more than A-Z a-z 0-9 _ -.
        """
        request = self._request(raw, to=to, tags=tags)
        try:
            return str(self._clients.get("sesv2").send_email(**request)["MessageId"])
        except (ClientError, BotoCoreError) as error:
            failure = _failure(error)
        raise failure

    def _request(self, raw: bytes, *, to: str, tags: Mapping[str, str]) -> dict[str, Any]:
        if not all(_TAG.fullmatch(each) for pair in tags.items() for each in pair):
            raise ValueError("an SES tag is 1-256 characters of A-Z a-z 0-9 _ -; pass ids only")
        request: dict[str, Any] = {
            "FromEmailAddress": self._sender,
            "Destination": {"ToAddresses": [_recipient(to)]},
            "Content": {"Raw": {"Data": raw}},
            "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
        }
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        return request


def _recipient(address: str) -> str:
    try:
        return normalised(address)
    except ValueError as error:
        raise MailRefused(f"SES cannot send to the address; it {error}") from None


def _failure(error: ClientError | BotoCoreError) -> MailFailure:
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        code, words = (
            told.get("Code", "Unknown"),
            _ADDRESS.sub("<address>", told.get("Message", "")),
        )
        if code in REFUSALS:
            return MailRefused(f"SES refused the mail: {code} {words}".rstrip())
        return MailUnavailable(f"SES did not take the mail: {code} {words}".rstrip())
    if isinstance(error, ParamValidationError):
        return MailRefused("SES cannot take the mail; botocore refused its parameters")
    return MailUnavailable(f"SES did not answer: {type(error).__name__}")
