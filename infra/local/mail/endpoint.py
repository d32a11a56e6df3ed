"""SES's own API on loopback: SendEmail of version 2, with raw content, as botocore sends it."""

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
from infra.local.simulators.common import Answer, Request, Route, json_answer
from infra.local.simulators.simulator import Simulator

KEPT = 1000
"""How many mails are kept; the oldest goes first."""

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


class _Refused(ValueError):
    pass


class SesEndpoint(Simulator):
    """Takes mail and keeps the newest; `accepted` is called with each before SES answers."""

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self.accepted: Callable[[SentMail], None] = lambda _: None
        self._now = now
        self._mails: dict[str, SentMail] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What leads a function's mail here, and what it sends as."""
        return {
            "AWS_ENDPOINT_URL_SESV2": self.url,
            "MAIL_SENDER": SENDER,
            "SES_CONFIGURATION_SET": CONFIGURATION_SET,
        }

    @property
    def mails(self) -> tuple[SentMail, ...]:
        """The mails kept, newest last."""
        with self.lock:
            return tuple(self._mails.values())

    def mail(self, message_id: str) -> SentMail | None:
        """Return the mail SES gave that id, if it is still kept."""
        with self.lock:
            return self._mails.get(message_id)

    def keep(self, newest: int) -> None:
        """Forget all but so many of the newest mails, and of the requests that held them."""
        with self.lock:
            for old in list(self._mails)[:-newest]:
                del self._mails[old]
            del self.requests[:-newest]

    def fail_next(self, code: str, *, times: int = 1) -> None:
        """Answer the next SendEmail requests with that error of SES (a name of the API's).

        Raises:
            ValueError: when SES has no such error.
        """
        if code not in _STATUSES:
            raise ValueError(f"no error of SendEmail: {code}; choose of {', '.join(_STATUSES)}")
        fault = {
            "status": _STATUSES[code],
            "headers": {_ERROR_HEADER: code},
            "body": {"message": "asked for beforehand"},
        }
        self.break_next(fault, method="POST", path=PATH, times=times)

    def routes(self) -> Sequence[Route]:
        """Return the one operation."""
        return (Route("POST", PATH, self._send),)

    def clear(self) -> None:
        """Forget all mail."""
        self._mails.clear()

    def unknown(self, request: Request) -> Answer:
        """Answer as SES does for an operation it does not have."""
        return _failure("NotFoundException", f"no operation {request.method} {request.path}")

    def _send(self, request: Request) -> Answer:
        try:
            mail = self._read(request.json)
        except _Refused as error:
            return _failure("BadRequestException", str(error))
        self._mails[mail.message_id] = mail
        self.keep(KEPT)
        self.accepted(mail)
        return json_answer({"MessageId": mail.message_id})

    def _read(self, asked: Mapping[str, Any]) -> SentMail:
        raw = _raw(asked)
        headers = message_from_bytes(raw, policy=policy.default)
        source = asked.get("FromEmailAddress") or str(headers["from"] or "")
        if not source:
            raise _Refused("Missing required header 'From'.")
        return SentMail(
            message_id=f"0107{secrets.token_hex(6)}-{uuid.uuid4()}-000000",
            source=source,
            to=_recipients(asked.get("Destination") or {}, headers),
            raw=raw,
            tags=_tags(asked.get("EmailTags") or ()),
            configuration_set=asked.get("ConfigurationSetName"),
            sent_at=self._now(),
        )


def _raw(asked: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(asked["Content"]["Raw"]["Data"], validate=True)
    except (KeyError, TypeError, ValueError):
        raise _Refused("Only raw content is taken here: Content.Raw.Data, in base64.") from None


def _recipients(given: Mapping[str, Sequence[str]], headers: Any) -> tuple[str, ...]:
    named = [each for key in ("To", "Cc", "Bcc") for each in given.get(f"{key}Addresses") or ()]
    fallback = [str(each) for key in ("to", "cc", "bcc") for each in headers.get_all(key, [])]
    found = tuple(address for _, address in getaddresses(named or fallback) if "@" in address)
    if not 0 < len(found) <= MAX_RECIPIENTS:
        raise _Refused(f"Recipient count must be from 1 to {MAX_RECIPIENTS}, not {len(found)}.")
    return found


def _tags(given: Sequence[Mapping[str, str]]) -> dict[str, str]:
    for each in given:
        if not (_TAG.fullmatch(each["Name"]) and _TAG.fullmatch(each["Value"])):
            raise _Refused(f"Only A-Z, a-z, 0-9, _ and - may be in a tag: {dict(each)}.")
    return {each["Name"]: each["Value"] for each in given}


def _failure(code: str, message: str) -> Answer:
    return json_answer({"message": message}, status=_STATUSES[code], headers={_ERROR_HEADER: code})
