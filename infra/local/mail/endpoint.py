"""A simulator of the SES API on loopback: SendEmail of version 2 with raw content."""

import base64
import re
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import getaddresses
from typing import Any

from infra.local.mail.sent import SentMail
from infra.local.simulators.http import (
    SimulatedRequest,
    SimulatedResponse,
    SimulatorRoute,
    json_response,
)
from infra.local.simulators.simulator import Simulator

STORED = 1000
"""The number of newest mails that are stored."""

SENDER = "Calendar <calendar@sessions.example>"
CONFIGURATION_SET = "calendar-service"
MAX_RECIPIENTS = 50
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_STATUSES = {
    "TooManyRequestsException": 429,
    "LimitExceededException": 400,
    "AccountSuspendedException": 400,
    "SendingPausedException": 400,
    "MessageRejected": 400,
    "MailFromDomainNotVerifiedException": 400,
    "NotFoundException": 404,
    "BadRequestException": 400,
}
_ERROR_HEADER = "x-amzn-errortype"
PATH = "/v2/email/outbound-emails"


class _BadRequest(ValueError):
    pass


class SesEndpoint(Simulator):
    """Accepts mail and stores the newest; calls `accepted` with each mail before responding."""

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self.accepted: Callable[[SentMail], None] = lambda _: None
        self._now = now
        self._mails: dict[str, SentMail] = {}

    @property
    def environment(self) -> dict[str, str]:
        """The variables that send a function's mail here, and its sender."""
        return {
            "AWS_ENDPOINT_URL_SESV2": self.url,
            "MAIL_SENDER": SENDER,
            "SES_CONFIGURATION_SET": CONFIGURATION_SET,
        }

    @property
    def mails(self) -> tuple[SentMail, ...]:
        """The stored mails, newest last."""
        with self.lock:
            return tuple(self._mails.values())

    def mail(self, message_id: str) -> SentMail | None:
        """Return the mail with that message id, or None if it is no longer stored."""
        with self.lock:
            return self._mails.get(message_id)

    def trim(self, newest: int) -> None:
        """Delete all but the newest mails, and all but as many recorded requests."""
        with self.lock:
            for old in list(self._mails)[:-newest]:
                del self._mails[old]
            del self.requests[:-newest]

    def fail_next(self, code: str, *, times: int = 1) -> None:
        """Let the next SendEmail requests fail with that SES error code.

        Raises:
            ValueError: when SES has no such error code.
        """
        if code not in _STATUSES:
            raise ValueError(f"unknown SendEmail error {code}; use one of {', '.join(_STATUSES)}")
        fault = {
            "status": _STATUSES[code],
            "headers": {_ERROR_HEADER: code},
            "body": {"message": "simulated failure"},
        }
        self.break_next(fault, method="POST", path=PATH, times=times)

    def routes(self) -> Sequence[SimulatorRoute]:
        """Return the only operation."""
        return (SimulatorRoute("POST", PATH, self._send),)

    def clear(self) -> None:
        """Delete all mail."""
        self._mails.clear()

    def unknown(self, request: SimulatedRequest) -> SimulatedResponse:
        """Return SES's response to an unknown operation."""
        return _failure("NotFoundException", f"unknown operation {request.method} {request.path}")

    def _send(self, request: SimulatedRequest) -> SimulatedResponse:
        try:
            mail = self._read(request.json)
        except _BadRequest as error:
            return _failure("BadRequestException", str(error))
        self._mails[mail.message_id] = mail
        self.trim(STORED)
        self.accepted(mail)
        return json_response({"MessageId": mail.message_id})

    def _read(self, body: Mapping[str, Any]) -> SentMail:
        raw = _raw(body)
        headers = message_from_bytes(raw, policy=policy.default)
        source = body.get("FromEmailAddress") or str(headers["from"] or "")
        if not source:
            raise _BadRequest("Missing required header 'From'.")
        raw = _with_sender(raw, source)
        return SentMail(
            message_id=f"0107{secrets.token_hex(6)}-{uuid.uuid4()}-000000",
            source=source,
            to=_recipients(body.get("Destination") or {}, headers),
            raw=raw,
            tags=_tags(body.get("EmailTags") or ()),
            configuration_set=body.get("ConfigurationSetName"),
            sent_at=self._now(),
        )


def _with_sender(raw: bytes, source: str) -> bytes:
    """Return the message with `source` as its From header, as SES sends raw content."""
    newline = b"\r\n" if b"\r\n" in raw else b"\n"
    head, blank, body = raw.partition(newline * 2)
    headers = re.split(rb"%b(?![ \t])" % newline, head)
    kept = [each for each in headers if not each.lower().startswith(b"from:")]
    return newline.join([f"From: {source}".encode(), *kept]) + blank + body


def _raw(body: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(body["Content"]["Raw"]["Data"], validate=True)
    except (KeyError, TypeError, ValueError):
        raise _BadRequest("Only raw content is supported: Content.Raw.Data, in base64.") from None


def _recipients(given: Mapping[str, Sequence[str]], headers: Any) -> tuple[str, ...]:
    named = [each for key in ("To", "Cc", "Bcc") for each in given.get(f"{key}Addresses") or ()]
    fallback = [str(each) for key in ("to", "cc", "bcc") for each in headers.get_all(key, [])]
    addresses = tuple(address for _, address in getaddresses(named or fallback) if "@" in address)
    if not 0 < len(addresses) <= MAX_RECIPIENTS:
        raise _BadRequest(
            f"Recipient count must be from 1 to {MAX_RECIPIENTS}, not {len(addresses)}."
        )
    return addresses


def _tags(given: Sequence[Mapping[str, str]]) -> dict[str, str]:
    for each in given:
        if not (_TAG.fullmatch(each["Name"]) and _TAG.fullmatch(each["Value"])):
            raise _BadRequest(f"A tag may contain only A-Z, a-z, 0-9, _ and -: {dict(each)}.")
    return {each["Name"]: each["Value"] for each in given}


def _failure(code: str, message: str) -> SimulatedResponse:
    return json_response(
        {"message": message}, status=_STATUSES[code], headers={_ERROR_HEADER: code}
    )
