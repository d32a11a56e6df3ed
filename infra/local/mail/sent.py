"""A mail that SES accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from html import escape

from infra.local.gateway import Response

_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)
"""A mail's page runs no script and requests nothing, as in a mail program."""


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


def page_of(mail: SentMail) -> Response:
    """Return the mail as a page: its HTML, or else its text."""
    part = mail.mime.get_body(("html", "plain"))
    content = str(part.get_content()) if part else mail.text
    if part is None or part.get_content_type() != "text/html":
        content = f"<!doctype html><pre>{escape(content)}</pre>"
    return Response(
        status=200,
        headers=(
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", _PAGE_POLICY),
            ("x-content-type-options", "nosniff"),
        ),
        body=content.encode(),
    )
