"""The environment variables of all functions. Only this module reads os.environ."""

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from shared.domain.address import parse_mailbox
from shared.domain.role import Role
from shared.domain.zones import is_zone

_TOPIC = r"^arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$"


def _check_zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError(f"{name!r} is not an IANA time zone")
    return name


def _check_sender(text: str) -> str:
    if text:
        parse_mailbox(text)
    return text


def _check_retention(days: int) -> int:
    if 0 < days < _SHORTEST_RETENTION_DAYS:
        raise ValueError(f"must be 0 (for ever) or at least {_SHORTEST_RETENTION_DAYS} days")
    return days


def _check_domain(name: str) -> str:
    """Return the domain in lower-case ASCII; addresses with 40 characters before the @ must fit."""
    return parse_mailbox(f"{'x' * 40}@{name}").domain if name else name


def _split(value: Any) -> Any:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


def _from_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


ZoneName = Annotated[str, AfterValidator(_check_zone)]
CommaList = Annotated[tuple[str, ...], BeforeValidator(_split)]
CommaRoles = Annotated[tuple[Role, ...], BeforeValidator(_split)]
Topics = Annotated[
    tuple[Annotated[str, Field(pattern=_TOPIC)], ...],
    BeforeValidator(_split),
]
Minutes = Annotated[int, Field(ge=0, le=1440)]
Allowed = Annotated[int, Field(ge=0)]
"""The number allowed by a limit; 0 means no limit."""

HourMinute = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]

