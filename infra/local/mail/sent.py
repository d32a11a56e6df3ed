"""A mail that SES accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class SentMail:
    """One mail; `raw` is the received MIME, `sent_at` is by the service's clock.

    SES publishes no events about a mail without a configuration set.
    """

    message_id: str
    source: str
    to: tuple[str, ...]
    raw: bytes = field(repr=False)
    tags: Mapping[str, str]
    configuration_set: str | None
    sent_at: datetime

    @cached_property
    def mime(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def subject(self) -> str:
        """The decoded subject; empty when there is none."""
        return str(self.mime["subject"] or "")

    @property
    def text(self) -> str:
        """The whole MIME as text; bytes that are not UTF-8 are replaced."""
        return self.raw.decode(errors="replace")
