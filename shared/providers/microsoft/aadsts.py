"""Converts Microsoft's sign-in errors to errors: by AADSTS code, else by OAuth error.

Codes: Microsoft Entra authentication and authorization error codes; errors: RFC 6749, 5.2, and
OpenID Connect Core 1.0, 3.1.2.6.
"""

import re
from collections.abc import Mapping
from typing import Any

from shared.domain.connection import ProblemCode
from shared.domain.errors import (
    CredentialInvalid,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.providers.codes import code

MISCONFIGURED = frozenset(
    {
        7000215,  # the client secret is wrong
        7000222,  # the client secret has expired
        7000218,  # the client secret is missing
        7000216,  # the client assertion or secret is missing
        700016,  # the application is not known in the directory
        70001,  # the application is not known
        70002,  # the client credentials are invalid
        700054,  # the response type is not enabled for the application
        70011,  # a scope does not exist
        50011,  # the redirect address is not registered
        500113,  # no redirect address is registered
        50194,  # the application is not multi-tenant, yet used at /common
        500011,  # the resource is not known in the directory
        65005,  # the application requests a permission it has not registered
        900144,  # a parameter is missing
        90002,  # the tenant of the authority does not exist
        9002313,  # the request is malformed
    }
)
"""The stack is misconfigured: its operator must fix it. Connections are not affected."""

TRANSIENT = frozenset(
    {
        90033,  # temporarily unavailable
        90006,  # an upstream server asks for a retry
        90024,  # Microsoft's own request budget is exceeded
        90012,  # timed out
        50087,  # a token service is failing
        50053,  # the account is locked for a while
        50196,  # too many equal requests in a row
    }
)
"""Transient: the same request may succeed a little later."""

NEEDS_RECONNECT = frozenset(
    {
        70000,  # the grant is invalid
        70008,  # the refresh token or code has expired
        700081,  # the refresh token has reached its maximum age
        700082,  # the refresh token has expired for inactivity
        700084,  # the refresh token of a single-page application has expired
        70043,  # the refresh token is older than the sign-in frequency allows
        54005,  # the code was already redeemed
        50173,  # the grant was revoked, for example by a new password
        50132,  # the session was revoked
        50133,  # the session ended with the password
        50055,  # the password has expired
        50144,  # the password in the local directory has expired
        50020,  # the user is not in this directory
        50034,  # the user does not exist
        500341,  # the user was deleted
        51004,  # the user is no longer in the directory
        50072,  # must register for multi-factor authentication
        50074,  # must pass multi-factor authentication
        50076,  # must pass multi-factor authentication, by a policy or in a new location
        50078,  # must pass multi-factor authentication, the last one is too old
        50079,  # must register for multi-factor authentication, by a policy or in a new location
        50158,  # must pass an external challenge
        53004,  # must register proof of identity first
    }
)
"""Only the user can fix this, by connecting again."""

NEEDS_CONSENT = frozenset(
    {
        65001,  # has not consented, or has withdrawn consent
        65004,  # declined to consent
    }
)
"""The user has not granted access to the calendar."""

NEEDS_ADMINISTRATOR = frozenset(
    {
        7000112,  # the application is disabled in the user's organization
        500014,  # the service principal of Graph is disabled in it
        650052,  # it has not subscribed to a requested service
        5000224,  # the organization is blocked
        50057,  # the account is disabled
        500571,  # the guest account is disabled
        50105,  # is not assigned to the application
        90094,  # an administrator must consent
        90095,  # an administrator must consent; the user has asked
        900941,  # an administrator must consent: the application is a risk
        53000,  # conditional access: the device does not comply
        53001,  # the device is not joined
        53002,  # the application is not approved
        53003,  # access is blocked
        530003,  # the device must be managed
        530032,  # the organization's policy blocks it
        530034,  # an administrator blocked it
    }
)
"""An administrator of the user's organization must fix this. Other organizations are not affected.
"""

_ERRORS: Mapping[str, type[ProviderFailure]] = {
    "invalid_client": ProviderMisconfigured,
    "unauthorized_client": ProviderMisconfigured,
    "invalid_request": ProviderMisconfigured,
    "invalid_scope": ProviderMisconfigured,
    "unsupported_grant_type": ProviderMisconfigured,
    "invalid_resource": ProviderMisconfigured,
    "invalid_grant": CredentialInvalid,
    "interaction_required": CredentialInvalid,
    "consent_required": CredentialInvalid,
    "login_required": CredentialInvalid,
    "access_denied": CredentialInvalid,
}
_CODE = re.compile(r"AADSTS(\d{4,8})")


def failure(payload: Mapping[str, Any]) -> ProviderFailure:
    """Return the error for an error response of the token endpoint; unknown ones are transient.

    With several codes, a code the user cannot fix takes precedence, so that the connection stays.
    """
    codes, error = _codes(payload), str(payload.get("error", ""))
    message = f"Microsoft rejected the request: {code(error) or 'no reason'}" + "".join(
        f", AADSTS{c}" for c in codes
    )
    found = frozenset(codes)
    error_type = _type(found) or _ERRORS.get(error, ProviderUnavailable)
    return error_type(f"{message}.", problem=_problem(found))


def _type(codes: frozenset[int]) -> type[ProviderFailure] | None:
    if codes & MISCONFIGURED:
        return ProviderMisconfigured
    if codes & TRANSIENT:
        return ProviderUnavailable
    of_user = NEEDS_RECONNECT | NEEDS_CONSENT | NEEDS_ADMINISTRATOR
    return CredentialInvalid if codes & of_user else None


def _problem(codes: frozenset[int]) -> ProblemCode | None:
    """Return what is wrong; None for the problem that the type of the error implies."""
    if codes & (MISCONFIGURED | TRANSIENT):
        return None
    if codes & NEEDS_ADMINISTRATOR:
        return ProblemCode.ADMIN_REQUIRED
    return ProblemCode.NEEDS_CONSENT if codes & NEEDS_CONSENT else None


def _codes(payload: Mapping[str, Any]) -> list[int]:
    listed = payload.get("error_codes")
    if isinstance(listed, list) and listed:
        return [each for each in listed if isinstance(each, int)]
    return [int(each) for each in _CODE.findall(str(payload.get("error_description", "")))]
