"""Reads the identity of the signed-in user from an id token.

The signature is not checked: the token came directly from the token endpoint over TLS (OpenID
Connect Core 1.0, 3.1.3.7). msal has compared the nonce.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import CodeRejected


@dataclass(frozen=True, slots=True)
class Identity:
    """A Microsoft account. `account` is unique and never changes; `email` is unverified."""

    account: str
    email: str


def identity(claims: Any, *, client_id: str, issuer: str) -> Identity:
    """Return the identity: tenant and object id, because an address can pass to another user.

    `issuer` is the authority's; `{tenantid}` in it is replaced by the user's tenant.

    Raises:
        CodeRejected: the token is for another client or from another issuer.
    """
    if not isinstance(claims, Mapping):
        raise CodeRejected("Microsoft returned no id token. Connect again.")
    tenant, user = _claim(claims, "tid"), _claim(claims, "oid")
    if claims.get("iss") != issuer.replace("{tenantid}", tenant):
        raise CodeRejected("Microsoft's id token has an unexpected issuer. Connect again.")
    if claims.get("aud") not in (client_id, [client_id]):
        raise CodeRejected("Microsoft's id token is for another service. Connect again.")
    email = claims.get("email") or claims.get("preferred_username")
    if not isinstance(email, str) or not email:
        raise CodeRejected("Microsoft's id token has no e-mail address. Connect again.")
    return Identity(account=f"{tenant}:{user}", email=email)


def _claim(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise CodeRejected(f"Microsoft's id token has no claim {name}. Connect again.")
    return value
