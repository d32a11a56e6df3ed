"""What Microsoft's sign-in errors mean: whose move it is, by AADSTS code, else by OAuth error.

Codes: Microsoft Entra authentication and authorization error codes; errors: RFC 6749, 5.2, and
OpenID Connect Core 1.0, 3.1.2.6.
"""

import re
from collections.abc import Mapping
from typing import Any

from shared.domain.errors import (
    CredentialDead,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.providers.codes import code

OUR_FAULT = frozenset(
    {
        7000215,  # the client secret is wrong
        7000222,  # the client secret has expired
        7000218,  # the client secret is missing
        7000216,  # the client assertion or secret is missing
        7000112,  # the application is disabled
        700016,  # the application is not known in the directory
        70001,  # the application is not known
        70002,  # the client credentials do not hold
        700054,  # the response type is not enabled for the application
        70011,  # a scope does not exist
        50011,  # the return address is not registered
        500113,  # no return address is registered
        50194,  # the application is not multi-tenant, yet used at /common
        500011,  # the resource is not known in the directory
        650052,  # the organization lacks a service principal for a resource asked for
        65005,  # the application asks for what it has not registered
        900144,  # a parameter is missing
        90002,  # the tenant of the authority does not exist
        9002313,  # the request is malformed
    }
)
"""Nobody's connection is to blame: whoever runs the stack must mend it."""

PASSING = frozenset(
    {
        90033,  # temporarily unavailable
        90006,  # a server behind it asks to retry
        90024,  # over its own budget
        90012,  # timed out
        50087,  # a token service is failing
        50053,  # the account is locked for a while
        50196,  # too many equal requests in a row
    }
)
"""The same request may succeed a little later."""

USERS_MOVE = frozenset(
    {
        70000,  # the grant does not hold
        70008,  # the refresh token or code has expired
        700081,  # the refresh token has reached its greatest age
        700082,  # the refresh token has expired for inactivity
        700084,  # the refresh token of a single-page application has expired
        70043,  # the refresh token is over the sign-in frequency
        54005,  # the code was redeemed already
        50173,  # the grant was revoked, as by a new password
        50132,  # the session was revoked
        50133,  # the session ended with the password
        50055,  # the password has expired
        50144,  # the password in the local directory has expired
        50057,  # the account is disabled
        50020,  # the user is not of this directory
        50034,  # the user does not exist
        500341,  # the user was deleted
        51004,  # the user is not in the directory any more
        50072,  # must register for multi-factor authentication
        50074,  # must pass multi-factor authentication
        50076,  # likewise, by a policy or a new place
        50078,  # likewise, the last one is too old
        50079,  # must register for it, by a policy or a new place
        50105,  # is not assigned to the application
        50158,  # must pass an external challenge
        65001,  # has not consented, or not any more
        65004,  # declined to consent
        90094,  # an administrator must consent
        53000,  # conditional access: the device does not comply
        53001,  # the device is not joined
        53002,  # the application is not approved
        53003,  # access is blocked
        53004,  # must prove themselves first
        530032,  # the organization's policy blocks it
        530034,  # an administrator blocked it
    }
)
"""Only the user, by connecting anew, can mend that."""

_ERRORS: Mapping[str, type[ProviderFailure]] = {
    "invalid_client": ProviderMisconfigured,
    "unauthorized_client": ProviderMisconfigured,
    "invalid_request": ProviderMisconfigured,
    "invalid_scope": ProviderMisconfigured,
    "unsupported_grant_type": ProviderMisconfigured,
    "invalid_resource": ProviderMisconfigured,
    "invalid_grant": CredentialDead,
    "interaction_required": CredentialDead,
    "consent_required": CredentialDead,
    "login_required": CredentialDead,
    "access_denied": CredentialDead,
}
_CODE = re.compile(r"AADSTS(\d{4,8})")


def failure(told: Mapping[str, Any]) -> ProviderFailure:
    """Return what an error answer of the token endpoint means; what is unknown passes.

    Where several codes are told, one that is not the user's to mend disconnects nobody.
    """
    codes, error = _codes(told), str(told.get("error", ""))
    what = f"Microsoft refused: {code(error) or 'no reason'}" + "".join(
        f", AADSTS{c}" for c in codes
    )
    kind = _kind(frozenset(codes)) or _ERRORS.get(error, ProviderUnavailable)
    return kind(f"{what}.")


def _kind(codes: frozenset[int]) -> type[ProviderFailure] | None:
    if codes & OUR_FAULT:
        return ProviderMisconfigured
    if codes & PASSING:
        return ProviderUnavailable
    return CredentialDead if codes & USERS_MOVE else None


def _codes(told: Mapping[str, Any]) -> list[int]:
    listed = told.get("error_codes")
    if isinstance(listed, list) and listed:
        return [each for each in listed if isinstance(each, int)]
    return [int(each) for each in _CODE.findall(str(told.get("error_description", "")))]
