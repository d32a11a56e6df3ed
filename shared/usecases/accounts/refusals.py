"""Why a provider's redirect has an error instead of a code (RFC 6749, section 4.1.2.1)."""

import logging
import re

from shared.domain.errors import (
    AccessDenied,
    CalendarServiceError,
    CodeRejected,
    ProviderUnreachable,
)
from shared.usecases.accounts.authorization import Callback

_TRANSIENT = frozenset({"server_error", "temporarily_unavailable"})
_MISCONFIGURED = frozenset(
    {
        "deleted_client",
        "disabled_client",
        "invalid_client",
        "invalid_request",
        "invalid_resource",
        "invalid_scope",
        "org_internal",
        "redirect_uri_mismatch",
        "unauthorized_client",
        "unsupported_response_type",
    }
)
"""Faults of this service's registration at the provider, which only its operator can fix."""

_BY_ADMINISTRATOR = frozenset(
    {
        "admin_policy_enforced",
        "policy_enforced",
        "AADSTS90094",  # an administrator must consent
        "AADSTS90095",  # the user has asked the administrator to consent
        "AADSTS50105",  # the user is not assigned to the application
        "AADSTS650052",  # the organization has not subscribed to a needed service
        "AADSTS7000112",  # the application is disabled in the organization
        "AADSTS500014",  # a needed service is disabled in the organization
        "AADSTS53003",  # conditional access blocks it
        "AADSTS900941",  # an administrator must consent: the application is a risk
    }
)
_CODE = re.compile(r"AADSTS\d{4,8}")
_DECLINED = "AADSTS65004"

log = logging.getLogger(__name__)


def code_of(callback: Callback) -> str:
    """Return the authorization code of a callback.

    Raises:
        AccessDenied: the user declined.
        CodeRejected: there is no code, or an administrator must allow this service first.
        ProviderUnreachable: the provider failed, or rejects this service's registration.
    """
    if callback.error:
        raise _refusal(callback.error, callback.error_description or "")
    if not callback.code:
        raise CodeRejected("The provider sent no code. Start connecting again.")
    return callback.code


def _refusal(error: str, description: str) -> CalendarServiceError:
    reasons = {error, *_CODE.findall(description)}
    if reasons & _BY_ADMINISTRATOR:
        return CodeRejected(
            "An administrator of your organization must allow this service first. Ask them, then "
            "start connecting again."
        )
    if error in _TRANSIENT:
        return ProviderUnreachable("The provider could not answer. Start connecting again later.")
    if error in _MISCONFIGURED and _DECLINED not in reasons:
        log.error("provider rejects this service's registration", extra={"reason": error})
        return ProviderUnreachable(
            "The provider rejects this service's registration. Its operators must correct it."
        )
    return AccessDenied("Access was not granted. Start connecting again and allow calendar access.")