_SHORTEST_RETENTION_DAYS = 30
_OFFICE_HOURS = [("09:00", "17:00")]
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseModel):
    """The environment, validated once at cold start. Fields are the variables in lower case."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str = "dev"
    events_table: str
    connections_table: str
    token_key_id: str = ""
    sync_queue_url: str = ""
    webhook_queue_url: str = ""
    event_bus_name: str = ""
    dead_records_queue_url: str = ""
    auth_issuer: str
    auth_audience: str
    auth_jwks_url: str = ""
    auth_hs256_secret_id: str = ""
    origin_secret_id: str = ""
    public_base_url: str = ""
    redirect_allow_list: CommaList = ()
    oauth_binding: Literal["cookie", "off"] = "cookie"
    caldav_allowed_hosts: CommaList = ()
    python_caldav_commdump: str = ""
    google_client_id: str = ""
    google_client_secret_id: str = ""
    google_authorize_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    google_token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    google_revoke_url: str = "https://oauth2.googleapis.com/revoke"
    google_userinfo_url: str = "https://openidconnect.googleapis.com/v1/userinfo"
    google_calendar_url: str = "https://www.googleapis.com/calendar/v3"
    microsoft_client_id: str = ""
    microsoft_client_secret_id: str = ""
    microsoft_authority: str = "https://login.microsoftonline.com/common"
    microsoft_graph_url: str = "https://graph.microsoft.com/v1.0"
    mail_sender: Annotated[str, AfterValidator(_check_sender)] = ""
    mail_reply_to: Annotated[str, AfterValidator(_check_sender)] = ""
    rsvp_domain: Annotated[str, AfterValidator(_check_domain)] = ""
    rsvp_organizer: Literal["reply_address", "sender"] = "reply_address"
    replies_bucket: str = ""
    ses_configuration_set: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    ses_topic_arns: Topics = ()
    default_timezone: ZoneName = "UTC"
    default_availability: Annotated[
        dict[str, list[tuple[HourMinute, HourMinute]]],
        BeforeValidator(_from_json),
    ] = Field(
        default={
            "monday": _OFFICE_HOURS,
            "tuesday": _OFFICE_HOURS,
            "wednesday": _OFFICE_HOURS,
            "thursday": _OFFICE_HOURS,
            "friday": _OFFICE_HOURS,
        }
    )
    slot_minutes: Annotated[int, Field(ge=5, le=480)] = 60
    slot_step_minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    buffer_before_minutes: Minutes = 0
    buffer_after_minutes: Minutes = 0
    min_notice_minutes: Annotated[int, Field(ge=0)] = 0
    auto_approval_roles: CommaRoles = (Role.ADMIN, Role.COACH)
    learners_may_move: bool = True
    learners_may_cancel: bool = True
    admin_attends: bool = False
    pending_expires_hours: Annotated[int, Field(ge=0)] = 168
    unset_learner: Literal["any", "default"] = "any"
    booking_rules: Literal["enforce_learners", "enforce_all", "warn"] = "enforce_learners"
    on_unreadable: Literal["block", "allow"] = "block"
    public_event_details: bool = False
    event_guest_addresses: bool = False
    retention_days: Annotated[int, Field(ge=0, le=36500), AfterValidator(_check_retention)] = 730
    public_requests_per_minute: Allowed = 60
    callbacks_per_minute: Allowed = 60
    day_lists_per_minute: Allowed = 60
    mails_per_user_per_day: Allowed = 200
    mails_per_session_per_hour: Allowed = 300
    mails_per_recipient_per_day: Allowed = 20
    resends_per_session_per_hour: Allowed = 10
    resends_per_user_per_hour: Allowed = 30
    guests_per_session: Allowed = 100
    guests_per_user_per_day: Allowed = 100
    pending_sessions_per_user: Allowed = 20
    future_sessions_per_user: Allowed = 500
    sessions_per_user_per_day: Allowed = 20
    connections_per_user: Allowed = 10
    holidays_per_user: Allowed = 200
    open_oauth_states_per_user: Allowed = 5
    caldav_connects_per_user_per_hour: Allowed = 20
    caldav_failures_per_user_per_hour: Allowed = 10
    caldav_failures_per_account_per_hour: Allowed = 10
    webhooks_per_organization: Allowed = 20

    @field_validator(
        "auth_jwks_url",
        "google_authorize_url",
        "google_token_url",
        "google_revoke_url",
        "google_userinfo_url",
        "google_calendar_url",
        "microsoft_authority",
        "microsoft_graph_url",
    )
    @classmethod
    def _check_tls(cls, url: str, info: ValidationInfo) -> str:
        """Require TLS, for secrets that are sent there and keys that verify tokens.

        A local run may use http on loopback.
        """
        parts = urlsplit(url)
        is_loopback = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if (parts.scheme == "https" and parts.hostname and parts.port != 0) or (
            is_loopback and info.data.get("stage") == "local"
        ):
            return url
        raise ValueError(
            "must be an https address; http is allowed only on loopback with STAGE=local"
        )

    @field_validator("redirect_allow_list")
    @classmethod
    def _check_pages(cls, pages: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        """Require https pages: the browser carries a completion code there."""
        for page in pages:
            if "@" in urlsplit(page).netloc or "*" in page:
                raise ValueError(f"{page} must be one address without a user name or *")
            cls._check_tls(page, info)
        return pages

    @property
    def mail_domain(self) -> str:
        """The domain of `mail_sender`; every UID of an invitation ends with it."""
        return parse_mailbox(self.mail_sender).domain if self.mail_sender else ""

    @property
    def mail_address(self) -> str:
        """The address of `mail_sender`, empty if no mail is sent."""
        return parse_mailbox(self.mail_sender).address if self.mail_sender else ""

    @property
    def mail_name(self) -> str:
        """The display name of `mail_sender`, or its address."""
        if not self.mail_sender:
            return ""
        sender = parse_mailbox(self.mail_sender)
        return sender.name or sender.address

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Return the settings in an environment. A missing or empty variable has its default.

        Raises:
            pydantic.ValidationError: naming each variable that is missing or invalid.
        """
        return cls.model_validate({k.lower(): v for k, v in environment.items() if v})


@cache
def settings() -> Settings:
    """Return this process's settings."""
    return Settings.read(os.environ)


def is_lambda() -> bool:
    """Return whether this process is a Lambda function (the runtime sets its name)."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ
